package chat.engine.postgres.router;

import chat.engine.link.Backoff;
import chat.engine.link.FaultLog;
import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.postgres.router.link.Links;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps this node in PostgreSQL: a thread that takes two connections, listens on one of them, hands
 * over what comes, and renews the lease on the same connection, so a node that lives is one that
 * can be reached. When an incarnation ends it begins the next one, with a pause that grows as long
 * as the node does not get to work in between.
 */
final class Listener implements AutoCloseable {
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration REFUSED_BEAT = Duration.ofMillis(200);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  /** A life that was shorter counts as another failure. */
  private static final Duration STABLE = Duration.ofSeconds(5);

  private final Links links;
  private final NodeTable nodes;
  private final Channels channels;
  private final Membership membership;
  private final Upkeep upkeep;
  private final FaultLog faults;
  private final String name;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final Backoff backoff;
  private final Thread thread = new Thread(this::run, "chat-postgres-listener");
  private volatile boolean closed;

  Listener(
      Links links,
      NodeTable nodes,
      Channels channels,
      Membership membership,
      Upkeep upkeep,
      FaultLog faults,
      String name,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.links = links;
    this.nodes = nodes;
    this.channels = channels;
    this.membership = membership;
    this.upkeep = upkeep;
    this.faults = faults;
    this.name = name;
    this.nanoTime = nanoTime;
    this.random = random;
    this.backoff = new Backoff(random);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      long begun = nanoTime.getAsLong();
      boolean wasReady = live();
      if (wasReady && nanoTime.getAsLong() - begun >= STABLE.toNanos()) {
        backoff.reset();
      }
      if (!closed) {
        LockSupport.parkNanos(backoff.nextNanos());
      }
    }
  }

  /** Whether it got to work. */
  private boolean live() {
    try (Link listening = links.openListening();
        Link calls = links.open()) {
      Incarnation incarnation = new Incarnation(random.nextLong(), listening, calls, nanoTime);
      if (closed) {
        return false;
      }
      try {
        channels.listen(listening, incarnation.id());
        nodes.join(listening, incarnation.id(), name);
        membership.begun(incarnation);
        listen(incarnation);
        if (closed && !incarnation.isCut()) {
          upkeep.leaveCluster(incarnation);
        }
      } catch (LinkFailure fault) {
        if (!closed) {
          membership.failed(incarnation, fault);
        }
      } finally {
        membership.ended(incarnation);
      }
      return incarnation.wasReady();
    } catch (LinkFailure fault) {
      if (!closed) {
        faults.failed(fault.code(), fault);
      }
    } catch (RuntimeException fault) {
      faults.warn("listener", "the link to PostgreSQL failed: " + fault);
    }
    return false;
  }

  private void listen(Incarnation incarnation) {
    long nextBeat = nanoTime.getAsLong() + BEAT.toNanos();
    while (!closed && !incarnation.isCut()) {
      long left = nextBeat - nanoTime.getAsLong();
      if (left > 0) {
        for (String payload : incarnation.listening().notifications(Duration.ofNanos(left))) {
          membership.received(incarnation, payload);
        }
      } else if (beat(incarnation)) {
        nextBeat = nanoTime.getAsLong() + BEAT.toNanos();
      } else {
        nextBeat = nanoTime.getAsLong() + REFUSED_BEAT.toNanos();
      }
    }
  }

  /** Whether PostgreSQL answered. */
  private boolean beat(Incarnation incarnation) {
    try {
      if (nodes.renew(incarnation.listening(), incarnation.id())) {
        incarnation.heard();
      } else if (!closed) {
        membership.leave(
            incarnation,
            "lapsed",
            "its lease has ended, its row was removed, or a pooler in transaction mode leads it to"
                + " another connection");
      }
      return true;
    } catch (LinkFailure refused) {
      if (refused.isBroken()) {
        throw refused;
      }
      membership.failed(incarnation, refused);
      return false; // in the end silence is noticed
    }
  }

  /** Lets the node leave the cluster as soon as the thread wakes up. */
  void stop() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** Waits for a moment until the node has left and the connections are given back. */
  @Override
  public void close() {
    stop();
    try {
      if (Thread.currentThread() != thread) {
        thread.join(TimeUnit.NANOSECONDS.toMillis(CLOSE_WAIT.toNanos()));
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    membership.cut();
    thread.interrupt(); // it may wait for a connection
  }
}
