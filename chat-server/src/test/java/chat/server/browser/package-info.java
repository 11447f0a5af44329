/** Tests of what only the package itself can see. */
package chat.server.browser;
