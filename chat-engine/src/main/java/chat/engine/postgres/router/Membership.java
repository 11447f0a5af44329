package chat.engine.postgres.router;

import chat.engine.link.FaultLog;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.spi.Router.Receiver;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's place in the cluster: its incarnation, and what is open about it. {@link Listener}
 * begins and ends incarnations, {@link Upkeep} keeps the present one whole. An incarnation ends
 * with its connections, and the next one has a new id, so a survivor that cleans up after an id
 * that seemed dead cannot take away the topics of a node that came back. After anything that may
 * have cost envelopes, the receiver is told once the node is whole again.
 *
 * <p>Thread-safe. Methods block for the statements that they need.
 */
final class Membership {
  static final Duration SILENCE = Duration.ofMillis(2_500);
  private static final Logger log = LoggerFactory.getLogger(Membership.class);

  private final OwnTopics topics;
  private final Receiver receiver;
  private final FaultLog faults;

  /** Ids that this node had, and of which traces may be left. */
  private final Queue<Long> formerIds = new ConcurrentLinkedQueue<>();

  /** Envelopes or answers may have been lost, and the receiver does not know yet. */
  private final AtomicBoolean doubtful = new AtomicBoolean();

  /** The table lacked what it should have had, and the other nodes do not know yet. */
  private final AtomicBoolean repaired = new AtomicBoolean();

  /** Another node wants this one to compare its topics with the table. */
  private final AtomicBoolean checkAsked = new AtomicBoolean();

  private final CountDownLatch firstReady = new CountDownLatch(1);
  private volatile @Nullable Incarnation current;
  private volatile boolean failing;
  private volatile Runnable waker = () -> {};

  Membership(OwnTopics topics, Receiver receiver, FaultLog faults) {
    this.topics = topics;
    this.receiver = receiver;
    this.faults = faults;
  }

  /**
   * @param newWaker makes the next {@link Upkeep#tick} come at once
   */
  void onNeedOfTick(Runnable newWaker) {
    waker = newWaker;
  }

  // ---- for those who ask

  /** The present incarnation, if its connections are not known to be broken. */
  @Nullable Incarnation current() {
    Incarnation now = current;
    return now == null || now.isCut() ? null : now;
  }

  /** Waits for the first time in which the table has all topics of this node. */
  boolean awaitReady(Duration atMost) throws InterruptedException {
    return firstReady.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  boolean isHealthy() {
    Incarnation now = current;
    return now != null
        && now.isReady()
        && !failing
        && !topics.isRefused()
        && now.silentNanos() < SILENCE.toNanos();
  }

  /** Whether this is an incarnation of this node. */
  boolean isSelf(long id) {
    Incarnation now = current;
    return (now != null && now.id() == id) || formerIds.contains(id);
  }

  // ---- subscriptions

  void subscribe(Collection<Topic> added) {
    topics.add(added);
    write(added);
  }

  void unsubscribe(Collection<Topic> removed) {
    topics.remove(removed);
    write(removed);
  }

  private void write(Collection<Topic> changed) {
    Incarnation now = current;
    if (now == null || !now.isReady()) {
      doubtful.set(true); // they are written when this node joins
      return;
    }
    try {
      topics.write(now, changed);
    } catch (LinkFailure fault) {
      cameLate();
      failed(now, fault);
    }
  }

  // ---- the life of an incarnation

  /** An incarnation has its place in the table, and listens. */
  void begun(Incarnation incarnation) {
    topics.openAll();
    incarnation.heard();
    current = incarnation;
    waker.run();
  }

  /** The table has all topics of the incarnation. */
  void ready(Incarnation incarnation) {
    incarnation.becomeReady();
    firstReady.countDown();
  }

  /** All is well, as far as could be seen. */
  void works() {
    failing = false;
  }

  /** A call did not go through. */
  void failed(Incarnation incarnation, LinkFailure fault) {
    boolean wasFailing = failing;
    failing = true;
    if (!incarnation.isCut()) {
      faults.failed(fault.code(), fault);
    }
    if (fault.isBroken()) {
      doubtful.set(true);
      incarnation.cut();
    }
    if (!wasFailing) {
      waker.run();
    }
  }

  /** Ends an incarnation: its connections are cut, and the next one begins. */
  void leave(Incarnation incarnation, String cause, String why) {
    faults.warn(cause, "this node leaves the cluster and comes back: " + why);
    doubtful.set(true);
    incarnation.cut();
  }

  void ended(Incarnation incarnation) {
    incarnation.end();
    doubtful.set(true);
    formerIds.add(incarnation.id());
    if (current == incarnation) {
      current = null;
    }
  }

  /** Breaks the connections, if there are any. */
  void cut() {
    Incarnation now = current;
    if (now != null) {
      now.cut();
    }
  }

  /** One of the ids of which traces may be left; null if there is none. */
  @Nullable Long formerId() {
    return formerIds.peek();
  }

  void forgotten(long formerId) {
    formerIds.remove(formerId);
  }

  // ---- what comes

  /** A notification came; called by the thread that listens. */
  void received(Incarnation incarnation, String payload) {
    incarnation.heard();
    if (payload.equals(Envelopes.ECHO)) {
      incarnation.heardEcho();
      if (!incarnation.isReady()) {
        waker.run();
      }
    } else if (payload.equals(Envelopes.CHECK)) {
      checkAsked.set(true);
      waker.run();
    } else {
      readEnvelopes(incarnation, payload);
    }
  }

  private void readEnvelopes(Incarnation incarnation, String payload) {
    try {
      List<byte[]> envelopes = incarnation.reader().read(payload);
      if (envelopes != null) {
        envelopes.forEach(receiver::onEnvelope);
      }
    } catch (RuntimeException fault) {
      log.debug("a notification could not be read", fault);
      faults.warn("notification", "a notification could not be read: " + fault);
      receiver.onDoubt();
    }
  }

  // ---- what is open

  /** The table does not yet have, or did not have, what it should have. */
  void cameLate() {
    doubtful.set(true);
    repaired.set(true);
  }

  boolean isCheckAsked() {
    return checkAsked.get();
  }

  /** The check that was asked for is made now: what was asked of the table before may be wrong. */
  void checks() {
    checkAsked.set(false);
    doubtful.set(true);
  }

  /** Whether other nodes should check their topics too. */
  boolean wasRepaired() {
    return repaired.get();
  }

  void toldOthers() {
    repaired.set(false);
  }

  /** The node is whole: the receiver is told of what may have been lost. */
  void tellOfDoubt() {
    if (doubtful.getAndSet(false)) {
      receiver.onDoubt();
    }
  }
}
