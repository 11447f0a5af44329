package chat.engine.internal.runtime;

import java.util.Map;
import java.util.Objects;

/** What a test asks the metrics for, by name. */
public final class MetricValues {
  private MetricValues() {}

  /** Of a counter or gauge, which has to be there. */
  public static long of(Metrics metrics, String name) {
    Map<String, Long> counters = metrics.counters();
    Map<String, Long> all = counters.containsKey(name) ? counters : metrics.gauges();
    return Objects.requireNonNull(all.get(name), name);
  }
}
