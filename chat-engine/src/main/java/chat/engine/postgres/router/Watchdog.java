package chat.engine.postgres.router;

import chat.engine.postgres.router.link.Backoff;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that lets {@link Upkeep} tick: every second while all is well, with growing pauses
 * while it is not, and sooner when it is woken.
 */
final class Watchdog implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

  private final Upkeep upkeep;
  private final Backoff backoff;
  private final Thread thread = new Thread(this::run, "chat-postgres-watchdog");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wanted = lock.newCondition();

  /** Guarded by the lock. */
  private boolean woken;

  private volatile boolean closed;

  Watchdog(Upkeep upkeep, Membership membership, RandomGenerator random) {
    this.upkeep = upkeep;
    this.backoff = new Backoff(random);
    thread.setDaemon(true);
    membership.onNeedOfTick(this::wake);
  }

  void start() {
    thread.start();
  }

  private void wake() {
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
      if (upkeep.tick()) {
        backoff.reset();
        return TICK.toNanos();
      }
    } catch (RuntimeException fault) {
      log.error("the watchdog of the link to PostgreSQL failed", fault);
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
