package chat.engine;

import chat.engine.event.ChatEvent;

/**
 * A listener that takes events as bytes, as its {@link EventEncoder} makes them. An event is
 * encoded once per node and encoder, however many sessions receive it; so all listeners should
 * share one encoder. They all get the same array: do not change it.
 */
public interface EncodedChatListener extends ChatListener {
  /** What encodes the events; the same object for every call. */
  EventEncoder encoder();

  void onEvent(ChatSession session, ChatEvent event, byte[] encoded);

  /** Encodes the event for this listener alone. */
  @Override
  default void onEvent(ChatSession session, ChatEvent event) {
    onEvent(session, event, encoder().encode(event));
  }
}
