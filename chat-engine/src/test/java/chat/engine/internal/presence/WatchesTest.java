package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.presence.PresenceNode.World;
import chat.engine.internal.session.Session;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WatchesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  private final World world = new World();
  private final PresenceNode node = world.node();
  private final Session session = node.connect(ADA);
  private final Session other = node.connect(ADA);
  private final Watches watches = new Watches(node.subscriptions);

  @AfterEach
  void close() {
    world.close();
  }

  private List<Topic> topics() {
    node.subscriptions.settled().join();
    return node.router.wanted().stream()
        .filter(topic -> !topic.equals(Topics.user(ADA)))
        .sorted((one, another) -> one.name().compareTo(another.name()))
        .toList();
  }

  private List<Session> watchers(UserId user) {
    return Objects.requireNonNull(watches.find(user)).watchers();
  }

  @Test
  void theNodeIsSubscribedToWhoIsWatched() {
    watches.replace(session, Set.of(BOB, CLEO)).join();
    watches.replace(other, Set.of(BOB)).join();
    assertThat(topics()).containsExactly(Topics.presence(BOB), Topics.presence(CLEO));
    assertThat(watchers(BOB)).containsExactlyInAnyOrder(session, other);
    assertThat(watchers(CLEO)).containsExactly(session);
    assertThat(watches.size()).isEqualTo(2);
    watches.replace(session, Set.of(CLEO)).join();
    assertThat(watchers(BOB)).containsExactly(other);
    watches.clear(other);
    assertThat(watches.find(BOB)).isNull();
    assertThat(topics()).containsExactly(Topics.presence(CLEO));
    watches.clear(session);
    watches.clear(session);
    assertThat(topics()).isEmpty();
    assertThat(watches.size()).isZero();
  }

  @Test
  void itCompletesWhenTheNodeIsSubscribedEvenIfAnotherSessionAskedFirst() {
    var first = watches.replace(other, Set.of(BOB));
    watches.replace(session, Set.of(BOB)).join();
    assertThat(first).isCompleted();
    assertThat(node.router.wanted()).contains(Topics.presence(BOB));
  }

  @Test
  void theUsersAreListed() {
    watches.replace(session, Set.of(BOB, CLEO)).join();
    List<UserId> listed = new ArrayList<>();
    watches.iterator().forEachRemaining(listed::add);
    assertThat(listed).containsExactlyInAnyOrder(BOB, CLEO);
  }

  /** Does something when it is iterated for the second time, after the first element. */
  private static final class Interrupting extends LinkedHashSet<UserId> {
    private static final long serialVersionUID = 1;
    private final transient Runnable interruption;
    private int iterations;

    Interrupting(List<UserId> users, Runnable interruption) {
      super(users);
      this.interruption = interruption;
    }

    @Override
    public Object[] toArray() {
      return super.stream().toArray();
    }

    @Override
    public <T> T[] toArray(T[] array) {
      return new ArrayList<>(List.of(super.stream().toArray(UserId[]::new))).toArray(array);
    }

    @Override
    public Iterator<UserId> iterator() {
      Iterator<UserId> real = super.iterator();
      boolean interrupt = ++iterations == 1;
      return new Iterator<>() {
        private int passed;

        @Override
        public boolean hasNext() {
          return real.hasNext();
        }

        @Override
        public UserId next() {
          if (interrupt && passed++ == 1) {
            interruption.run();
          }
          return real.next();
        }
      };
    }
  }

  @Test
  void aSessionThatForgetsItsWatchesWhileItTakesThemUpLeavesNoTopicBehind() {
    boolean[] interrupted = new boolean[1];
    Set<UserId> users =
        new Interrupting(
            List.of(BOB, CLEO),
            () -> {
              interrupted[0] = true;
              watches.clear(session);
            });
    watches.replace(session, users).join();
    assertThat(interrupted[0]).isTrue();
    watches.replace(session, Set.of(BOB, CLEO)).join();
    assertThat(topics()).containsExactly(Topics.presence(BOB), Topics.presence(CLEO));
    watches.clear(session);
    assertThat(topics()).isEmpty();
  }

  @Test
  void aSessionThatIsClosedLeavesNoTopicBehind() {
    session.close();
    watches.replace(session, Set.of(BOB)).join();
    assertThat(topics()).isEmpty();
    assertThat(watches.size()).isZero();
  }

  @Test
  void sessionsThatRaceForAUserLeaveNoTopicBehind() throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(2);
    AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (Session racer : List.of(session, other)) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int round = 0; round < 2_000; round++) {
                    barrier.await(10, TimeUnit.SECONDS);
                    var unused = watches.replace(racer, Set.of(BOB));
                    watches.clear(racer);
                  }
                } catch (Throwable thrown) {
                  fault.set(thrown);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(fault).hasNullValue();
    assertThat(topics()).isEmpty();
  }
}
