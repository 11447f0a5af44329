package chat.engine.postgres.router;

import chat.engine.link.FaultLog;
import chat.engine.postgres.router.Channels.Notification;
import chat.engine.postgres.router.NodeTable.Node;
import chat.engine.postgres.router.NodeTable.View;
import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.spi.Router.Receiver;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a node whole. {@link #tick} is level-triggered: every second it looks at how things are in
 * PostgreSQL and mends what is not as it should be, whatever the reason. When a connection is
 * silent for {@link Membership#SILENCE}, when the lease has ended, or when the node's own
 * notifications do not arrive, the incarnation ends. Topics that are missing in the table are
 * written again under the same id. Of nodes that died, the survivor that comes first cleans up.
 *
 * <p>Used by one thread; blocks for the statements that it needs.
 */
final class Upkeep {
  private static final int ECHO_TICKS = 5;
  private static final int COMPARE_TICKS = 3;
  private static final int FULL_COMPARE_TICKS = 120;
  private static final int STRAY_TICKS = 600;
  private static final Duration ASKED_COMPARE_PERIOD = Duration.ofSeconds(3);
  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

  private final NodeTable nodes;
  private final TopicTable topicsOfNodes;
  private final Channels channels;
  private final OwnTopics topics;
  private final Neighbours neighbours;
  private final Membership membership;
  private final Receiver receiver;
  private final FaultLog faults;
  private final String name;
  private final LongSupplier nanoTime;
  private int ticks;
  private long comparedNanos;

  Upkeep(
      NodeTable nodes,
      TopicTable topicsOfNodes,
      Channels channels,
      OwnTopics topics,
      Neighbours neighbours,
      Membership membership,
      Receiver receiver,
      FaultLog faults,
      String name,
      LongSupplier nanoTime) {
    this.nodes = nodes;
    this.topicsOfNodes = topicsOfNodes;
    this.channels = channels;
    this.topics = topics;
    this.neighbours = neighbours;
    this.membership = membership;
    this.receiver = receiver;
    this.faults = faults;
    this.name = name;
    this.nanoTime = nanoTime;
    this.comparedNanos = nanoTime.getAsLong() - ASKED_COMPARE_PERIOD.toNanos();
  }

  /**
   * Looks at how things are, and mends what it can.
   *
   * @return false if something has to be tried again soon
   */
  boolean tick() {
    Incarnation now = membership.current();
    if (now == null) {
      return false;
    }
    try {
      return isReachable(now) && tick(now);
    } catch (LinkFailure fault) {
      membership.failed(now, fault);
      return false;
    }
  }

  private boolean isReachable(Incarnation now) {
    if (now.silentNanos() >= Membership.SILENCE.toNanos()) {
      membership.leave(now, "silence", "nothing comes through its listening connection");
      return false;
    }
    if (now.echolessNanos() >= Membership.SILENCE.toNanos()) {
      membership.leave(
          now,
          "echo",
          "its notifications do not arrive: is there a pooler in transaction mode, such as"
              + " PgBouncer, between it and PostgreSQL?");
      return false;
    }
    return true;
  }

  private boolean tick(Incarnation now) {
    View view = nodes.view(now.calls());
    if (!view.isAlive(now.id())) {
      membership.leave(now, "elsewhere", "its lease is not seen over its other connection");
      return false;
    }
    ticks++;
    if (!now.hasEchoed() || ticks % ECHO_TICKS == 0) {
      askForEcho(now);
    }
    boolean written = writeOpen(now) && compare(now);
    if (written) {
      askOthersToCheck(now);
      membership.tellOfDoubt();
    }
    if (neighbours.observe(view)) {
      receiver.onDoubt();
    }
    cleanUp(now, view);
    membership.works();
    if (written) {
      faults.works();
    }
    return written;
  }

  private void askForEcho(Incarnation now) {
    now.askedForEcho();
    channels.send(now.calls(), List.of(new Notification(now.id(), Envelopes.ECHO)));
  }

  /** Makes the thread that listens look up, if there is a link. For use when this has stopped. */
  void wakeListener() {
    Incarnation now = membership.current();
    if (now != null) {
      try {
        askForEcho(now);
      } catch (LinkFailure gone) {
        now.cut();
      }
    }
  }

  // ---- own topics

  /**
   * @return whether the table has all topics
   */
  private boolean writeOpen(Incarnation now) {
    topics.writeOpen(now);
    if (now.isReady()) {
      return topics.isAllWritten();
    }
    if (!now.hasEchoed()) {
      return false; // the echo wakes the thread that ticks
    }
    topics.ifAllWritten(
        () -> {
          if (nodes.ready(now.calls(), now.id())) {
            membership.ready(now);
            log.info("linked to PostgreSQL as {}, {}", name, Long.toHexString(now.id()));
          }
        });
    return now.isReady();
  }

  /**
   * Compares this node's topics with the table, every few ticks or when another node asks for it.
   *
   * @return whether the table has all topics, as far as was looked at
   */
  private boolean compare(Incarnation now) {
    long time = nanoTime.getAsLong();
    boolean asked =
        membership.isCheckAsked() && time - comparedNanos >= ASKED_COMPARE_PERIOD.toNanos();
    if (asked) {
      comparedNanos = time;
      membership.checks();
    } else if (ticks % COMPARE_TICKS != 0) {
      return true;
    }
    int wrong = topics.compare(now, asked || ticks % FULL_COMPARE_TICKS == 0);
    if (wrong == 0) {
      return true;
    }
    faults.warn(
        "topics",
        "%d subscriptions of this node were missing in the table, or too many: written again"
            .formatted(wrong));
    membership.cameLate();
    return writeOpen(now);
  }

  /** Other nodes may be missing in the table too, or may have got wrong answers. */
  private void askOthersToCheck(Incarnation now) {
    if (membership.wasRepaired()) {
      List<Notification> checks =
          neighbours.known().stream().map(id -> new Notification(id, Envelopes.CHECK)).toList();
      if (!checks.isEmpty()) {
        channels.send(now.calls(), checks);
      }
      membership.toldOthers();
    }
  }

  // ---- traces of those who are gone

  private void cleanUp(Incarnation now, View view) {
    for (Node dead : neighbours.dead(view)) {
      if (nodes.claim(now.calls(), dead.id())) {
        endListening(now.calls(), dead.id());
        receiver.onNodeDied(dead.name(), topicsOfNodes.of(now.calls(), dead.id()));
        forget(now.calls(), dead.id());
      }
    }
    Long former = membership.formerId();
    if (former != null && now.isReady()) {
      forget(now.calls(), former);
      membership.forgotten(former);
    }
    if (ticks % STRAY_TICKS == 1) {
      nodes.removeForgotten(now.calls());
      topicsOfNodes
          .strays(now.calls())
          .forEach(stray -> topicsOfNodes.removeAll(now.calls(), stray));
    }
  }

  private void endListening(Link link, long id) {
    try {
      nodes.endListening(link, id);
    } catch (LinkFailure notAllowed) {
      if (notAllowed.isBroken()) {
        throw notAllowed;
      }
      log.debug("the connection of a dead node could not be ended", notAllowed);
    }
  }

  /** The node itself goes last: if this one dies meanwhile, another one goes on. */
  private void forget(Link link, long id) {
    topicsOfNodes.removeAll(link, id);
    nodes.remove(link, id);
  }

  /**
   * Takes back all that this node wrote; called by the thread that listens.
   *
   * @throws LinkFailure if that does not go through; the lease will end
   */
  void leaveCluster(Incarnation last) {
    last.end();
    for (Long former = membership.formerId(); former != null; former = membership.formerId()) {
      forget(last.calls(), former);
      membership.forgotten(former);
    }
    forget(last.calls(), last.id());
  }
}
