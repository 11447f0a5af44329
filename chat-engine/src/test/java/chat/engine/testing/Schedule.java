package chat.engine.testing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;

/**
 * Stands in for executors, timers and the clock of a test: holds every task and runs one at a time,
 * in an order that a seed draws, on the thread of the test. The same seed gives the same order
 * every time, so a failure can be looked at as often as needed. Time is virtual: it moves when
 * nothing else is left to do, or by {@link #pass}.
 *
 * <p>A task that blocks calls {@link #meanwhile} or {@link #pass}: others run inside that call, as
 * if on other threads. What a task does without such a call is one step, so races inside of it need
 * tests with real threads. Not thread-safe.
 */
public final class Schedule implements Executor {
  /** Calls inside calls; more would say nothing new, and need a deep stack. */
  private static final int DEEPEST = 6;

  private static final int MOST_STEPS = 100_000;

  private final Random random;
  private final List<Runnable> ready = new ArrayList<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::order));
  private long nanos = Duration.ofHours(1).toNanos();
  private long order;
  private int depth;
  private int steps;

  private record Timer(long at, long order, Runnable task) {}

  /** What a test does in one order of events. */
  public interface Round {
    void run(Schedule schedule) throws Exception;
  }

  public Schedule(long seed) {
    // The first numbers of a Random differ little from one small seed to the next.
    random = new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /**
   * Runs a round with each of the seeds 0, 1, 2, ...; a failure names its seed. {@code
   * -Dchat.schedule.seed=N} runs that one only, {@code -Dchat.schedule.seeds=N} runs so many.
   */
  public static void seeds(int count, Round round) {
    Long only = Long.getLong("chat.schedule.seed");
    long first = only == null ? 0 : only;
    long end = only == null ? Long.getLong("chat.schedule.seeds", count) : only + 1;
    for (long seed = first; seed < end; seed++) {
      try {
        round.run(new Schedule(seed));
      } catch (Exception | AssertionError fault) {
        throw new AssertionError(
            "with -Dchat.schedule.seed=" + seed + ": " + fault.getMessage(), fault);
      }
    }
  }

  // ---- chance

  /** A number from 0 to below the bound. */
  public int choose(int bound) {
    return random.nextInt(bound);
  }

  /** True once in so many times. */
  public boolean once(int in) {
    return random.nextInt(in) == 0;
  }

  /** Some time below the bound. */
  public Duration below(Duration bound) {
    return Duration.ofNanos((long) (random.nextDouble() * bound.toNanos()));
  }

  // ---- tasks

  /** Holds a task, as a pool does that has as many threads as tasks: any may overtake any other. */
  @Override
  public void execute(Runnable task) {
    ready.add(task);
  }

  /** An executor with one thread: its tasks run in their order, and never one inside another. */
  public Executor line() {
    return new Line();
  }

  /** Runs a task when the time has passed. */
  public void after(Duration delay, Runnable task) {
    timers.add(new Timer(nanos + delay.toNanos(), order++, task));
  }

  private final class Line implements Executor, Runnable {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean hasTurn;

    @Override
    public void execute(Runnable task) {
      waiting.add(task);
      if (!hasTurn) {
        hasTurn = true;
        Schedule.this.execute(this);
      }
    }

    @Override
    public void run() {
      try {
        waiting.remove().run();
      } finally {
        hasTurn = !waiting.isEmpty();
        if (hasTurn) {
          Schedule.this.execute(this);
        }
      }
    }
  }

  // ---- time

  /** As {@link System#nanoTime}. */
  public long nanos() {
    return nanos;
  }

  /**
   * Runs one task of those that can run; if there is none, moves the time to the next timer.
   *
   * @return false if nothing is left to do
   */
  public boolean step() {
    return step(Long.MAX_VALUE);
  }

  private boolean step(long end) {
    if (ready.isEmpty()) {
      Timer next = timers.peek();
      if (next == null || next.at() > end) {
        return false;
      }
      nanos = Math.max(nanos, next.at());
    }
    while (!timers.isEmpty() && timers.element().at() <= nanos) {
      ready.add(timers.remove().task());
    }
    if (++steps > MOST_STEPS) {
      throw new AssertionError("there is no end to it: " + ready.size() + " tasks wait");
    }
    int chosen = random.nextInt(ready.size());
    Runnable task = ready.get(chosen);
    ready.set(chosen, ready.get(ready.size() - 1));
    ready.remove(ready.size() - 1);
    task.run();
    return true;
  }

  /** Runs everything, and what comes of it. */
  public void run() {
    while (step()) {
      continue;
    }
  }

  /** Called by a task that blocks for a moment: some others run before it goes on. */
  public void meanwhile() {
    if (depth < DEEPEST) {
      depth++;
      for (int i = random.nextInt(4); i > 0 && !ready.isEmpty(); i--) {
        step(nanos);
      }
      depth--;
    }
  }

  /** Called by a task that blocks for so long: others run before it goes on. */
  public void pass(Duration time) {
    long end = nanos + time.toNanos();
    if (depth < DEEPEST) {
      depth++;
      while (step(end)) {
        continue;
      }
      depth--;
    }
    nanos = Math.max(nanos, end);
  }
}
