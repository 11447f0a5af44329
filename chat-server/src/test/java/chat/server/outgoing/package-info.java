/** Tests of what keeps calls to other servers within bounds. */
package chat.server.outgoing;
