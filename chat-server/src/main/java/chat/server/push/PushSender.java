package chat.server.push;

import chat.server.push.device.Push;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/**
 * Sends notifications to one kind of device. Implementations are thread-safe. {@link
 * java.util.ServiceLoader} finds further ones on the class path, for push services that this server
 * does not know.
 */
public interface PushSender {
  /** What devices of this kind register as. */
  String kind();

  /**
   * The token of a device that registers.
   *
   * @param token as the client sent it, any JSON but null
   * @return as it is to be kept and given to {@link #send}
   * @throws IllegalArgumentException if it cannot be one; the message is for the client
   */
  String accept(JsonNode token);

  /**
   * Sends a notification. Must not block: other devices wait meanwhile.
   *
   * @return completes within some seconds; if it fails, so has the delivery
   */
  CompletableFuture<Outcome> send(Push push);

  /** Whether these devices can be told something without showing it to their users. */
  default boolean tellsInSilence() {
    return false;
  }

  /**
   * Sends what must not be shown: the badge alone. Called only if {@link #tellsInSilence};
   * otherwise as {@link #send(Push)}.
   */
  default CompletableFuture<Outcome> send(ReadElsewhere read) {
    throw new UnsupportedOperationException("devices of the kind " + kind() + " show everything");
  }

  /** What became of a notification. */
  sealed interface Outcome {
    /** The push service has it. */
    record Delivered() implements Outcome {}

    /** The push service does not know the device any more: its registration ends. */
    record Gone() implements Outcome {}

    /**
     * Not now.
     *
     * @param after when to try again
     */
    record Later(Duration after) implements Outcome {}
  }
}
