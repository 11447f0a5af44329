package chat.engine.internal.runtime;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The {@linkplain Limit limits} of an engine, and which parts of it are on. Immutable. */
public final class EngineOptions {
  /** Those that were set; times in nanoseconds. */
  private final Map<Limit, Long> changed;

  private final boolean search;
  private final boolean editHistory;
  private final @Nullable Supplier<Optional<Duration>> retention;

  private EngineOptions(
      Map<Limit, Long> changed,
      boolean search,
      boolean editHistory,
      @Nullable Supplier<Optional<Duration>> retention) {
    this.changed = changed;
    this.search = search;
    this.editHistory = editHistory;
    this.retention = retention;
  }

  /** What holds unless it is changed. */
  public static EngineOptions defaults() {
    return new EngineOptions(Map.of(), false, false, null);
  }

  /**
   * @throws IllegalArgumentException if the value is not above zero
   */
  public EngineOptions with(Limit limit, int value) {
    return set(limit, value, false);
  }

  /**
   * @throws IllegalArgumentException if the time is not above zero
   */
  public EngineOptions with(Limit limit, Duration value) {
    return set(limit, value.toNanos(), true);
  }

  private EngineOptions set(Limit limit, long value, boolean isTime) {
    requireKind(limit, isTime);
    if (value <= 0) {
      throw new IllegalArgumentException(
          limit.settingName() + " must be above zero, not " + value + (isTime ? " ns" : ""));
    }
    Map<Limit, Long> next = new EnumMap<>(Limit.class);
    next.putAll(changed);
    next.put(limit, value);
    return new EngineOptions(next, search, editHistory, retention);
  }

  /** With search in messages, or without. */
  public EngineOptions withSearch(boolean on) {
    return new EngineOptions(changed, on, editHistory, retention);
  }

  /** Whether there is search in messages. */
  public boolean search() {
    return search;
  }

  /** With a history of edits, or without. */
  public EngineOptions withEditHistory(boolean on) {
    return new EngineOptions(changed, search, on, retention);
  }

  /** Whether edits keep what they replace. */
  public boolean editHistory() {
    return editHistory;
  }

  /** With a time for which messages are kept, asked for in each round. */
  public EngineOptions withRetention(Supplier<Optional<Duration>> source) {
    return new EngineOptions(changed, search, editHistory, source);
  }

  /** How long messages are kept; null, or an empty answer, for always. */
  public @Nullable Supplier<Optional<Duration>> retention() {
    return retention;
  }

  /** A limit that is a number. */
  public int count(Limit limit) {
    requireKind(limit, false);
    return (int) value(limit);
  }

  /** A limit that is a time. */
  public Duration time(Limit limit) {
    requireKind(limit, true);
    return Duration.ofNanos(value(limit));
  }

  private long value(Limit limit) {
    return changed.getOrDefault(limit, limit.initial());
  }

  private static void requireKind(Limit limit, boolean isTime) {
    if (limit.isTime() != isTime) {
      throw new IllegalArgumentException(limit + (isTime ? " is no time" : " is a time"));
    }
  }

  /** Shows each limit as a gauge. */
  public void show(Metrics metrics) {
    for (Limit limit : Limit.values()) {
      long value = limit.isTime() ? time(limit).toMillis() : count(limit);
      metrics.gauge(limit.gaugeName(), () -> value);
    }
  }
}
