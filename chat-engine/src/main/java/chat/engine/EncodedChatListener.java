package chat.engine;

import chat.engine.event.ChatEvent;

/**
 * A listener that takes the event in the form that the engine's {@link EventEncoder} gave it. An
 * event is encoded once on each node, however many sessions receive it, and all of them get the
 * same array: do not change it.
 */
public interface EncodedChatListener extends ChatListener {
  void onEvent(ChatEvent event, byte[] encoded);

  /** Called instead where the engine was built without an encoder. */
  @Override
  default void onEvent(ChatEvent event) {
    throw new IllegalStateException(
        "the engine of an EncodedChatListener needs an encoder: ChatEngine.Builder.encoder");
  }
}
