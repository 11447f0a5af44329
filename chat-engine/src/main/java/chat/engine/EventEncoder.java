package chat.engine;

import chat.engine.event.ChatEvent;

/**
 * Turns an event into what the application sends over its wire: bytes, a text, a frame of a
 * library. Called concurrently; must not block. An event for which it throws or returns null is
 * missed by the listeners of this encoder, as if they had thrown; others get it.
 *
 * @param <T> immutable, or never changed once it was given: many sessions share it
 */
@FunctionalInterface
public interface EventEncoder<T> {
  T encode(ChatEvent event);
}
