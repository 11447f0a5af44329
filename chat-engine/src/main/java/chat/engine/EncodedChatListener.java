package chat.engine;

import chat.engine.event.ChatEvent;

/**
 * A listener that takes events in the form that its {@link EventEncoder} gives them. An event is
 * encoded once per node and encoder, however many sessions receive it; so all listeners should
 * share one encoder. They all get the same object: do not change it.
 *
 * @param <T> the form of an encoded event
 */
public interface EncodedChatListener<T> extends ChatListener {
  /** What encodes the events; the same object for every call. */
  EventEncoder<T> encoder();

  void onEvent(ChatSession session, ChatEvent event, T encoded);

  /** Encodes the event for this listener alone. */
  @Override
  default void onEvent(ChatSession session, ChatEvent event) {
    onEvent(session, event, encoder().encode(event));
  }
}
