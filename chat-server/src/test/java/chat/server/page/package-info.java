/** Tests of the page at {@code /}, in a real browser. */
package chat.server.page;
