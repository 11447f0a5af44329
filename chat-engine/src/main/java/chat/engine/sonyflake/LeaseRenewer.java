package chat.engine.sonyflake;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps machine ids leased: a daemon thread, {@code chat-id-lease}, renews them three times in a
 * lease time, leases more when a generator asks, and gives them back when this is closed. After a
 * failure it tries again, at first after 250 ms and at the longest after 2 s. It warns when that
 * begins, at most once a minute, and says when it works again.
 *
 * <p>Thread-safe. The thread ends only with {@link #close}: whatever the lease service throws, it
 * is asked again.
 */
final class LeaseRenewer implements Machines {
  private static final Logger log = LoggerFactory.getLogger(LeaseRenewer.class);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);
  private static final Duration WARNING_PERIOD = Duration.ofMinutes(1);

  private final MachineLeases leases;
  private final Thread thread = new Thread(this::run, "chat-id-lease");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private boolean moreWanted;
  private boolean closed;

  // Used by the thread only.
  private long nextRenewalNanos;
  private Duration retry = FIRST_RETRY;
  private @Nullable Long nextWarningNanos;
  private boolean warned;

  private LeaseRenewer(MachineLeases leases) {
    this.leases = leases;
    thread.setDaemon(true);
  }

  /**
   * Leases the first machine id, which blocks, and starts the thread. If this fails, there is
   * neither a lease nor a thread.
   */
  static LeaseRenewer start(MachineLeases leases) {
    leases.addMachine();
    LeaseRenewer renewer = new LeaseRenewer(leases);
    renewer.planRenewal();
    try {
      renewer.thread.start();
    } catch (Throwable noThread) {
      leases.releaseAll();
      throw noThread;
    }
    return renewer;
  }

  @Override
  public Reservation reservation() {
    return leases.reservation();
  }

  @Override
  public void requestMore() {
    if (!leases.mayGrow()) {
      return;
    }
    lock.lock();
    try {
      moreWanted = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for at most a second until the machine ids are given back. If the lease service takes
   * longer, the thread continues until it answers.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (Thread.currentThread() == thread) {
      return; // from a callback of the lease service
    }
    try {
      thread.join(CLOSE_WAIT.toMillis());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the thread

  private void run() {
    Throwable fault = null;
    while (fault == null ? awaitWork() : pauseBeforeRetry()) {
      try {
        fault = work();
      } catch (Throwable anything) { // an Error too: without this thread ids would stop
        fault = anything;
      }
      if (fault == null) {
        retry = FIRST_RETRY;
        works();
      } else {
        warn(fault);
      }
    }
    leases.releaseAll();
  }

  /** Returns, or throws, what is worth another try. */
  private @Nullable Throwable work() {
    if (System.nanoTime() - nextRenewalNanos >= 0 || leases.isEmpty()) {
      Throwable fault = leases.renewAll();
      if (fault != null) {
        return fault;
      }
      planRenewal();
    }
    boolean wanted = takeRequest();
    if (leases.isEmpty() || (wanted && leases.mayGrow())) {
      leases.addMachine();
    }
    return null;
  }

  private void planRenewal() {
    nextRenewalNanos = System.nanoTime() + leases.renewalPeriod().toNanos();
  }

  private boolean takeRequest() {
    lock.lock();
    try {
      boolean wanted = moreWanted;
      moreWanted = false;
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  /** Until it is time to renew, or a machine id is wanted. False when this was closed. */
  private boolean awaitWork() {
    return await(nextRenewalNanos, true);
  }

  /** False when this was closed. */
  private boolean pauseBeforeRetry() {
    Duration pause = retry;
    Duration longer = retry.multipliedBy(2);
    retry = longer.compareTo(LONGEST_RETRY) < 0 ? longer : LONGEST_RETRY;
    return await(System.nanoTime() + pause.toNanos(), false);
  }

  private boolean await(long untilNanos, boolean orMoreWanted) {
    lock.lock();
    try {
      long wait = untilNanos - System.nanoTime();
      while (!closed && wait > 0 && !(orMoreWanted && moreWanted)) {
        try {
          wait = changed.awaitNanos(wait);
        } catch (InterruptedException nobodyMay) {
          wait = untilNanos - System.nanoTime();
        }
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void works() {
    if (warned) {
      warned = false;
      log.info("machine ids can be leased and renewed again");
    }
  }

  private void warn(Throwable fault) {
    long now = System.nanoTime();
    if (!warned && (nextWarningNanos == null || now - nextWarningNanos >= 0)) {
      warned = true;
      nextWarningNanos = now + TimeUnit.NANOSECONDS.convert(WARNING_PERIOD);
      log.warn(
          "machine ids cannot be leased or renewed; ids stop when the leases end, unless a retry succeeds: {}",
          fault.toString());
    }
  }
}
