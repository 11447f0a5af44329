package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.internal.presence.PresenceNode.Watcher;
import chat.engine.internal.presence.PresenceNode.World;
import chat.engine.internal.session.Session;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.Wrapped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test says what the node believes, and how long the store takes. */
@Timeout(60)
final class WatcherNewsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final UserId DAN = UserId.of("dan");

  private final World world = new World();
  private final PresenceNode node = world.node();
  private final Watcher ada = new Watcher();
  private final Session adas = node.connect(ADA, ada);
  private final Watches watches = new Watches(node.subscriptions);
  private final PresenceLooks looks =
      new PresenceLooks(new PresenceProbe(node.router, node.registry, world.nanos::get));

  /** Whom the store was asked about. */
  private final List<Set<UserId>> reads = new CopyOnWriteArrayList<>();

  /** The store answers when it is open. */
  private volatile CountDownLatch gate = new CountDownLatch(0);

  private final LastSeenTimes lastSeen =
      new LastSeenTimes(
          Wrapped.of(
              LastSeenStore.class,
              world.store,
              (method, arguments, real) -> {
                if (method.equals("find")) {
                  reads.add(users(arguments[0]));
                  gate.await();
                }
                return real.call();
              }),
          node.reads,
          world::instant);
  private final WatcherNews news = new WatcherNews(watches, lastSeen, looks, node.context);

  @AfterEach
  void close() {
    gate.countDown();
    looks.close();
    world.close();
  }

  private static Set<UserId> users(Object argument) {
    Set<UserId> users = new HashSet<>();
    ((Collection<?>) argument).forEach(user -> users.add((UserId) user));
    return users;
  }

  private void watch(Session session, UserId... users) {
    watches.replace(session, Set.of(users)).join();
    session.failPresence(Set.of(users)); // no answer tells it how they are
  }

  private WatchedUser watched(UserId user) {
    return Objects.requireNonNull(watches.find(user));
  }

  private void online(UserId... users) {
    for (UserId user : users) {
      watched(user).seen(0);
    }
  }

  private void offline(UserId... users) {
    for (UserId user : users) {
      WatchedUser watched = watched(user);
      watched.leave(0, Duration.ZERO);
      watched.missed(0, 0, new RouterTrust());
      assertThat(watched.state()).isEqualTo(Belief.State.OFFLINE);
    }
  }

  private void tell(UserId... users) {
    news.tell(List.of(users));
    settle();
  }

  private void settle() {
    await().until(() -> node.reads.submit(() -> true).join() && looks.pending() == 0);
  }

  @Test
  void onlySessionsThatWereToldSomethingElseAreTold() {
    Watcher late = new Watcher();
    Session lates = node.connect(CLEO, late);
    watch(adas, BOB);
    online(BOB);
    tell(BOB);
    watch(lates, BOB);
    tell(BOB);
    tell(BOB);
    assertThat(ada.events).containsExactly(new Presence(BOB, true, null));
    assertThat(late.events).containsExactly(new Presence(BOB, true, null));
    assertThat(reads).as("for nobody who is online").isEmpty();
  }

  @Test
  void usersOfWhomNothingIsKnownOrWhomNobodyWatchesAreNoNews() {
    watch(adas, BOB);
    tell(BOB, CLEO);
    assertThat(ada.events).isEmpty();
    assertThat(reads).isEmpty();
  }

  @Test
  void theStoreIsAskedOnceAndOnlyAboutUsersWhoseWatchersDoNotKnow() {
    world.lastSeen.put(BOB, Instant.ofEpochSecond(7));
    watch(adas, BOB, CLEO, DAN);
    offline(BOB, CLEO);
    online(DAN);
    tell(BOB, CLEO, DAN);
    assertThat(ada.events)
        .containsExactlyInAnyOrder(
            new Presence(BOB, false, Instant.ofEpochSecond(7)),
            new Presence(CLEO, false, null),
            new Presence(DAN, true, null));
    offline(DAN);
    tell(BOB, CLEO, DAN);
    assertThat(reads).containsExactly(Set.of(BOB, CLEO), Set.of(DAN));
    assertThat(ada.eventsAbout(BOB)).hasSize(1);
  }

  @Test
  void aUserWhoComesBackWhileTheStoreIsReadIsNeverToldToBeGone() {
    watch(adas, BOB, CLEO);
    online(BOB);
    tell(BOB);
    offline(BOB, CLEO);
    gate = new CountDownLatch(1);
    news.tell(List.of(BOB, CLEO));
    await().until(() -> !reads.isEmpty());
    online(BOB);
    gate.countDown();
    settle();
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    assertThat(ada.eventsAbout(CLEO)).containsExactly(false);
  }

  @Test
  void aSessionThatStopsWatchingWhileTheStoreIsReadIsNotTold() {
    watch(adas, BOB, CLEO);
    offline(BOB, CLEO);
    gate = new CountDownLatch(1);
    news.tell(List.of(BOB, CLEO));
    await().until(() -> !reads.isEmpty());
    watch(adas, CLEO);
    gate.countDown();
    settle();
    assertThat(ada.events).containsExactly(new Presence(CLEO, false, null));
  }

  @Test
  void whileTheStoreIsAwayOnlyWhoIsOnlineIsToldAndTheOthersWhenItIsBack() {
    watch(adas, BOB, CLEO);
    offline(BOB);
    online(CLEO);
    world.storeFault = new StoreUnavailableException("away, on purpose", null);
    tell(BOB, CLEO);
    assertThat(ada.events).containsExactly(new Presence(CLEO, true, null));
    world.storeFault = null;
    world.lastSeen.put(BOB, Instant.ofEpochSecond(7));
    tell(BOB, CLEO);
    assertThat(ada.events)
        .containsExactly(
            new Presence(CLEO, true, null), new Presence(BOB, false, Instant.ofEpochSecond(7)));
  }

  @Test
  void whatWasNotedHereAndIsNotInTheStoreYetIsTold() {
    world.lastSeen.put(BOB, Instant.EPOCH.minusSeconds(60));
    lastSeen.note(List.of(BOB));
    watch(adas, BOB);
    offline(BOB);
    tell(BOB);
    assertThat(ada.events).containsExactly(new Presence(BOB, false, world.instant()));
  }
}
