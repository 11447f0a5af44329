package chat.engine.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.runtime.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SessionRegistryTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final ChatListener DEAF = ChatListener.of(event -> {});

  private final Queue<UserId> routed = new ConcurrentLinkedQueue<>();
  private final SessionRegistry registry =
      new SessionRegistry(
          GRACE,
          user -> {
            routed.add(user);
            return new CompletableFuture<>();
          });
  private final AtomicLong numbers = new AtomicLong();
  private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
  private final List<Session> ended = new ArrayList<>();
  private final SessionContext context =
      new SessionContext(
          1_000,
          new Metrics(EngineTimings.NONE, InstantSource.system()),
          turns::add,
          registry,
          new SoloRouter());

  SessionRegistryTest() {
    context.wire(
        new SessionContext.Owner() {
          @Override
          public void refill(List<Session.Gap> gaps) {}

          @Override
          public ChatSession handle(Session session) {
            return TestHandle.of(session);
          }

          @Override
          public void closed(Session session) {
            synchronized (ended) {
              ended.add(session);
            }
          }
        });
  }

  private SessionRegistry.Arrival add(UserId user) {
    return registry.add(
        user,
        home -> new Session(context, numbers.incrementAndGet(), home, DeviceId.of("device"), DEAF));
  }

  private static long after(Duration time) {
    return System.nanoTime() + time.toNanos();
  }

  private List<UserId> departedAfter(Duration time) {
    return registry.departed(after(time)).stream().map(UserSessions::user).toList();
  }

  @Test
  void aUserIsRoutedOnceHoweverManySessions() {
    SessionRegistry.Arrival phone = add(ADA);
    SessionRegistry.Arrival laptop = add(ADA);
    assertThat(phone.userWasAway()).isTrue();
    assertThat(laptop.userWasAway()).isFalse();
    assertThat(routed).containsExactly(ADA);
    assertThat(registry.sessionCount()).isEqualTo(2);
    assertThat(registry.find(ADA).sessions()).containsExactly(phone.session(), laptop.session());
    assertThat(registry.find(BOB)).isNull();
    assertThat(registry.users()).isEqualTo(Set.of(ADA));
    assertThat(registry.all()).containsExactly(phone.session().home());
  }

  @Test
  void aUserDepartsAfterTheGraceAndIsRoutedAnew() {
    SessionRegistry.Arrival phone = add(ADA);
    SessionRegistry.Arrival laptop = add(ADA);
    phone.session().close();
    phone.session().close();
    assertThat(registry.sessionCount()).isEqualTo(1);
    assertThat(departedAfter(Duration.ofMinutes(1))).isEmpty();
    laptop.session().close();
    assertThat(ended).containsExactly(phone.session(), laptop.session());
    assertThat(registry.sessionCount()).isZero();
    assertThat(departedAfter(Duration.ZERO)).isEmpty();
    assertThat(registry.find(ADA)).as("within the grace").isNotNull();
    assertThat(departedAfter(GRACE)).containsExactly(ADA);
    assertThat(registry.find(ADA)).isNull();
    assertThat(departedAfter(GRACE)).isEmpty();
    assertThat(add(ADA).userWasAway()).isTrue();
    assertThat(routed).containsExactly(ADA, ADA);
  }

  @Test
  void aSessionIsRemovedOnce() {
    Session phone = add(ADA).session();
    add(ADA);
    registry.remove(phone);
    registry.remove(phone);
    assertThat(registry.sessionCount()).isEqualTo(1);
    assertThat(registry.find(ADA).sessions()).hasSize(1);
  }

  @Test
  void whoComesBackWithinTheGraceNeverLeft() {
    add(ADA).session().close();
    SessionRegistry.Arrival back = add(ADA);
    assertThat(back.userWasAway()).isFalse();
    assertThat(departedAfter(Duration.ofMinutes(1))).isEmpty();
    assertThat(registry.find(ADA)).isNotNull();
    assertThat(routed).containsExactly(ADA);
  }

  @Test
  void whoComesBackAndLeavesAgainHasTheGraceAnew() {
    add(ADA).session().close();
    long firstLeft = registry.find(ADA).leftNanos();
    while (System.nanoTime() - firstLeft < 1_000_000) {
      Thread.onSpinWait();
    }
    add(ADA).session().close();
    long secondLeft = registry.find(ADA).leftNanos();
    assertThat(secondLeft).isGreaterThan(firstLeft);
    assertThat(registry.departed(firstLeft + GRACE.toNanos())).isEmpty();
    assertThat(registry.departed(secondLeft + GRACE.toNanos())).hasSize(1);
  }

  @Test
  void sessionsWithACutStreamWhoseListenerStandsStillAreStalled() {
    Session session = add(ADA).session();
    session.endSync(new Cursors(), () -> {});
    turns.forEach(Runnable::run);
    turns.clear();
    Duration timeout = Duration.ofSeconds(60);
    assertThat(registry.stalled(after(Duration.ofHours(1)), timeout)).isEmpty();
    session.resync();
    assertThat(registry.stalled(after(Duration.ofSeconds(30)), timeout)).isEmpty();
    assertThat(registry.stalled(after(Duration.ofSeconds(61)), timeout)).containsExactly(session);
    turns.forEach(Runnable::run);
    assertThat(registry.stalled(after(Duration.ofHours(1)), timeout)).as("it moved").isEmpty();
  }

  @Test
  void aSessionThatEndedIsNotStalled() {
    Session session = add(ADA).session();
    session.endSync(new Cursors(), () -> {});
    session.resync();
    session.close();
    assertThat(registry.stalled(after(Duration.ofHours(1)), Duration.ZERO)).isEmpty();
  }

  @Test
  void groupsOfAUserAreASet() {
    UserSessions home = add(ADA).session().home();
    assertThat(home.groups()).isEmpty();
    for (long id : new long[] {5, 1, 9, 3}) {
      assertThat(home.enterGroup(ConversationId.of(id))).isTrue();
      assertThat(home.enterGroup(ConversationId.of(id))).isFalse();
    }
    assertThat(home.groups())
        .containsExactly(
            ConversationId.of(1), ConversationId.of(3), ConversationId.of(5), ConversationId.of(9));
    for (long id : new long[] {1, 3, 5, 9}) {
      assertThat(home.isInGroup(ConversationId.of(id))).isTrue();
    }
    assertThat(home.leaveGroup(ConversationId.of(5))).isTrue();
    assertThat(home.leaveGroup(ConversationId.of(5))).isFalse();
    assertThat(home.isInGroup(ConversationId.of(5))).isFalse();
    assertThat(home.groups()).hasSize(3);
    home.leaveGroup(ConversationId.of(1));
    home.leaveGroup(ConversationId.of(9));
    home.leaveGroup(ConversationId.of(3));
    assertThat(home.groups()).isEmpty();
    assertThat(home.routed()).isNotDone();
  }

  /** Arrivals, departures and the sweep cross; afterwards everything must add up. */
  @RepeatedTest(10)
  void atRandomNobodyIsLostOrCountedTwice() throws InterruptedException {
    long seed = new Random().nextLong();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger departures = new AtomicInteger();
    SessionRegistry eager =
        new SessionRegistry(
            Duration.ZERO,
            user -> {
              routed.add(user);
              return new CompletableFuture<>();
            });
    SessionContext eagerContext =
        new SessionContext(1_000, context.metrics(), Runnable::run, eager, new SoloRouter());
    eagerContext.wire(
        new SessionContext.Owner() {
          @Override
          public void refill(List<Session.Gap> gaps) {}

          @Override
          public ChatSession handle(Session session) {
            return TestHandle.of(session);
          }

          @Override
          public void closed(Session session) {}
        });
    Thread sweep =
        new Thread(
            () -> {
              while (!over.get()) {
                departures.addAndGet(eager.departed(System.nanoTime()).size());
              }
            });
    sweep.start();
    CountDownLatch done = new CountDownLatch(3);
    List<Session> left = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      Random random = new Random(seed + t);
      new Thread(
              () -> {
                List<Session> mine = new ArrayList<>();
                for (int i = 0; i < 2_000; i++) {
                  if (mine.isEmpty() || random.nextBoolean()) {
                    mine.add(
                        eager
                            .add(
                                UserId.of("u" + random.nextInt(3)),
                                home ->
                                    new Session(
                                        eagerContext,
                                        numbers.incrementAndGet(),
                                        home,
                                        DeviceId.of("d"),
                                        DEAF))
                            .session());
                  } else {
                    mine.remove(random.nextInt(mine.size())).close();
                  }
                }
                synchronized (left) {
                  left.addAll(mine);
                }
                done.countDown();
              })
          .start();
    }
    done.await();
    for (Session session : left) {
      assertThat(eager.find(session.user())).as("seed %d", seed).isSameAs(session.home());
    }
    assertThat(eager.sessionCount()).as("seed %d", seed).isEqualTo(left.size());
    left.forEach(Session::close);
    over.set(true);
    sweep.join();
    departures.addAndGet(eager.departed(System.nanoTime() + 1).size());
    assertThat(eager.users()).as("seed %d", seed).isEmpty();
    assertThat(departures.get()).as("routed and departed, seed %d", seed).isEqualTo(routed.size());
  }
}
