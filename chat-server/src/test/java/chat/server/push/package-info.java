/** Tests of the parts of push notifications that need no server. */
package chat.server.push;
