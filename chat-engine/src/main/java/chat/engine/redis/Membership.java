package chat.engine.redis;

import chat.engine.link.FaultLog;
import chat.engine.redis.RoutingTable.Frame;
import chat.engine.redis.RoutingTable.Life;
import chat.engine.redis.RoutingTable.Pulse;
import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.RedisLink;
import chat.engine.spi.Router.Receiver;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's place in the cluster: its incarnation, its lease and its topics in the table.
 *
 * <p>{@link #tick} is level-triggered: every second it looks at how things are in Redis and mends
 * what is not as it should be, whatever the reason. A connection that broke, or through which
 * nothing came for {@link #SILENCE} although the node writes to itself every second, ends the
 * incarnation, and the next one begins under a new name. So a survivor that cleans up after a name
 * that seemed dead cannot take away the topics of a node that came back. What is only missing in
 * the table is written again under the same name. After anything that may have cost envelopes, the
 * receiver is told once the node is whole again, and the other nodes are asked to check their own
 * topics.
 *
 * <p>Thread-safe; {@link #tick} is called by one thread. Methods block for the round trips to Redis
 * that they need.
 */
final class Membership {
  static final Duration SILENCE = Duration.ofMillis(2_500);

  /**
   * All topics are looked at once in as many ticks: within the lease and the 2 s in which presence
   * has to be right again.
   */
  private static final int PARTS = 6;

  private static final String LEAVES = "this node leaves Redis and comes back: ";
  private static final int MOVE_CHECK_TICKS = 3;
  private static final Duration FULL_CHECK_PERIOD = Duration.ofSeconds(3);
  private static final Logger log = LoggerFactory.getLogger(Membership.class);

  private final RedisLink link;
  private final RoutingTable table;
  private final OwnTopics topics;
  private final Neighbours neighbours;
  private final Receiver receiver;
  private final FaultLog faults;
  private final String name;
  private final LongSupplier nanoTime;

  /** Names that this node had, and of which traces may be left. */
  private final Queue<String> formerIds = new ConcurrentLinkedQueue<>();

  /** Envelopes or answers may have been lost, and the receiver does not know yet. */
  private final AtomicBoolean doubtful = new AtomicBoolean();

  /** The table lacked what it should have had, and the other nodes do not know yet. */
  private final AtomicBoolean repaired = new AtomicBoolean();

  private final CountDownLatch firstReady = new CountDownLatch(1);

  private final AtomicBoolean checkAsked = new AtomicBoolean();
  private volatile @Nullable Incarnation current;
  private volatile boolean failing;
  private volatile Runnable waker = () -> {};

  // The rest belongs to the thread that ticks.
  private int ticks;
  private long fullCheckNanos;

  Membership(
      RedisLink link,
      RoutingTable table,
      OwnTopics topics,
      Neighbours neighbours,
      Receiver receiver,
      FaultLog faults,
      String name,
      LongSupplier nanoTime) {
    this.link = link;
    this.table = table;
    this.topics = topics;
    this.neighbours = neighbours;
    this.receiver = receiver;
    this.faults = faults;
    this.name = name;
    this.nanoTime = nanoTime;
    this.fullCheckNanos = nanoTime.getAsLong() - FULL_CHECK_PERIOD.toNanos();
  }

  /**
   * @param newWaker makes the next tick come at once
   */
  void onNeedOfTick(Runnable newWaker) {
    waker = newWaker;
  }

  // ---- for those who ask

  /** The name under which the table has all topics of this node, if there is one. */
  @Nullable String readyId() {
    Incarnation now = current;
    return now != null && now.isReady() ? now.id() : null;
  }

  /** Waits for the first time in which the table has all topics of this node. */
  boolean awaitReady(Duration atMost) throws InterruptedException {
    return firstReady.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  String name() {
    return name;
  }

  boolean isHealthy() {
    Incarnation now = current;
    return now != null
        && now.isReady()
        && !failing
        && !topics.isRefused()
        && now.silentNanos() < SILENCE.toNanos();
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
      RedisFailure refused = topics.write(now, changed);
      if (refused != null) {
        cameLate();
        faults.failed(refused.code(), refused);
      }
    } catch (RedisFailure fault) {
      cameLate();
      failed(fault);
    }
  }

  /** The table does not yet have what it should have. */
  private void cameLate() {
    doubtful.set(true);
    repaired.set(true);
  }

  // ---- what happens to the link

  /** Some call to Redis failed. */
  void failed(RedisFailure fault) {
    boolean wasFailing = failing;
    tickFailed(fault);
    if (!wasFailing) {
      waker.run();
    }
  }

  /** As {@link #failed}, of the call of {@link #tick}. */
  private void tickFailed(RedisFailure fault) {
    failing = true;
    faults.failed(fault.code(), fault);
    Incarnation now = current;
    if (fault.kind() == RedisFailure.Kind.WRONG_SERVER && now != null) {
      doubtful.set(true);
      now.cut();
    }
  }

  void subscribed(Incarnation incarnation) {
    incarnation.heard();
    current = incarnation;
    waker.run();
  }

  void ended(Incarnation incarnation) {
    incarnation.end();
    if (incarnation.isUsed()) {
      doubtful.set(true);
      formerIds.add(incarnation.id());
    }
    if (current == incarnation) {
      current = null;
    }
  }

  void received(Incarnation incarnation, byte[] frame) {
    incarnation.heard();
    if (Frames.isProbe(frame)) {
      return;
    }
    if (Frames.isCheck(frame)) {
      checkAsked.set(true);
      waker.run();
      return;
    }
    try {
      Frames.unpack(frame).forEach(receiver::onEnvelope);
    } catch (RuntimeException fault) {
      log.debug("a frame could not be read", fault);
      faults.warn("frame", "a frame on this node's channel could not be read: " + fault);
      receiver.onDoubt();
    }
  }

  /** Other nodes may be missing in the table too, or may have got wrong answers. */
  private void askOthersToCheck() {
    table.publish(neighbours.known().stream().map(id -> new Frame(id, Frames.CHECK)).toList());
  }

  /** The key of a topic held something else and was deleted: everybody writes it again. */
  void foundWrongType(Collection<Topic> damaged) {
    faults.warn(
        "WRONGTYPE",
        "keys in Redis held values of another type and were deleted: the topics " + damaged);
    checkAsked.set(true);
    cameLate();
    waker.run();
  }

  // ---- the tick

  /**
   * Ticks, and notes if Redis does not answer as it should.
   *
   * @return false if something has to be tried again soon
   */
  boolean keepUp() {
    try {
      return tick();
    } catch (RedisFailure fault) {
      tickFailed(fault);
      return false;
    }
  }

  /**
   * Looks at how things are, and mends what it can.
   *
   * @return false if something has to be tried again soon
   * @throws RedisFailure if Redis does not answer as it should; then too
   */
  boolean tick() {
    Incarnation now = current;
    if (now == null || now.isCut()) {
      return false;
    }
    if (now.silentNanos() >= SILENCE.toNanos()) {
      faults.warnUnlessKnown("silence", LEAVES + "nothing comes through the subscription");
      return leave(now);
    }
    if (++ticks % MOVE_CHECK_TICKS == 0 && link.hasMoved()) {
      return leave(now, "moved", "another server has become the master");
    }
    if (!now.isJoined() && !join(now)) {
      return false;
    }
    Pulse pulse = table.pulse(now.id());
    if (pulse.probeReceivers() == 0) {
      return leave(
          now, "elsewhere", "Redis has ended its subscription, or has it on another server");
    }
    if (pulse.life() == Life.NONE || !pulse.nodes().contains(now.id())) {
      faults.warn(
          "lost", "Redis lost this node's entry (flushed, evicted, expired): it is written again");
      cameLate();
      if (!join(now)) {
        return false;
      }
    }
    if (!pulse.tableBegun()) {
      table.beginTable();
    }
    boolean written = writeOpen(now) && compare(now);
    if (written) {
      tellOfDoubt();
    }
    if (neighbours.observe(pulse.nodes())) {
      receiver.onDoubt();
    }
    forgetFormerId();
    failing = false;
    if (written) {
      faults.works();
    }
    return written;
  }

  /** Ends an incarnation: its connection is cut, and the next one begins. */
  private boolean leave(Incarnation incarnation, String cause, String why) {
    faults.warn(cause, LEAVES + why);
    return leave(incarnation);
  }

  private boolean leave(Incarnation incarnation) {
    doubtful.set(true);
    link.leave();
    incarnation.cut();
    return false;
  }

  private boolean join(Incarnation now) {
    now.joining();
    boolean free;
    try {
      free = table.join(now.id());
    } catch (RedisFailure fault) {
      if (fault.kind() == RedisFailure.Kind.UNREACHABLE) {
        now.use(); // it may have been done
      }
      throw fault;
    }
    now.use();
    if (!free) {
      return leave(now, "claimed", "another node took this one for dead");
    }
    topics.openAll();
    now.joined();
    return true;
  }

  /**
   * @return whether the table has all topics
   */
  private boolean writeOpen(Incarnation now) {
    RedisFailure refused = topics.writeOpen(now);
    if (refused != null) {
      cameLate();
      faults.failed(refused.code(), refused);
    }
    if (now.isReady()) {
      return topics.isAllWritten();
    }
    AtomicBoolean first = new AtomicBoolean();
    boolean ready =
        topics.ifAllWritten(
            () -> {
              table.ready(now.id());
              first.set(now.becomeReady());
            });
    if (first.get()) {
      log.info("linked to Redis as {}", now.id());
      firstReady.countDown();
    }
    return ready;
  }

  /**
   * Compares this node's topics with the table.
   *
   * @return whether the table has all topics, as far as was looked at
   */
  private boolean compare(Incarnation now) {
    long time = nanoTime.getAsLong();
    boolean inFull = checkAsked.get() && time - fullCheckNanos >= FULL_CHECK_PERIOD.toNanos();
    if (inFull) {
      checkAsked.set(false);
      fullCheckNanos = time;
      doubtful.set(true); // what was asked of the table meanwhile may have been wrong
    }
    int lost = topics.check(now.id(), inFull ? 1 : PARTS);
    if (lost == 0) {
      return true;
    }
    faults.warn(
        "topics",
        "Redis lost subscriptions of this node (keys deleted or evicted), at least "
            + lost
            + ": all are written again");
    cameLate();
    topics.openAll();
    return writeOpen(now);
  }

  private void tellOfDoubt() {
    if (repaired.get()) {
      askOthersToCheck();
      repaired.set(false);
    }
    if (doubtful.getAndSet(false)) {
      receiver.onDoubt();
    }
  }

  private void forgetFormerId() {
    String former = formerIds.peek();
    if (former != null) {
      table.forget(former);
      formerIds.remove(former);
    }
  }

  /** Takes back all that this node wrote. */
  void leaveCluster() {
    Incarnation last = current;
    if (last != null) {
      current = null;
      try {
        table.forget(last.id());
      } finally {
        last.cut();
      }
    }
  }
}
