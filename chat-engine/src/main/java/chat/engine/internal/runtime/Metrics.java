package chat.engine.internal.runtime;

import chat.engine.Message;
import chat.engine.hook.EngineTimings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Counters since the start of the engine, and gauges, by name. All counters are there from the
 * start, at 0. What an answer tells is counted before the answer is given. Thread-safe.
 */
public final class Metrics {
  /** Each is called by its name in lower case. */
  public enum Counter {
    COMMITS,
    MESSAGES_COMMITTED,
    DUPLICATES,
    SENDS_FAILED,
    BATCHES_HALVED,
    COMMITS_IN_DOUBT,
    DELIVERED,
    ENCODES,
    RESYNCS,
    EPHEMERAL_DROPPED,
    LISTENER_FAULTS,
    EXECUTOR_FALLBACKS,
    SESSIONS_TOO_SLOW,
    SESSIONS_REFUSED,
    FEED_REPAIRS,
    FEED_OVERFLOWS,
    MESSAGES_EXPIRED,
    COMPARISONS,
    FORGOTTEN_PUBLICATIONS,
    ENVELOPES_PUBLISHED,
    ENVELOPES_RECEIVED,
    ENVELOPES_DROPPED,
    ENVELOPES_UNKNOWN,
    ENVELOPES_FOREIGN,
    HOOK_SENDS_REFUSED,
    HOOK_TIMEOUTS,
    HOOK_FAULTS,
    HOOK_CALLS_DROPPED
  }

  private final Map<Counter, LongAdder> counts = new EnumMap<>(Counter.class);
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

  private final EngineTimings timings;
  private final InstantSource clock;

  public Metrics(EngineTimings timings, InstantSource clock) {
    this.timings = timings;
    this.clock = clock;
    for (Counter counter : Counter.values()) {
      counts.put(counter, new LongAdder());
    }
  }

  public void count(Counter counter) {
    count(counter, 1);
  }

  public void count(Counter counter, long times) {
    Objects.requireNonNull(counts.get(counter)).add(times);
  }

  public void committed(int sends, long tookNanos) {
    count(Counter.COMMITS);
    timings.committed(sends, Duration.ofNanos(tookNanos));
  }

  /** Once an event, however many sessions get it. */
  public void delivering(Message message) {
    if (timings != EngineTimings.NONE) {
      timings.delivered(Duration.between(message.createdAt(), clock.instant()));
    }
  }

  public void gauge(String name, LongSupplier value) {
    gauges.put(name, value);
  }

  /** A copy, sorted by name. */
  public Map<String, Long> counters() {
    Map<String, Long> values = new TreeMap<>();
    counts.forEach(
        (counter, sum) -> values.put(counter.name().toLowerCase(Locale.ROOT), sum.sum()));
    return values;
  }

  /** What they show now, sorted by name. */
  public Map<String, Long> gauges() {
    Map<String, Long> values = new TreeMap<>();
    gauges.forEach((name, value) -> values.put(name, value.getAsLong()));
    return values;
  }
}
