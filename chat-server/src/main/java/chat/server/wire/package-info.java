/**
 * The chat protocol over WebSocket: JSON on one side, engine sessions on the other. Text is taken
 * on event loops, which never block: what needs the database runs on the server's blocking threads.
 */
@NullMarked
package chat.server.wire;

import org.jspecify.annotations.NullMarked;
