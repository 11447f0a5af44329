package chat.engine.postgres.message;

import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.SlowModeRows;
import chat.engine.postgres.row.Writer;
import chat.engine.spi.SlowMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The senders of a phase who have to wait between two sends, because their groups are in slow mode.
 * Their conversations are locked, so of two sends at the same time one is the first. Where nobody
 * has to wait, no statement is executed.
 */
final class SlowSenders {
  private final Map<MemberKey, Duration> paces = new HashMap<>();
  private final Map<MemberKey, Instant> last = new HashMap<>();
  private final Map<MemberKey, Instant> sent = new HashMap<>();

  /** Takes those of the senders that it concerns. */
  void lookUp(Connection connection, Map<MemberKey, Writer> senders) throws SQLException {
    senders.forEach(
        (key, sender) -> {
          if (!sender.slowMode().isZero() && SlowMode.concerns(sender.role())) {
            paces.put(key, sender.slowMode());
          }
        });
    if (!paces.isEmpty()) {
      last.putAll(SlowModeRows.read(connection, paces.keySet()));
    }
  }

  boolean concerns(MemberKey sender) {
    return paces.containsKey(sender);
  }

  /**
   * Sends, if the sender need not wait.
   *
   * @return how long they have to wait still; zero if they have sent
   */
  Duration take(MemberKey sender, Instant now) {
    Duration pace = paces.get(sender);
    if (pace == null) {
      return Duration.ZERO;
    }
    Duration wait = SlowMode.remaining(pace, last.get(sender), now);
    if (wait.isZero()) {
      last.put(sender, now);
      sent.put(sender, now);
    }
    return wait;
  }

  /** Writes down who has sent. */
  void save(Connection connection) throws SQLException {
    if (!sent.isEmpty()) {
      SlowModeRows.write(connection, sent);
    }
  }
}
