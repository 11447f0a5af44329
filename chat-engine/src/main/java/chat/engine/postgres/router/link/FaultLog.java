package chat.engine.postgres.router.link;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Says once what is wrong with the link to PostgreSQL: one WARN for each cause, again after {@link
 * #REPEAT} at the earliest, with how often it happened meanwhile; and one INFO when the link works
 * again. Thread-safe.
 */
public final class FaultLog {
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

  public FaultLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  public void failed(LinkFailure failure) {
    log.debug("the link to PostgreSQL failed", failure);
    warn(failure.code(), "the link to PostgreSQL does not work: " + failure.getMessage());
  }

  /**
   * @param cause what throttles the message together with others of the same cause
   */
  public synchronized void warn(String cause, String message) {
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

  public synchronized void works() {
    if (toldOfFault) {
      toldOfFault = false;
      log.info("the link to PostgreSQL works again");
    }
  }
}
