package chat.engine;

import chat.engine.event.ChatEvent;

/**
 * Turns an event into what the application sends over its wire: bytes, a text, a frame of a
 * library. Called concurrently; must not block.
 *
 * @param <T> immutable, or never changed once it was given: many sessions share it
 */
@FunctionalInterface
public interface EventEncoder<T> {
  T encode(ChatEvent event);
}
