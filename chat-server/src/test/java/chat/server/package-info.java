/** Tests of a whole server, over real sockets and a real PostgreSQL. */
package chat.server;
