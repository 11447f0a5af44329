package chat.server.security;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts security events and writes them to the log with the address they came from: never a name,
 * a password or a token, and at most so many lines a minute of each kind, whatever an attacker
 * does. Thread-safe; does not block.
 */
public final class SecurityEvents {
  private static final Logger log = LoggerFactory.getLogger(SecurityEvents.class);
  static final int LINES_A_MINUTE = 20;

  private final Map<SecurityEvent, Kind> kinds = new EnumMap<>(SecurityEvent.class);

  private static final class Kind {
    final Counter counter;
    private long minuteNanos = System.nanoTime(); // guarded by this
    private int lines; // guarded by this

    Kind(Counter counter) {
      this.counter = counter;
    }

    /**
     * @return how many lines are left out from now on: 0 to write one, 1 to write the last one, 2
     *     for none
     */
    synchronized int line() {
      long now = System.nanoTime();
      if (now - minuteNanos > TimeUnit.MINUTES.toNanos(1)) {
        minuteNanos = now;
        lines = 0;
      }
      lines = Math.min(lines + 1, LINES_A_MINUTE + 1);
      return lines < LINES_A_MINUTE ? 0 : lines == LINES_A_MINUTE ? 1 : 2;
    }
  }

  public SecurityEvents(MeterRegistry meters) {
    for (SecurityEvent event : SecurityEvent.values()) {
      Counter counter =
          Counter.builder("chat.security.events")
              .description("What an attacker may have caused")
              .tag("event", event.label())
              .register(meters);
      kinds.put(event, new Kind(counter));
    }
  }

  /**
   * @param address of the client
   */
  public void happened(SecurityEvent event, String address) {
    Kind kind = kinds.get(event);
    if (kind == null) {
      throw new IllegalArgumentException(event.toString());
    }
    kind.counter.increment();
    switch (kind.line()) {
      case 0 -> log.info("{}; from {}", event.words(), address);
      case 1 ->
          log.info(
              "{}; from {}; more of these within a minute are counted only",
              event.words(),
              address);
      default -> {} // counted
    }
  }
}
