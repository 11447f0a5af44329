package chat.engine.link;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Says once what is wrong with the link to a server: one WARN for each cause, however long it
 * lasts, and one INFO when the link works again. A cause that comes back is said again after {@link
 * #REPEAT} at the earliest, with how often it happened meanwhile. Thread-safe.
 */
public final class FaultLog {
  static final Duration REPEAT = Duration.ofSeconds(30);
  private static final int MAX_CAUSES = 32;

  private static final class Cause {
    private long saidNanos;
    private int unsaid;
    private long outage;
  }

  private final Logger log;
  private final String server;
  private final LongSupplier nanoTime;
  private final Map<String, Cause> causes = new LinkedHashMap<>();
  private boolean toldOfFault;

  /** Grows whenever the link works again. */
  private long outages;

  /**
   * @param server what the link leads to, such as {@code Redis}
   */
  public FaultLog(Logger log, String server, LongSupplier nanoTime) {
    this.log = log;
    this.server = server;
    this.nanoTime = nanoTime;
  }

  /**
   * @param cause equal for failures that are the same to a reader of the log
   */
  public void failed(String cause, RuntimeException failure) {
    log.debug("the link to {} failed", server, failure);
    warn(cause, "the link to " + server + " does not work: " + failure.getMessage());
  }

  /**
   * @param cause what throttles the message together with others of the same cause
   */
  public synchronized void warn(String cause, String message) {
    Cause known = causes.get(cause);
    long now = nanoTime.getAsLong();
    if (known != null
        && (now - known.saidNanos < REPEAT.toNanos() || (toldOfFault && known.outage == outages))) {
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
    known.outage = outages;
    toldOfFault = true;
  }

  /** As {@link #warn}, unless a fault was told that goes on, of which this can be a consequence. */
  public synchronized void warnUnlessKnown(String cause, String message) {
    if (!toldOfFault) {
      warn(cause, message);
    }
  }

  public synchronized void works() {
    if (toldOfFault) {
      toldOfFault = false;
      outages++;
      log.info("the link to {} works again", server);
    }
  }
}
