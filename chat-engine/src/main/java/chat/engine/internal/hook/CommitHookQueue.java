package chat.engine.internal.hook;

import chat.engine.Conversation;
import chat.engine.Message;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Committed messages on their way to one hook, which is called with one after the other. Bounded in
 * number and bytes; what does not fit is dropped, counted, and logged once in a while. Thread-safe,
 * never blocks.
 */
final class CommitHookQueue implements AutoCloseable {
  static final long MAX_BYTES = 32L << 20;

  private static final Duration LOG_PERIOD = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(CommitHookQueue.class);

  interface Hook {
    void call(Conversation conversation, Message message);
  }

  private final String name;
  private final Hook hook;
  private final Metrics metrics;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final LogThrottle faults = new LogThrottle(LOG_PERIOD);
  private final LogThrottle drops = new LogThrottle(LOG_PERIOD);
  private final BatchWorker<CommittedMessage> worker;

  CommitHookQueue(String name, Hook hook, int capacity, Metrics metrics) {
    this.name = name;
    this.hook = hook;
    this.metrics = metrics;
    this.worker =
        new BatchWorker<>(
            Threads.named(name.replace(' ', '-')), capacity, 1, this::call, this::drop);
    metrics.gauge(name.replace(' ', '_').toLowerCase(Locale.ROOT) + "_backlog", worker::pending);
  }

  void add(CommittedMessage message) {
    int weight = MessageWeight.of(message.message());
    if (queuedBytes.addAndGet(weight) > MAX_BYTES || !worker.offer(message)) {
      queuedBytes.addAndGet(-weight);
      metrics.count(Metrics.Counter.HOOK_CALLS_DROPPED);
      long times = drops.due();
      if (times > 0) {
        log.warn(
            "the {} is too slow; it missed {} messages since this was last logged", name, times);
      }
    }
  }

  private void call(List<CommittedMessage> batch) {
    for (CommittedMessage message : batch) {
      queuedBytes.addAndGet(-MessageWeight.of(message.message()));
      try {
        hook.call(message.conversation(), message.message());
      } catch (Throwable fault) {
        Threads.outlived(fault);
        metrics.count(Metrics.Counter.HOOK_FAULTS);
        long times = faults.due();
        if (times > 0) {
          log.warn(
              "the {} threw, {} times since this was last logged; the messages are not affected",
              name,
              times,
              fault);
        }
      }
    }
  }

  private void drop(List<CommittedMessage> messages, Throwable closed) {
    metrics.count(Metrics.Counter.HOOK_CALLS_DROPPED, messages.size());
  }

  @Override
  public void close() {
    worker.close();
  }
}
