/** Tests of the wire protocol: frames in, frames out, over a socket that is a list. */
package chat.engine.protocol;
