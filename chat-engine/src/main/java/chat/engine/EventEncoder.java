package chat.engine;

import chat.engine.event.ChatEvent;

/**
 * Turns an event into the bytes of the application's wire, JSON for example. Called concurrently;
 * must not block.
 */
@FunctionalInterface
public interface EventEncoder {
  byte[] encode(ChatEvent event);
}
