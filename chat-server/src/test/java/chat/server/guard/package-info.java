/** Tests of the WebSocket endpoint over real sockets, with well-behaved and with rude clients. */
package chat.server.guard;
