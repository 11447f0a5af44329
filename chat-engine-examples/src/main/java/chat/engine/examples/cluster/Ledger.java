package chat.engine.examples.cluster;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What became of each message: sent, acknowledged, delivered. A message is lost if it was
 * acknowledged, and its receiver has got a later one of the conversation without it: what has only
 * not arrived yet waits. Thread-safe.
 */
final class Ledger {
  private final Map<String, Way> ways = new HashMap<>();
  private final Histogram acknowledgements = new Histogram(3);
  private final Histogram deliveries = new Histogram(3);
  private long sent;
  private long acknowledged;
  private long delivered;
  private long doubled;

  /** The messages of one sender to one receiver, which are numbered from 0. */
  private static final class Way {
    private final Map<Integer, Long> sentAt = new HashMap<>();
    private final Map<Integer, Long> undelivered = new HashMap<>(); // to seq, of what was answered
    private final BitSet acknowledged = new BitSet();
    private final BitSet delivered = new BitSet();
    private long highest;

    long lost() {
      return undelivered.values().stream().filter(seq -> seq < highest).count();
    }
  }

  /**
   * Since the beginning, but for the latencies.
   *
   * @param unanswered sent, and neither acknowledged nor given up
   * @param undelivered acknowledged, and not delivered; those that are lost are among them
   * @param acknowledgement since these were read last
   */
  record Counts(
      long sent,
      long acknowledged,
      long delivered,
      long unanswered,
      long undelivered,
      long lost,
      long doubled,
      Latency acknowledgement,
      Latency delivery) {}

  /** In milliseconds; zero if there was nothing. */
  record Latency(double median, double p99) {
    static Latency of(Histogram nanos) {
      return new Latency(
          nanos.getValueAtPercentile(50) / 1e6, nanos.getValueAtPercentile(99) / 1e6);
    }
  }

  private Way way(String name) {
    return ways.computeIfAbsent(name, unknown -> new Way());
  }

  /**
   * @param way says who sends to whom
   * @param nanos {@link System#nanoTime} when it was sent for the first time
   */
  synchronized void sent(String way, int number, long nanos) {
    sent++;
    way(way).sentAt.put(number, nanos);
  }

  synchronized void acknowledged(String name, int number, long seq, long nanos) {
    Way way = way(name);
    if (way.acknowledged.get(number)) {
      return;
    }
    way.acknowledged.set(number);
    acknowledged++;
    record(acknowledgements, way, number, nanos);
    if (way.delivered.get(number)) {
      way.sentAt.remove(number);
    } else {
      way.undelivered.put(number, seq);
    }
  }

  synchronized void delivered(String name, int number, long seq, long nanos) {
    Way way = way(name);
    if (way.delivered.get(number)) {
      doubled++;
      return;
    }
    way.delivered.set(number);
    delivered++;
    way.highest = Math.max(way.highest, seq);
    record(deliveries, way, number, nanos);
    way.undelivered.remove(number);
    if (way.acknowledged.get(number)) {
      way.sentAt.remove(number);
    }
  }

  private static void record(Histogram into, Way way, int number, long nanos) {
    Long sentAt = way.sentAt.get(number);
    if (sentAt != null) {
      into.recordValue(Math.max(0, nanos - sentAt));
    }
  }

  /** Reads everything; the latencies begin anew. */
  synchronized Counts read() {
    long undelivered = 0;
    long lost = 0;
    for (Way way : ways.values()) {
      undelivered += way.undelivered.size();
      lost += way.lost();
    }
    Counts counts =
        new Counts(
            sent,
            acknowledged,
            delivered,
            sent - acknowledged,
            undelivered,
            lost,
            doubled,
            Latency.of(acknowledgements),
            Latency.of(deliveries));
    acknowledgements.reset();
    deliveries.reset();
    return counts;
  }

  /** Whether nothing is under way. */
  synchronized boolean isSettled() {
    return sent == acknowledged
        && ways.values().stream().allMatch(way -> way.undelivered.isEmpty());
  }
}
