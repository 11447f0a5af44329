/**
 * WebSocket connections by the thousand: event loops with a selector and a thread each, on top of
 * Java-WebSocket's handshake and framing. Knows nothing of chat: text comes in, frames go out.
 * Listeners run on the event loop of their connection and must not block; everything else may be
 * called from any thread.
 */
@NullMarked
package chat.server.ws;

import org.jspecify.annotations.NullMarked;
