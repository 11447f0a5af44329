package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import chat.engine.internal.presence.PresenceNode.Watcher;
import chat.engine.internal.presence.PresenceNode.World;
import chat.engine.internal.session.Session;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Simulated clusters with random faults. However it went, a lease and a grace and some seconds
 * after the last fault everybody was told the truth; and nobody was ever told that somebody is
 * offline who was on a node that neither died nor was cut off.
 */
final class PresenceClusterTest {
  private static final Duration STEP = PresenceTracker.TICK;
  private static final int STEPS = 250; // 50 s

  /** How long it may take after the last fault has ended and the last user has moved. */
  private static final Duration BOUND = RouterTrust.LEASE.plus(PresenceNode.GRACE).plusSeconds(2);

  private record Member(PresenceNode node, Session session, Watcher watcher, Set<UserId> watched) {}

  private record Deadline(long at, Runnable action) {}

  static IntStream seeds() {
    int count = Integer.getInteger("presence.seeds", 12);
    long first = Long.getLong("presence.seed", 1L);
    return IntStream.range((int) first, (int) first + count);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @Timeout(120)
  void everybodyIsToldTheTruth(int seed) {
    new Run(seed).run();
  }

  private static final class Run {
    private final int seed;
    private final Random random;
    private final World world = new World();
    private final List<Member> members = new ArrayList<>();
    private final List<UserId> users =
        IntStream.range(0, 12).mapToObj(i -> UserId.of("user" + i)).toList();

    /** Never leave, on a node that neither dies nor is cut off. */
    private final List<UserId> anchored =
        IntStream.range(0, 4).mapToObj(i -> UserId.of("anchored" + i)).toList();

    private final List<Deadline> deadlines = new ArrayList<>();
    private final Set<PresenceNode> impaired = new HashSet<>();
    private final List<String> story = new ArrayList<>();
    private final PresenceNode anchor;

    Run(int seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.anchor = world.node();
      world.node();
      world.node();
    }

    void run() {
      try (world) {
        anchored.forEach(anchor::connect);
        world.settle();
        for (int step = 0; step < STEPS; step++) {
          happen();
          pass();
        }
        note("all faults end");
        world.storeFault = null;
        while (!deadlines.isEmpty()) {
          pass();
        }
        for (long left = BOUND.toNanos(); left > 0; left -= STEP.toNanos()) {
          pass();
        }
        check();
      }
    }

    private void note(String what) {
      story.add(world.instant().toEpochMilli() + " ms: " + what);
    }

    private void pass() {
      world.pass(STEP);
      List<Deadline> due =
          deadlines.stream().filter(deadline -> world.nanos.get() - deadline.at() >= 0).toList();
      deadlines.removeAll(due);
      due.forEach(deadline -> deadline.action().run());
      world.settle();
    }

    private void later(Duration delay, Runnable action) {
      deadlines.add(new Deadline(world.nanos.get() + delay.toNanos(), action));
    }

    private Duration upTo(int millis) {
      return Duration.ofMillis(random.nextInt(millis));
    }

    // ---- what happens

    private void happen() {
      int dice = random.nextInt(100);
      if (dice < 15) {
        connect();
      } else if (dice < 25) {
        disconnect();
      } else if (dice < 32) {
        watchAnew();
      } else if (dice < 34) {
        fault(this::cut);
      } else if (dice < 36) {
        fault(this::kill);
      } else if (dice < 38) {
        fault(this::leave);
      } else if (dice < 40) {
        loseTable();
      } else if (dice < 42) {
        refuse(random.nextInt(world.nodes.size()));
      } else if (dice < 43) {
        note("the store is away");
        world.storeFault = new StoreUnavailableException("away", null);
        later(upTo(8_000), () -> world.storeFault = null);
      }
    }

    private List<PresenceNode> running() {
      return world.nodes.stream().filter(node -> node.running).toList();
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    private void connect() {
      PresenceNode node = any(running());
      UserId user = any(users);
      note(user + " connects to node " + world.nodes.indexOf(node));
      Watcher watcher = new Watcher();
      Session session = node.connect(user, watcher);
      members.add(new Member(node, session, watcher, new HashSet<>()));
      watch(members.get(members.size() - 1));
    }

    private void watch(Member member) {
      Set<UserId> watched = new HashSet<>(anchored);
      users.stream().filter(user -> random.nextInt(3) > 0).forEach(watched::add);
      member.watched().clear();
      member.watched().addAll(watched);
      member.watcher().told.keySet().retainAll(watched);
      var unused = // fails while the store is away; events follow
          member.node().watch(member.session(), member.watcher(), watched.toArray(UserId[]::new));
    }

    private void watchAnew() {
      if (!members.isEmpty()) {
        world.settle(); // an answer on its way would tell of those who are watched no more
        watch(any(members));
      }
    }

    private void disconnect() {
      if (!members.isEmpty()) {
        Member member = members.remove(random.nextInt(members.size()));
        note(member.session().user() + " disconnects");
        member.node().disconnect(member.session());
      }
    }

    private interface NodeFault {
      void happenTo(PresenceNode node);
    }

    private void fault(NodeFault fault) {
      List<PresenceNode> candidates =
          running().stream().filter(node -> node != anchor && !impaired.contains(node)).toList();
      if (!candidates.isEmpty()) {
        fault.happenTo(any(candidates));
      }
    }

    private void cut(PresenceNode node) {
      note("node " + world.nodes.indexOf(node) + " is cut off");
      impaired.add(node);
      node.router.cut();
      Duration time = upTo(25_000);
      if (time.compareTo(RouterTrust.LEASE) > 0) {
        later(RouterTrust.LEASE, () -> node.router.expire(anchor.router));
      }
      later(
          time,
          () -> {
            note("node " + world.nodes.indexOf(node) + " is back");
            node.router.relink();
            impaired.remove(node);
          });
    }

    private void kill(PresenceNode node) {
      note("node " + world.nodes.indexOf(node) + " dies");
      node.kill();
      gone(node);
      later(RouterTrust.LEASE, node.router::die);
    }

    private void leave(PresenceNode node) {
      note("node " + world.nodes.indexOf(node) + " leaves");
      node.leave();
      gone(node);
    }

    /** Its users come back elsewhere, or do not; another node starts. */
    private void gone(PresenceNode node) {
      List<Member> had = members.stream().filter(member -> member.node() == node).toList();
      members.removeAll(had);
      for (Member member : had) {
        if (random.nextBoolean()) {
          later(
              upTo(9_000),
              () -> {
                note(member.session().user() + " comes back");
                Watcher watcher = new Watcher();
                PresenceNode other = any(running());
                members.add(
                    new Member(
                        other,
                        other.connect(member.session().user(), watcher),
                        watcher,
                        new HashSet<>()));
                watch(members.get(members.size() - 1));
              });
        }
      }
      world.node();
    }

    private void loseTable() {
      note("the table is lost");
      for (PresenceNode node : running()) {
        if (!impaired.contains(node)) {
          impaired.add(node);
          node.router.forget();
          later(
              upTo(3_500),
              () -> {
                note("node " + world.nodes.indexOf(node) + " registers again");
                if (node.running) {
                  node.router.relink();
                }
                impaired.remove(node);
              });
        }
      }
    }

    private void refuse(int at) {
      PresenceNode node = world.nodes.get(at);
      note("the router refuses node " + at);
      node.router.fault = new RouterUnavailableException("refused", null);
      later(upTo(6_000), () -> node.router.fault = null);
    }

    // ---- what must hold

    private void check() {
      for (Member member : members) {
        Map<UserId, Boolean> truth = new HashMap<>();
        for (UserId user : member.watched()) {
          truth.put(user, world.nodes.stream().anyMatch(node -> node.has(user)));
        }
        assertThat(member.watcher().told)
            .as("seed %d: what %s was told; %s", seed, member.session().user(), story)
            .isEqualTo(truth);
        assertThat(member.watcher().gone)
            .as("seed %d: who was always there; %s", seed, story)
            .doesNotContainAnyElementsOf(anchored);
      }
    }
  }
}
