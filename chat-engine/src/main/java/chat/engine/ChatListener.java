package chat.engine;

import chat.engine.event.ChatEvent;

/**
 * Receives the events of one session: in order, one at a time, on a thread of the engine.
 *
 * <p>Return quickly. A listener that blocks delays only its own session, costs a thread, and once
 * the session's byte budget is used up its live stream is cut with {@link
 * chat.engine.event.Resync}. To apply back-pressure without blocking use {@link
 * ChatSession#pause()}. What it throws is logged and the next event is delivered all the same.
 */
@FunctionalInterface
public interface ChatListener {
  void onEvent(ChatEvent event);
}
