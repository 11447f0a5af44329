package chat.engine.internal.session;

import chat.engine.ChatListener;
import chat.engine.ConversationKind;
import chat.engine.EncodedChatListener;
import chat.engine.EventEncoder;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.internal.runtime.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way to the sessions of this node: one object shared by all of them, so that it is
 * encoded at most once. Thread-safe.
 */
public final class SharedEvent implements DeliveryQueue.Item {
  private static final int BASE_WEIGHT = 256;

  private final ChatEvent event;
  private final @Nullable ConversationKind kind;
  private final @Nullable EventEncoder encoder;
  private final Metrics metrics;
  private byte @Nullable [] encoded;

  /**
   * @param kind of the conversation of a message; null for other events
   */
  SharedEvent(
      ChatEvent event,
      @Nullable ConversationKind kind,
      @Nullable EventEncoder encoder,
      Metrics metrics) {
    this.event = event;
    this.kind = kind;
    this.encoder = encoder;
    this.metrics = metrics;
  }

  ChatEvent event() {
    return event;
  }

  @Nullable ConversationKind kind() {
    return kind;
  }

  /**
   * About the bytes that it holds in memory while it waits; counted in full for each session that
   * it waits for.
   */
  int weight() {
    return event instanceof MessageReceived received
        ? BASE_WEIGHT + 2 * received.message().text().length()
        : BASE_WEIGHT;
  }

  void deliverTo(ChatListener listener) {
    if (encoder != null && listener instanceof EncodedChatListener wired) {
      wired.onEvent(event, encoded(encoder));
    } else {
      listener.onEvent(event);
    }
  }

  private synchronized byte[] encoded(EventEncoder wire) {
    byte[] bytes = encoded;
    if (bytes == null) {
      bytes = wire.encode(event);
      encoded = bytes;
      metrics.count(Metrics.Counter.ENCODES);
    }
    return bytes;
  }
}
