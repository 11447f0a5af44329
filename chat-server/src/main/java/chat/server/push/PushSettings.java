package chat.server.push;

import chat.server.config.IntegrationsFile;
import chat.server.config.IntegrationsFile.Entry;
import chat.server.outgoing.WebhookSignature;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How users are told. Immutable.
 *
 * @param delay from a message to its notification, in which it may be read elsewhere
 * @param silence after which a connection that says nothing is closed
 * @param hidesContent whether no device is sent any text or name
 * @param contact of the operator, for those who run push services
 * @param privateAddresses whether browsers may name any address as their push service
 * @param webhook for devices of that kind; null if there is none
 */
public record PushSettings(
    Duration delay,
    Duration silence,
    boolean hidesContent,
    String contact,
    boolean privateAddresses,
    @Nullable Webhook webhook) {
  private static final Set<String> FIELDS =
      Set.of("url", "secret", "secret_env", "deadline_seconds");
  private static final int DEADLINE_SECONDS = 10;

  /** Where the operator takes notifications. */
  public record Webhook(URI url, WebhookSignature signature, Duration deadline) {}

  /**
   * @return null if the file has none
   * @throws IllegalArgumentException with a sentence that names what is wrong
   */
  public static @Nullable Webhook webhook(IntegrationsFile file) {
    List<Entry> entries = file.entries("push");
    if (entries.isEmpty()) {
      return null;
    }
    Entry entry = entries.get(0);
    if (entries.size() > 1) {
      throw entry.wrong("there can be one only");
    }
    return entry.read(
        FIELDS,
        () ->
            new Webhook(
                entry.url("url"),
                signature(entry),
                Duration.ofSeconds(entry.number("deadline_seconds", DEADLINE_SECONDS, 1, 60))));
  }

  private static WebhookSignature signature(Entry entry) {
    String secret = entry.requiredSecret();
    try {
      return new WebhookSignature(secret);
    } catch (IllegalArgumentException wrong) {
      throw entry.wrong(String.valueOf(wrong.getMessage()));
    }
  }
}
