package chat.engine.core;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counters since the start of the engine, and gauges, by name. Thread-safe. */
final class Metrics {
  private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

  private final LongAdder delivered = counter("delivered");

  /** Events handed to listeners: the one counter on the hottest path. */
  LongAdder delivered() {
    return delivered;
  }

  LongAdder counter(String name) {
    return counters.computeIfAbsent(name, unused -> new LongAdder());
  }

  void gauge(String name, LongSupplier value) {
    gauges.put(name, value);
  }

  Map<String, Long> snapshot() {
    Map<String, Long> values = new TreeMap<>();
    counters.forEach((name, adder) -> values.put(name, adder.sum()));
    gauges.forEach((name, value) -> values.put(name, value.getAsLong()));
    return values;
  }
}
