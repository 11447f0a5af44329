/**
 * Lets WebSocket connections in and hands them to {@link chat.engine.protocol}, with the verbs of
 * {@code chat.server.verbs}. Text is taken on event loops, which never block: what needs the
 * database runs on the server's blocking threads.
 */
@NullMarked
package chat.server.wire;

import org.jspecify.annotations.NullMarked;
