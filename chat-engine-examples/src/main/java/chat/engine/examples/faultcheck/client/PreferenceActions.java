package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A user mutes, archives, pins and marks as unread, on one device, on another, or on both at the
 * same time. Runs on the client's thread.
 */
final class PreferenceActions {
  private static final List<String> FIELDS = List.of("muted", "archived", "pinned", "unread");
  private static final long MUTED_FROM = Instant.parse("2100-01-01T00:00:00Z").toEpochMilli();

  /** So far behind the newest message. */
  private static final int LATEST = 8;

  private final Client client;
  private final Random random;

  PreferenceActions(Client client, Random random) {
    this.client = client;
    this.random = random;
  }

  void next(DeviceSession session, @Nullable Long conversation) {
    if (conversation == null) {
      return;
    }
    CompletableFuture<Outcome> outcome = CompletableFuture.completedFuture(Outcome.OK);
    int dice = random.nextInt(5);
    if (dice < 3) {
      String field = field();
      outcome =
          session
              .calls()
              .prefer(
                  conversation,
                  field,
                  value(field, conversation),
                  version -> client.memory().prefers(conversation, version, false));
    }
    if (dice > 1) {
      client.elsewhere(
          (calls, wire) -> {
            String field = field();
            Client.await(
                calls.prefer(conversation, field, value(field, conversation), version -> {}), wire);
          });
    }
    Client.await(outcome, session.wire());
  }

  private String field() {
    return FIELDS.get(random.nextInt(FIELDS.size()));
  }

  private String value(String field, long conversation) {
    long last = client.memory().seq(conversation);
    if (random.nextInt(3) == 0 || (field.equals("unread") && last == 0)) {
      return "-";
    }
    return switch (field) {
      case "muted" -> String.valueOf(MUTED_FROM + random.nextInt(1_000_000));
      case "unread" -> String.valueOf(Math.max(1, last - random.nextInt(LATEST)));
      default -> "on";
    };
  }
}
