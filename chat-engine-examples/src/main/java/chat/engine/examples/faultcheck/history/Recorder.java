package chat.engine.examples.faultcheck.history;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Collects the events of a run in the order in which they happened. Thread-safe. */
public final class Recorder {
  private final long begun = System.nanoTime();
  private final AtomicLong ops = new AtomicLong();
  private final List<Event> events = new ArrayList<>();

  /** Microseconds since the run began. */
  public long now() {
    return (System.nanoTime() - begun) / 1_000;
  }

  public long nextOp() {
    return ops.incrementAndGet();
  }

  /** Records an event that happens now. */
  public synchronized void record(LongFunction<Event> event) {
    events.add(event.apply(now()));
  }

  public synchronized List<Event> events() {
    return List.copyOf(events);
  }
}
