package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.internal.presence.PresenceNode.Watcher;
import chat.engine.internal.presence.PresenceNode.World;
import chat.engine.internal.privacy.Visibility;
import chat.engine.internal.session.Session;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.BlockStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.HeldAnswers;
import chat.engine.testing.Wrapped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In which order look-ups of who is hidden take effect, and what becomes of those that fail. */
@Timeout(60)
final class HiddenPresenceTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final UserId DAN = UserId.of("dan");

  private final World world = new World();
  private final PresenceNode node = world.node();
  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final Watcher ada = new Watcher();
  private final Session adas = node.connect(ADA, ada);

  /** Of how many users, or about whom, the store was asked who has blocked them. */
  private final List<Integer> lookUps = new CopyOnWriteArrayList<>();

  private final HeldAnswers answers = new HeldAnswers();

  private final HiddenPresence hidden =
      new HiddenPresence(
          new Visibility(
              Wrapped.of(BlockStore.class, store.blocks(), this::read),
              store.privacy(),
              node.reads,
              (user, others) -> CompletableFuture.completedFuture(Set.of())),
          node.registry,
          node.tracker);

  private @Nullable Object read(String method, Object[] arguments, Wrapped.Real real)
      throws Throwable {
    Object found = real.call();
    if (arguments.length == 3) {
      return found; // a block
    }
    lookUps.add(arguments[0] instanceof Collection<?> users ? users.size() : 1);
    answers.pass();
    return found;
  }

  @AfterEach
  void close() {
    answers.letGo();
    world.close();
  }

  private CompletableFuture<Void> watch(UserId... users) {
    return hidden.watch(adas, Set.of(users), ada::answered);
  }

  private void watchAndSettle(UserId... users) {
    done(watch(users));
    world.settle();
    lookUps.clear();
  }

  private CompletableFuture<Void> block(UserId one, UserId other) {
    store.blocks().block(one, other, Instant.EPOCH);
    return hidden.blockChanged(one, other);
  }

  private CompletableFuture<Void> unblock(UserId one, UserId other) {
    store.blocks().unblock(one, other);
    return hidden.blockChanged(one, other);
  }

  private static void done(CompletableFuture<?> call) {
    call.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private void settle() {
    world.settle();
    world.pass(PresenceTracker.TICK.multipliedBy(2));
  }

  private void awaitLookUps(int count) {
    await().until(() -> lookUps.size() == count);
  }

  // ---- the order of look-ups

  @Test
  void whatChangesDuringALookUpIsLookedUpOnceWhenThatHasEnded() {
    node.connect(BOB);
    node.connect(CLEO);
    watchAndSettle(BOB, CLEO);
    Semaphore permits = answers.hold();
    CompletableFuture<Void> first = block(ADA, BOB);
    awaitLookUps(1);
    CompletableFuture<Void> second = unblock(ADA, BOB);
    CompletableFuture<Void> third = block(ADA, CLEO);
    assertThat(lookUps).as("one pass after another").hasSize(1);
    permits.release();
    done(first);
    assertThat(second).isNotDone();
    permits.release();
    done(CompletableFuture.allOf(second, third));
    settle();
    assertThat(lookUps).hasSize(2);
    assertThat(ada.eventsAbout(BOB)).as("the older answer does not stay").endsWith(true);
    assertThat(ada.eventsAbout(CLEO)).containsExactly(false);
  }

  @Test
  void aBlockThatIsMadeWhileAWatchIsLookedUpHides() {
    node.connect(BOB);
    world.settle();
    Semaphore permits = answers.hold();
    CompletableFuture<Void> watching = watch(BOB);
    awaitLookUps(1); // which found no block
    done(block(ADA, BOB));
    permits.release(10);
    done(watching);
    settle();
    assertThat(ada.told).containsEntry(BOB, false);
    assertThat(adas.watched()).isEmpty();
  }

  // ---- failures

  @Test
  void aLookUpThatFailsFailsItsPassOnlyAndTheNextComparisonRepeatsIt() {
    node.connect(BOB);
    watchAndSettle(BOB);
    answers.failWith(new StoreUnavailableException("away, on purpose", null));
    CompletableFuture<Void> failed = block(ADA, BOB);
    assertThatThrownBy(() -> done(failed)).hasRootCauseInstanceOf(StoreUnavailableException.class);
    settle();
    assertThat(ada.events).isEmpty();
    answers.failWith(null);
    hidden.compare();
    await().untilAsserted(() -> assertThat(ada.eventsAbout(BOB)).containsExactly(false));
  }

  @Test
  void whatChangedDuringALookUpThatFailsIsLookedUpAllTheSame() {
    node.connect(BOB);
    node.connect(CLEO);
    watchAndSettle(BOB, CLEO);
    Semaphore permits = answers.hold();
    answers.failWith(new StoreUnavailableException("away, on purpose", null));
    CompletableFuture<Void> failed = block(DAN, ADA);
    awaitLookUps(1);
    CompletableFuture<Void> next = block(CLEO, ADA);
    permits.release();
    assertThatThrownBy(() -> done(failed)).hasRootCauseInstanceOf(StoreUnavailableException.class);
    answers.failWith(null);
    permits.release();
    done(next);
    assertThat(ada.eventsAbout(CLEO)).containsExactly(false);
  }

  // ---- whom it looks up

  private static Set<UserId> many(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> UserId.of(name + i)).collect(Collectors.toSet());
  }

  @Test
  void aComparisonLooksUpFiveHundredWatchingUsersAtOnceAndNobodyElse() {
    for (UserId user : many("watching", 501)) {
      var unused = node.connect(user).replaceWatched(Set.of(BOB));
    }
    node.connect(DAN); // watches nobody
    lookUps.clear();
    hidden.compare();
    awaitLookUps(2);
    done(hidden.blockChanged(DAN, CLEO));
    assertThat(lookUps).containsExactly(500, 1);
  }

  @Test
  void aComparisonLooksUpFewerUsersAtOnceWhoWatchVeryMany() {
    for (UserId user : many("watching", 3)) {
      var unused = node.connect(user).replaceWatched(many("watched", 10_000));
    }
    hidden.compare();
    awaitLookUps(2);
    done(hidden.blockChanged(DAN, CLEO));
    assertThat(lookUps).containsExactly(2, 1);
  }

  @Test
  void settingsOfAUserAreLookedUpAsLongAsSomebodyHereWouldWatchThatUser() {
    node.connect(BOB);
    store.blocks().block(ADA, BOB, Instant.EPOCH);
    watchAndSettle(BOB); // in vain
    assertThat(ada.told).containsEntry(BOB, false);
    hidden.privacyChanged(BOB);
    done(hidden.blockChanged(DAN, CLEO));
    assertThat(lookUps).hasSize(1);
    hidden.forget(adas);
    hidden.privacyChanged(BOB);
    done(hidden.blockChanged(DAN, CLEO));
    assertThat(lookUps).hasSize(1);
  }

  @Test
  void aSessionThatClosesWhileItIsLookedUpIsNotKept() {
    node.connect(BOB);
    store.blocks().block(ADA, BOB, Instant.EPOCH);
    Semaphore permits = answers.hold();
    CompletableFuture<Void> watching = watch(BOB);
    awaitLookUps(1);
    adas.close();
    hidden.forget(adas);
    permits.release(10);
    assertThatThrownBy(() -> done(watching)).hasMessageContaining("closed");
    lookUps.clear();
    hidden.privacyChanged(BOB);
    done(hidden.blockChanged(DAN, CLEO));
    assertThat(lookUps).isEmpty();
  }

  @Test
  void aUserWhoIsHiddenWhileAnAnswerIsMadeIsOfflineInIt() {
    node.connect(BOB);
    node.connect(CLEO);
    watchAndSettle(CLEO);
    Semaphore permits = answers.hold();
    List<Presence> answer = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> watching = hidden.watch(adas, Set.of(BOB, CLEO), answer::addAll);
    awaitLookUps(1); // which found no block
    CompletableFuture<Void> blocked = block(ADA, CLEO);
    permits.release();
    awaitLookUps(2);
    await().until(() -> adas.watched().contains(BOB));
    permits.release(10); // when they were last seen is read behind it
    done(watching);
    done(blocked);
    assertThat(answer)
        .containsExactly(new Presence(BOB, true, null), new Presence(CLEO, false, null));
  }

  @Test
  void whoIsHiddenIsListedAmongTheOthersInTheirOrderAsOneWhoWasNeverSeen() {
    node.connect(BOB);
    world.lastSeen.put(CLEO, Instant.EPOCH);
    store.blocks().block(CLEO, ADA, Instant.EPOCH);
    List<Presence> answer = new ArrayList<>(hidden.ask(ADA, Set.of(DAN, CLEO, BOB)).join());
    assertThat(answer)
        .containsExactly(
            new Presence(BOB, true, null),
            new Presence(CLEO, false, null),
            new Presence(DAN, false, null));
    assertThat(hidden.askUnhidden(new HashSet<>(Set.of(CLEO))).join())
        .containsExactly(new Presence(CLEO, false, Instant.EPOCH));
  }

  @Test
  void whoIsSeenAgainIsToldHowTheyAreNow() {
    Session bobs = node.connect(BOB);
    watchAndSettle(BOB);
    done(block(BOB, ADA));
    node.disconnect(bobs);
    world.pass(PresenceNode.GRACE.plus(Duration.ofSeconds(1)));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
    node.connect(BOB);
    done(unblock(BOB, ADA));
    settle();
    assertThat(ada.eventsAbout(BOB)).containsExactly(false, true);
    assertThat(adas.watched()).containsExactly(BOB);
  }
}
