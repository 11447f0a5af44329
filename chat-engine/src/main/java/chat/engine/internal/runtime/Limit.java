package chat.engine.internal.runtime;

import chat.engine.ChatUser;
import chat.engine.EngineBuilder;
import java.time.Duration;
import java.util.Locale;

/**
 * What can be set on an engine, with what holds unless it is set. {@link EngineBuilder} has a
 * method for each, of the same name, which documents it.
 */
public enum Limit {
  MAX_TEXT_BYTES(16 * 1024),
  MAX_GROUP_MEMBERS(20_000),
  MAX_OPEN_REPORTS(200),
  MAX_BLOCKS(1_000),
  MAX_OWNED_GROUPS(1_000),
  MAX_SESSIONS_PER_USER(Integer.MAX_VALUE),
  MAX_SYNC_CONVERSATIONS(500),
  MAX_SYNC_CURSORS(20_000),
  MAX_MISSED_MESSAGES(100),
  ANSWER_BYTES(256 * 1024),
  MAX_USERS_PER_CALL(ChatUser.MAX_USERS),
  TYPING_TIMEOUT(Duration.ofSeconds(6)),
  SESSION_BUDGET_BYTES(1 << 20),
  STALLED_SESSION_TIMEOUT(Duration.ofSeconds(60)),
  LANES(Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()))),
  MAX_BATCH(512),
  LANE_CAPACITY(8_192),
  PRESENCE_GRACE(Duration.ofSeconds(10)),
  HOOK_DEADLINE(Duration.ofSeconds(2)),
  MAX_HOOK_CALLS(64),
  MAX_PENDING_HOOK_CALLS(8_192),
  MAX_PENDING_OBSERVATIONS(8_192),
  MAX_APPLICATION_THREADS(512),
  STORE_THREADS(4),
  MAX_PENDING_CALLS(16_384),
  SEND_TIMEOUT(Duration.ofSeconds(10)),
  TRANSACTION_IDLE_LIMIT(Duration.ofSeconds(5)),
  RETENTION_PERIOD(Duration.ofMinutes(10));

  private final long initial;
  private final boolean isTime;

  Limit(int initial) {
    this.initial = initial;
    this.isTime = false;
  }

  Limit(Duration initial) {
    this.initial = initial.toNanos();
    this.isTime = true;
  }

  /** A number, or nanoseconds. */
  long initial() {
    return initial;
  }

  boolean isTime() {
    return isTime;
  }

  /** As the method of the builder is called, such as {@code maxTextBytes}. */
  String settingName() {
    StringBuilder name = new StringBuilder();
    for (String word : name().split("_", -1)) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  /** The name of the gauge that shows it; times are in milliseconds. */
  public String gaugeName() {
    return "limit_" + name().toLowerCase(Locale.ROOT) + (isTime ? "_millis" : "");
  }
}
