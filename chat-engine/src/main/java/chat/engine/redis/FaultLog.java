package chat.engine.redis;

import chat.engine.redis.link.RedisFailure;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Says once what is wrong with Redis: one WARN for each cause, again after {@link #REPEAT} at the
 * earliest, with how often it happened meanwhile; and one INFO when the link works again.
 * Thread-safe.
 */
final class FaultLog {
  static final Duration REPEAT = Duration.ofSeconds(30);
  private static final int MAX_CAUSES = 32;

  private static final class Cause {
    private long saidNanos;
    private int unsaid;
  }

  private final Logger log;
  private final LongSupplier nanoTime;
  private final Map<String, Cause> causes = new LinkedHashMap<>();
  private boolean toldOfFault;

  FaultLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  void failed(RedisFailure failure) {
    log.debug("Redis failed", failure);
    warn(failure.code(), "the link to Redis does not work: " + failure.getMessage());
  }

  /**
   * @param cause what throttles the message together with others of the same cause
   */
  synchronized void warn(String cause, String message) {
    Cause known = causes.get(cause);
    long now = nanoTime.getAsLong();
    if (known != null && now - known.saidNanos < REPEAT.toNanos()) {
      known.unsaid++;
      return;
    }
    if (known == null) {
      if (causes.size() >= MAX_CAUSES) {
        causes.clear();
      }
      known = new Cause();
      causes.put(cause, known);
    }
    if (known.unsaid == 0) {
      log.warn("{}", message);
    } else {
      log.warn("{} ({} times more since this was said last)", message, known.unsaid);
    }
    known.saidNanos = now;
    known.unsaid = 0;
    toldOfFault = true;
  }

  synchronized void works() {
    if (toldOfFault) {
      toldOfFault = false;
      log.info("the link to Redis works again");
    }
  }
}
