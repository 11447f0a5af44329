package chat.engine.link;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps up what a node has at a server: it ticks every second while all is well,
 * with growing pauses while it is not, and sooner when it is woken. Thread-safe.
 */
public final class Watchdog implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

  private final String server;
  private final BooleanSupplier tick;
  private final Backoff backoff;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wanted = lock.newCondition();

  /** Guarded by the lock. */
  private boolean woken;

  private volatile boolean closed;

  /**
   * @param server what the link leads to, such as {@code Redis}
   * @param tick returns false if something has to be tried again soon
   */
  public Watchdog(String server, BooleanSupplier tick, RandomGenerator random) {
    this.server = server;
    this.tick = tick;
    this.backoff = new Backoff(random);
    this.thread = new Thread(this::run, "chat-" + server.toLowerCase(Locale.ROOT) + "-watchdog");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Has it tick at once, or again if it ticks at the moment. Does not block. */
  public void wake() {
    lock.lock();
    try {
      woken = true;
      wanted.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (!closed) {
      long pauseNanos = tick();
      try {
        await(pauseNanos);
      } catch (InterruptedException stop) {
        return;
      }
    }
  }

  /** Returns how long to wait for the next one. */
  private long tick() {
    try {
      if (tick.getAsBoolean()) {
        backoff.reset();
        return TICK.toNanos();
      }
    } catch (RuntimeException fault) {
      log.error("the watchdog of the link to {} failed", server, fault);
    }
    return backoff.nextNanos();
  }

  private void await(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!woken && !closed && left > 0) {
        left = wanted.awaitNanos(left);
      }
      woken = false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread, and waits for it for a moment. */
  @Override
  public void close() {
    closed = true;
    wake();
    try {
      if (thread.isAlive() && Thread.currentThread() != thread) {
        thread.join(TimeUnit.NANOSECONDS.toMillis(CLOSE_WAIT.toNanos()));
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
