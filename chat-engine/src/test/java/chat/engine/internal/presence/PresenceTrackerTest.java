package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatException;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.presence.PresenceNode.Watcher;
import chat.engine.internal.presence.PresenceNode.World;
import chat.engine.internal.session.Session;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class PresenceTrackerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  private static final Duration TICK = PresenceTracker.TICK;
  private static final Duration LEASE = RouterTrust.LEASE;
  private static final Duration GRACE = PresenceNode.GRACE;
  private static final Duration ROUND = WatchRounds.PERIOD;

  private final World world = new World();
  private final PresenceNode north = world.node();
  private final PresenceNode south = world.node();
  private final PresenceNode west = world.node();
  private final Watcher ada = new Watcher();
  private final Session adas = north.connect(ADA, ada);

  @AfterEach
  void close() {
    world.close();
  }

  private void watch(UserId... users) {
    north.watch(adas, ada, users).join();
    world.settle();
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  // ---- what sessions are told

  @Test
  void whoComesAndGoesIsTold() {
    watch(BOB);
    assertThat(ada.told).containsEntry(BOB, false);
    Session bobs = south.connect(BOB);
    world.settle();
    world.pass(TICK.multipliedBy(2));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    world.pass(seconds(60));
    Instant left = world.instant();
    south.disconnect(bobs);
    world.pass(GRACE.minus(TICK));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    world.pass(TICK.multipliedBy(3));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true, false);
    assertThat(ada.events.get(1).lastSeenAt())
        .isBetween(left.truncatedTo(ChronoUnit.MILLIS), left.plus(TICK));
    world.pass(seconds(60));
    assertThat(ada.events).hasSize(2);
  }

  @Test
  void usersOfTheOwnNodeAreTold() {
    watch(BOB);
    Session bobs = north.connect(BOB);
    world.pass(TICK);
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    north.disconnect(bobs);
    world.pass(GRACE.plus(TICK.multipliedBy(2)));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true, false);
  }

  @Test
  void theAnswerTellsHowThingsStandAndNoEventRepeatsIt() {
    south.connect(BOB);
    world.lastSeen.put(BOB, world.instant());
    world.lastSeen.put(CLEO, world.instant());
    world.settle();
    CompletableFuture<List<Presence>> answered = new CompletableFuture<>();
    north.tracker.watch(adas, Set.of(BOB, CLEO), presences -> presences, answered::complete).join();
    List<Presence> answer = answered.join();
    assertThat(answer)
        .containsExactly(
            new Presence(BOB, true, null), new Presence(CLEO, false, world.lastSeen.get(CLEO)));
    world.pass(seconds(30));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void aReturnWithinTheGraceIsNoFlap() {
    Session first = south.connect(BOB);
    world.settle(); // until the table has the topic
    watch(BOB);
    south.disconnect(first);
    world.pass(GRACE.minusSeconds(1));
    Session second = south.connect(BOB);
    world.pass(seconds(30));
    south.disconnect(second);
    world.pass(GRACE.minusSeconds(1));
    west.connect(BOB);
    world.pass(seconds(60));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void whoHasSessionsOnTwoNodesAndLeavesOneStaysOnline() {
    Session one = south.connect(BOB);
    west.connect(BOB);
    world.settle();
    watch(BOB);
    south.disconnect(one);
    world.pass(seconds(60));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void aHintThatTheTableDoesNotConfirmTellsNothing() {
    south.connect(BOB);
    world.settle();
    watch(BOB);
    north.tracker.hinted(
        new chat.engine.internal.cluster.Envelope.PresenceHint(
            List.of(BOB), chat.engine.internal.cluster.Envelope.PresenceHint.Kind.LEFT, 0));
    world.pass(seconds(30));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void eachSessionIsToldWhatItWasNotTold() {
    Watcher early = new Watcher();
    Watcher late = new Watcher();
    Session earlys = north.connect(CLEO, early);
    north.watch(earlys, early, BOB).join();
    south.connect(BOB);
    world.settle();
    Session lates = north.connect(CLEO, late);
    north.watch(lates, late, BOB).join(); // its answer is the first news of Bob here
    world.pass(TICK);
    assertThat(early.eventsAbout(BOB)).containsExactly(true);
    assertThat(late.told).containsEntry(BOB, true);
    assertThat(late.events).isEmpty();
  }

  @Test
  void whoWatchesMoreKeepsWhatTheyWereTold() {
    south.connect(BOB);
    south.connect(CLEO);
    world.settle();
    watch(BOB);
    watch(BOB, CLEO);
    assertThat(ada.told).containsEntry(BOB, true).containsEntry(CLEO, true);
    world.pass(seconds(30));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void whoIsNoLongerWatchedIsNotTold() {
    watch(BOB, CLEO);
    watch(CLEO);
    south.connect(BOB);
    south.connect(CLEO);
    world.pass(seconds(30));
    assertThat(ada.eventsAbout(BOB)).isEmpty();
    assertThat(ada.eventsAbout(CLEO)).containsExactly(true);
    north.tracker.unwatchAll(adas);
    world.settle();
    assertThat(north.metrics.gauges()).containsEntry("presence_watched", 0L);
    assertThat(north.router.wanted()).containsExactly(Topics.user(ADA));
  }

  @Test
  void anEventThatFoundNoRoomIsToldWhenThereIsRoom() {
    UserId[] many =
        IntStream.range(0, 300).mapToObj(i -> UserId.of("user" + i)).toArray(UserId[]::new);
    watch(many);
    adas.pause();
    for (UserId user : many) {
      south.connect(user); // more than fit in a session's budget
    }
    world.pass(seconds(20));
    assertThat(ada.events).isEmpty();
    adas.resume();
    world.pass(ROUND.plus(TICK));
    assertThat(ada.told).hasSize(300).doesNotContainValue(false);
    assertThat(ada.events).hasSize(300);
  }

  @Test
  void whoseStreamWasCutIsToldAfterTheSync() {
    watch(BOB);
    adas.pause();
    south.connect(BOB);
    world.pass(TICK.multipliedBy(2));
    adas.resync(); // drops what waits
    south.connect(CLEO);
    adas.resume();
    world.pass(seconds(10));
    assertThat(ada.events).isEmpty();
    assertThat(adas.beginSync()).isNull();
    adas.endSync(new chat.engine.internal.session.Cursors(), () -> {});
    world.pass(ROUND.plus(TICK));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
  }

  @Test
  void anArrivalIsToldWithTheNextTicks() {
    watch(BOB, CLEO);
    world.pass(seconds(2)); // between two rounds
    south.connect(BOB);
    north.connect(CLEO);
    world.settle();
    world.pass(TICK.multipliedBy(2));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    assertThat(ada.eventsAbout(CLEO)).containsExactly(true);
  }

  @Test
  void whatChangedUnnoticedBeforeAnotherWatchIsInTheAnswerAndInAnEvent() {
    watch(BOB);
    south.publisher.close(); // no hint
    south.connect(BOB);
    world.settle();
    watch(BOB, CLEO); // tells the others at once, and this session in between
    assertThat(ada.told).containsEntry(BOB, true);
    world.pass(TICK);
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    assertThat(ada.eventsAbout(CLEO)).isEmpty();
  }

  @Test
  void anAnswerThatOvertakesAnEventIsFollowedByIt() {
    watch(BOB);
    adas.pause();
    south.connect(BOB);
    world.settle();
    world.pass(seconds(1)); // the event waits
    watch(BOB, CLEO);
    assertThat(ada.told).containsEntry(BOB, true);
    assertThat(ada.events).isEmpty();
    adas.resume();
    world.pass(TICK);
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
  }

  // ---- faults of the router

  @Test
  void nobodyIsGoneWhileTheRouterIsNotHealthyNorForALeaseAfter() {
    Session bobs = south.connect(BOB);
    world.settle(); // until the table has the topic
    watch(BOB);
    north.router.healthy = false;
    south.disconnect(bobs);
    world.pass(GRACE.plusSeconds(20));
    assertThat(ada.events).isEmpty();
    north.router.healthy = true;
    world.pass(LEASE);
    assertThat(ada.events).isEmpty();
    world.pass(TICK.multipliedBy(2));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
  }

  @Test
  void aLookThatFailsProvesNothing() {
    south.connect(BOB);
    world.settle(); // until the table has the topic
    watch(BOB);
    south.router.forget();
    world.pass(ROUND.plus(TICK)); // missing for the first time
    assertThat(north.metrics.gauges()).containsEntry("presence_pending", 1L);
    north.router.fault = new RouterUnavailableException("away", null);
    world.pass(ROUND);
    north.router.fault = null;
    world.pass(ROUND); // missing for the first time again
    assertThat(ada.events).isEmpty();
    south.router.relink();
    world.pass(seconds(20));
    assertThat(ada.events).isEmpty();
    assertThat(north.metrics.gauges()).containsEntry("presence_pending", 0L);
  }

  @Test
  void aNodeThatWasCutOffForLongerThanLeaseAndGraceIsRightAgain() { // E4 (a)
    south.connect(BOB);
    world.settle();
    watch(BOB);
    south.router.cut();
    world.pass(LEASE);
    south.router.expire(north.router);
    world.pass(GRACE.plus(LEASE).plusSeconds(2));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
    south.router.relink();
    world.pass(LEASE);
    assertThat(ada.eventsAbout(BOB)).containsExactly(false, true);
    world.pass(seconds(60));
    assertThat(ada.events).hasSize(2);
  }

  @Test
  void aReturnOfWhichNobodyIsToldIsFoundByTheRegularLooks() { // E4 (a), every hint lost
    watch(BOB);
    south.publisher.close(); // its hints are lost
    south.connect(BOB);
    world.settle();
    world.pass(ROUND.plus(TICK));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
  }

  @Test
  void aDepartureOfWhichNobodyIsToldIsFoundByTheRegularLooks() {
    Session bobs = south.connect(BOB);
    world.settle();
    watch(BOB);
    south.disconnect(bobs);
    south.publisher.close(); // its hints are lost
    world.pass(GRACE.plus(ROUND).plus(LEASE).plus(TICK.multipliedBy(3)));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
  }

  @Test
  void theFirstNodeThatLinksAgainDoesNotTakeTheUsersOfTheOthersForGone() { // E4 (b)
    south.connect(BOB);
    west.connect(CLEO);
    world.settle();
    watch(BOB, CLEO);
    for (int round = 0; round < 3; round++) {
      List.of(north, south, west).forEach(node -> node.router.forget());
      north.router.relink();
      world.pass(seconds(2));
      south.router.relink();
      world.pass(LEASE.minusSeconds(3));
      west.router.relink();
      world.pass(seconds(round * 2));
    }
    world.pass(seconds(60));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void aWatchThatBeganWhileTheRouterWasAwayIsCorrected() { // E4 (c)
    Watcher other = new Watcher();
    south.connect(BOB);
    world.settle();
    north.router.cut();
    world.pass(TICK);
    watch(BOB);
    assertThat(ada.told).containsEntry(BOB, false); // nothing is known
    Session others = north.connect(CLEO, other);
    north.watch(others, other, BOB, ADA).join();
    world.settle();
    assertThat(other.told).containsEntry(BOB, false).containsEntry(ADA, true);
    north.router.relink();
    world.pass(TICK.multipliedBy(2));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    assertThat(other.eventsAbout(BOB)).containsExactly(true);
    assertThat(other.eventsAbout(ADA)).isEmpty();
  }

  @Test
  void whileTheRouterIsAwayTheAnswerIsWhatWasKnownLast() {
    Watcher other = new Watcher();
    south.connect(BOB);
    world.settle();
    watch(BOB);
    north.router.cut();
    world.pass(seconds(10));
    Session others = north.connect(CLEO, other);
    north.watch(others, other, BOB).join();
    world.settle();
    assertThat(other.told).containsEntry(BOB, true);
    assertThat(north.tracker.ask(Set.of(BOB, CLEO)).join())
        .extracting(Presence::online)
        .containsExactly(true, true);
    world.pass(seconds(60));
    assertThat(ada.events).isEmpty();
    assertThat(other.events).isEmpty();
  }

  @Test
  void aRouterThatRefusesMakesNobodyOffline() { // R6
    south.connect(BOB);
    world.settle();
    watch(BOB);
    north.router.fault = new IllegalStateException("OOM command not allowed");
    world.pass(seconds(60));
    assertThat(ada.events).isEmpty();
    north.router.fault = null;
    south.router.forget(); // what it could not write, missing for less than a lease
    world.pass(LEASE.minusSeconds(1));
    south.router.relink();
    world.pass(seconds(60));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void aUserWhoLeavesWhileTheRouterIsAwayIsOfflineALeaseAfterItIsBack() {
    Session bobs = north.connect(BOB);
    world.settle(); // until the table has the topic
    watch(BOB);
    north.router.cut();
    north.disconnect(bobs);
    world.pass(GRACE.plusSeconds(20));
    assertThat(ada.events).isEmpty(); // there may be a session on another node
    north.router.relink();
    world.pass(LEASE.minus(TICK));
    assertThat(ada.events).isEmpty();
    world.pass(TICK.multipliedBy(3));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
  }

  // ---- nodes that end

  @Test
  void usersOfADeadNodeAreOfflineAfterTheGrace() {
    south.connect(BOB);
    world.settle();
    south.connect(CLEO);
    north.connect(CLEO);
    world.settle(); // until the table has the topic
    watch(BOB, CLEO);
    world.pass(seconds(2)); // so that the grace ends between two rounds
    south.kill();
    world.pass(LEASE);
    south.router.die();
    world.pass(GRACE.minus(TICK));
    assertThat(ada.events).isEmpty();
    world.pass(TICK.multipliedBy(4));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
    assertThat(ada.eventsAbout(CLEO)).isEmpty();
    assertThat(world.lastSeen).containsKey(BOB);
    world.pass(seconds(20));
    assertThat(north.metrics.gauges())
        .containsEntry("presence_pending", 0L)
        .containsKey("presence_round_millis");
  }

  @Test
  void usersOfADeadNodeWhoComeBackWithinTheGraceNeverLeft() {
    south.connect(BOB);
    south.connect(CLEO);
    world.settle();
    watch(BOB, CLEO);
    south.kill();
    world.pass(LEASE);
    south.router.die();
    west.connect(CLEO);
    world.pass(GRACE.minusSeconds(1));
    west.connect(BOB);
    world.pass(seconds(60));
    assertThat(ada.events).isEmpty();
  }

  @Test
  void usersOfANodeThatLeavesAreOfflineAfterTheGraceUnlessTheyCameBack() {
    south.connect(BOB);
    south.connect(CLEO);
    world.settle();
    watch(BOB, CLEO);
    south.leave();
    assertThat(world.lastSeen).containsKeys(BOB, CLEO);
    world.pass(seconds(3));
    west.connect(CLEO);
    world.pass(GRACE.minusSeconds(3).minus(TICK));
    assertThat(ada.events).isEmpty();
    world.pass(TICK.multipliedBy(3));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
    assertThat(ada.eventsAbout(CLEO)).isEmpty();
  }

  // ---- faults of the store

  @Test
  void whileTheStoreIsAwayArrivalsAreToldAndDeparturesWhenItIsBack() { // E15
    Session bobs = south.connect(BOB);
    world.settle();
    watch(BOB, CLEO);
    world.storeFault = new StoreUnavailableException("away", null);
    south.connect(CLEO);
    south.disconnect(bobs);
    world.pass(GRACE.plusSeconds(20));
    assertThat(ada.eventsAbout(CLEO)).containsExactly(true);
    assertThat(ada.eventsAbout(BOB)).isEmpty();
    world.storeFault = null;
    world.pass(ROUND.plus(TICK));
    assertThat(ada.eventsAbout(BOB)).containsExactly(false);
    assertThat(world.lastSeen).containsKey(BOB);
  }

  @Test
  void aWatchWhoseAnswerFailsIsToldByEvents() {
    south.connect(BOB);
    world.settle();
    world.storeFault = new StoreUnavailableException("away", null);
    CompletableFuture<Void> failed = north.watch(adas, ada, BOB);
    assertThatThrownBy(failed::join).hasCauseInstanceOf(ChatException.class);
    world.pass(ROUND.plus(TICK));
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
  }

  // ---- asking once

  @Test
  void whoAsksIsToldHowThingsStand() {
    south.connect(BOB);
    world.lastSeen.put(CLEO, world.instant());
    world.lastSeen.put(BOB, world.instant());
    world.settle();
    assertThat(north.tracker.ask(Set.of(ADA, BOB, CLEO)).join())
        .containsExactly(
            new Presence(ADA, true, null),
            new Presence(BOB, true, null),
            new Presence(CLEO, false, world.lastSeen.get(CLEO)));
    assertThat(north.tracker.online(List.of(ADA, BOB, CLEO))).containsExactlyInAnyOrder(ADA, BOB);
    north.router.cut();
    assertThat(north.tracker.ask(Set.of(ADA, BOB)).join())
        .extracting(Presence::online)
        .containsExactly(true, false);
    assertThat(north.tracker.online(List.of(ADA, BOB))).containsExactly(ADA);
  }

  // ---- bounds and order

  @Test
  void theRouterIsAskedForAPageAtATime() {
    UserId[] many =
        IntStream.range(0, 2_500).mapToObj(i -> UserId.of("user" + i)).toArray(UserId[]::new);
    watch(many);
    north.tracker.doubt();
    world.pass(TICK);
    assertThat(north.router.mostAsked).hasValueLessThanOrEqualTo(1_000);
  }

  @Test
  void afterADoubtAllAreLookedAtAtOnce() {
    UserId[] many =
        IntStream.range(0, 3_000).mapToObj(i -> UserId.of("user" + i)).toArray(UserId[]::new);
    watch(many);
    world.pass(seconds(2));
    south.publisher.close(); // no hints
    south.connect(many[17]);
    south.connect(many[2_900]);
    world.settle();
    north.tracker.doubt();
    world.pass(TICK);
    assertThat(ada.eventsAbout(many[17])).containsExactly(true);
    assertThat(ada.eventsAbout(many[2_900])).containsExactly(true);
  }

  @Test
  void whatWaitsWhenTheEngineClosesFails() {
    north.tracker.close();
    assertThatThrownBy(() -> north.watch(adas, ada, BOB).join())
        .hasCauseInstanceOf(ChatException.class);
    assertThatThrownBy(() -> north.tracker.ask(Set.of(BOB)).join())
        .hasCauseInstanceOf(ChatException.class);
    north.tracker.tick(); // does no harm
  }

  @Test
  void aSessionThatIsClosedGetsNoAnswerAndLeavesNoTopic() {
    adas.close();
    assertThatThrownBy(() -> north.watch(adas, ada, BOB).join())
        .hasCauseInstanceOf(ChatException.class);
    world.settle();
    assertThat(north.router.wanted()).doesNotContain(Topics.presence(BOB));
  }

  @Test
  void anAnswerIsInFrontOfTheEventsThatFollow() {
    adas.pause();
    CompletableFuture<List<Presence>> answered = new CompletableFuture<>();
    north.tracker.watch(adas, Set.of(BOB), presences -> presences, answered::complete).join();
    assertThat(answered).isCompleted(); // even while it is paused
    south.connect(BOB);
    world.settle();
    world.pass(TICK.multipliedBy(2));
    assertThat(ada.events).isEmpty();
    adas.resume();
    assertThat(ada.eventsAbout(BOB)).containsExactly(true);
    assertThat(ada.told).containsEntry(BOB, true);
  }
}
