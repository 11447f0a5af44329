/**
 * Proves what a chat-server promises to the world outside of it: to those who receive its webhooks,
 * and of the bots that others answer for. Stateless, runs on the caller's thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.check.outside;

import org.jspecify.annotations.NullMarked;
