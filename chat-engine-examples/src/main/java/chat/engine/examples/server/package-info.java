/**
 * How the examples start a chat-server and speak to it, over REST and WebSocket. Uses {@code local}
 * only. Calls block unless they return a future; events come on the connection's thread.
 */
@NullMarked
package chat.engine.examples.server;

import org.jspecify.annotations.NullMarked;
