/** Tests of the parts of conversations that need no server. */
package chat.server.conversations;
