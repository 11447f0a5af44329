package chat.server.webhooks;

import chat.server.config.IntegrationsFile;
import chat.server.config.IntegrationsFile.Entry;
import chat.server.outgoing.WebhookSignature;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * One outgoing webhook.
 *
 * @param name of its feed, behind {@code webhook:}
 * @param events the types that it is told
 * @param attempts after so many an entry is a dead letter
 */
record WebhookSettings(
    String name,
    URI url,
    WebhookSignature signature,
    Set<String> events,
    Duration deadline,
    int attempts) {
  private static final Set<String> EVENTS =
      Set.of("message", "message_edited", "message_deleted", "reaction", "conversation");

  static final Pattern NAME = Pattern.compile("[a-z0-9_.-]{1,48}");
  private static final Set<String> FIELDS =
      Set.of("name", "url", "secret", "secret_env", "events", "deadline_seconds", "attempts");
  private static final int DEADLINE_SECONDS = 10;

  /** Some seven minutes. */
  private static final int ATTEMPTS = 12;

  /**
   * @throws IllegalArgumentException with a sentence that names the entry and the field
   */
  static List<WebhookSettings> read(IntegrationsFile file) {
    List<WebhookSettings> webhooks = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Entry entry : file.entries("webhooks")) {
      WebhookSettings webhook = entry.read(FIELDS, () -> webhook(entry));
      if (!names.add(webhook.name())) {
        throw entry.wrong("name " + webhook.name() + " is there twice");
      }
      webhooks.add(webhook);
    }
    return webhooks;
  }

  private static WebhookSettings webhook(Entry entry) {
    String name = entry.text("name");
    if (!NAME.matcher(name).matches()) {
      throw entry.wrong("name must be 1 to 48 of a-z 0-9 _ . -");
    }
    Set<String> events = new HashSet<>();
    for (JsonNode event : entry.json().path("events")) {
      if (!EVENTS.contains(event.asString(""))) {
        throw entry.wrong(
            "events must be some of " + String.join(", ", EVENTS.stream().sorted().toList()));
      }
      events.add(event.asString());
    }
    return new WebhookSettings(
        name,
        entry.url("url"),
        entry.signature(),
        events.isEmpty() ? EVENTS : Set.copyOf(events),
        Duration.ofSeconds(entry.number("deadline_seconds", DEADLINE_SECONDS, 1, 60)),
        entry.number("attempts", ATTEMPTS, 1, 1_000));
  }

  String feed() {
    return "webhook:" + name;
  }
}
