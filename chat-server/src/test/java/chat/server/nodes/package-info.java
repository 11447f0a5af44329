/** Several servers behind one address, for tests. */
package chat.server.nodes;
