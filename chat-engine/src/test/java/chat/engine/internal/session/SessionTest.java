package chat.engine.internal.session;

import static chat.engine.internal.session.LocalSessions.removed;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageId;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.event.TypingChanged;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.runtime.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One session alone: the test plays the feeds, the lanes, the store and the delivery pool. */
final class SessionTest {
  static final UserId ADA = UserId.of("ada");
  static final UserId BOB = UserId.of("bob");

  private static final Conversation GROUP =
      Conversation.group(ConversationId.of(77), "hikers", Instant.EPOCH);
  private static final ConversationId TALK = ConversationId.of(1);
  private static final ConversationId OTHER = ConversationId.of(2);
  private static final ClientMessageId MINE = ClientMessageId.of("mine");
  private static final int BUDGET = 20_000;
  private static final int MANY = 1_000;

  private final Metrics metrics = new Metrics(new EngineTimings() {}, InstantSource.system());
  private final SessionRegistry registry =
      new SessionRegistry(Duration.ofSeconds(10), user -> CompletableFuture.completedFuture(null));
  private final SoloRouter router = new SoloRouter();
  private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
  private final List<Object> told = new ArrayList<>();
  private final List<Session> ended = new ArrayList<>();
  private final SessionContext context =
      new SessionContext(BUDGET, metrics, turns::add, registry, router);
  private final Session session = connect(ChatListener.of(told::add));

  SessionTest() {
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
            ended.add(session);
          }
        });
  }

  static Message message(ConversationId conversation, long seq) {
    return message(conversation, seq, BOB, ClientMessageId.of("bob-" + seq));
  }

  static Message message(
      ConversationId conversation, long seq, UserId from, ClientMessageId clientMessageId) {
    return new Message(
        conversation,
        MessageId.of(1_000 + seq),
        seq,
        from,
        clientMessageId,
        "message " + seq,
        null,
        List.of(),
        null,
        Instant.EPOCH);
  }

  private Session connect(ChatListener listener) {
    return registry
        .add(ADA, home -> new Session(context, 1, home, DeviceId.of("phone"), listener))
        .session();
  }

  // ---- what the others do

  private static Cursors at(long seq) {
    Cursors cursors = new Cursors();
    cursors.put(TALK, seq, 0);
    return cursors;
  }

  private void liveAt(long seq) {
    endSync(seq, "connected");
    deliver();
    told.clear();
  }

  private List<Session.Gap> endSync(long seq, String answer) {
    return session.endSync(at(seq), () -> told.add(answer));
  }

  private void beginSync() {
    assertThat(session.beginSync()).isNull();
  }

  private long offer(Message message) {
    return session.offerMessage(
        message, context.outgoing(new MessageReceived(message), ConversationKind.DIRECT));
  }

  private long offer(long seq) {
    return offer(message(TALK, seq));
  }

  private long offerMine(long seq) {
    return offer(message(TALK, seq, ADA, MINE));
  }

  private void offerTyping() {
    session.offerIn(
        TALK, context.outgoing(new TypingChanged(TALK, BOB, true), ConversationKind.DIRECT));
  }

  private void deliver() {
    for (int i = 0; i < MANY && !turns.isEmpty(); i++) {
      turns.remove().run();
    }
    assertThat(turns).as("sessions that queue up without end").isEmpty();
  }

  private void cutFrom(long seq) {
    for (int i = 0; i < MANY && !session.isStalled(); i++) {
      offer(seq + i);
    }
    deliver();
    assertThat(told).containsExactly(new Resync());
    told.clear();
  }

  private long told(Class<? extends ChatEvent> type) {
    return told.stream().filter(type::isInstance).count();
  }

  private List<Long> seqs() {
    return told.stream()
        .filter(MessageReceived.class::isInstance)
        .map(event -> ((MessageReceived) event).message().seq())
        .toList();
  }

  // ---- the stream

  @Test
  void onlyTheNextMessageIsTakenAndWhoIsBehindSaysAfterWhat() {
    liveAt(5);
    assertThat(offer(5)).isEqualTo(SessionStream.NO_GAP);
    assertThat(offer(8)).isEqualTo(5);
    assertThat(offer(6)).isEqualTo(SessionStream.NO_GAP);
    assertThat(offer(message(OTHER, 1))).isEqualTo(SessionStream.NO_GAP);
    deliver();
    assertThat(seqs()).containsExactly(6L, 1L);
  }

  @Test
  void anAnswerStandsInFrontOfWhatWasHeldAndWhatItCoversDoesNotCome() {
    liveAt(5);
    offer(6);
    beginSync();
    offer(7);
    offer(8);
    assertThat(endSync(7, "answer")).isEmpty();
    deliver();
    assertThat(told.get(0)).isEqualTo("answer");
    assertThat(seqs()).containsExactly(8L);
  }

  @Test
  void whatWasHeldAndDoesNotReachDownToTheCursorIsAGap() {
    liveAt(5);
    beginSync();
    offer(8);
    offer(9);
    assertThat(endSync(6, "answer")).containsExactly(new Session.Gap(TALK, 6));
    deliver();
    assertThat(seqs()).isEmpty();
  }

  @Test
  void aFailedSyncReleasesWhatWasHeld() {
    liveAt(5);
    beginSync();
    offer(6);
    offer(8);
    assertThat(session.abandonSync()).containsExactly(new Session.Gap(TALK, 6));
    deliver();
    assertThat(seqs()).containsExactly(6L);
  }

  @Test
  void aChangeOfAMessageThatWaitedSinceBeforeASyncIsVoidBehindItsAnswer() {
    liveAt(5);
    session.pause();
    Message edited = message(TALK, 5).edited(MessageEdit.text("new"), 1, Instant.EPOCH);
    ConversationChange edit =
        ConversationChange.ofMessage(
            edited, ConversationChange.Kind.MESSAGE_EDITED, 5, BOB, Instant.EPOCH);
    session.offerChange(
        context.outgoing(
            new MessageChanged(Conversation.direct(TALK, ADA, BOB, Instant.EPOCH), edited, edit),
            ConversationKind.DIRECT));
    beginSync();
    Cursors loaded = new Cursors();
    loaded.put(TALK, 5, 1);
    assertThat(session.endSync(loaded, () -> told.add("answer"))).isEmpty();
    session.resume();
    deliver();
    assertThat(told).containsExactly("answer");
  }

  @Test
  void whatWaitedSinceBeforeASyncIsVoidBehindItsAnswer() {
    Cursors both = at(5);
    both.put(GROUP.id(), 3, 0);
    session.endSync(both, () -> told.add("connected"));
    deliver();
    told.clear();
    session.pause();
    offer(6);
    Message inGroup = message(GROUP.id(), 4);
    session.offerMessage(
        inGroup, context.outgoing(new MessageReceived(inGroup), ConversationKind.GROUP));
    ReceiptMoved read = new ReceiptMoved(GROUP.id(), BOB, ReceiptKind.READ, 4);
    session.offerIn(GROUP.id(), context.outgoing(read, ConversationKind.GROUP));
    ConversationChanged removal = new ConversationChanged(GROUP, removed(GROUP, 1, 4, ADA));
    session.offerChange(context.outgoing(removal, ConversationKind.GROUP));
    beginSync();
    endSync(6, "not in the group any more");
    session.resume();
    deliver();
    assertThat(told).containsExactly("not in the group any more");
    offer(7);
    deliver();
    assertThat(told).hasSize(2);
  }

  @Test
  void twoAnswersGoOutInTheOrderOfTheirSyncs() {
    liveAt(5);
    beginSync();
    endSync(5, "first");
    beginSync();
    endSync(6, "second");
    deliver();
    assertThat(told).containsExactly("first", "second");
  }

  @Test
  void oneSyncAtATime() {
    assertThat(session.beginSync()).extracting(ChatException::code).isEqualTo(ErrorCode.BUSY);
  }

  @Test
  void whatIsHeldAndWhatWaitsShareOneBudget() {
    liveAt(5);
    int weight = context.outgoing(new MessageReceived(message(TALK, 6))).weight();
    int half = BUDGET / weight / 2 + 1;
    session.pause();
    for (int i = 0; i < half; i++) {
      offer(6 + i);
    }
    beginSync();
    for (int i = half; i < 2 * half; i++) {
      offer(6 + i);
    }
    endSync(5, "answer");
    session.resume();
    deliver();
    assertThat(told).containsExactly("answer", new Resync());
  }

  @Test
  void anOverflowDuringASyncThatFailedOnACutStreamIsForgotten() {
    liveAt(5);
    cutFrom(6);
    beginSync();
    for (long seq = 100; seq < 200; seq++) {
      offer(seq);
    }
    assertThat(session.abandonSync()).isEmpty();
    beginSync();
    endSync(300, "answer");
    deliver();
    assertThat(told).containsExactly("answer");
  }

  @Test
  void ephemeralEventsGoBeforeTheStreamIsCut() {
    liveAt(5);
    session.pause();
    int weight = context.outgoing(new MessageReceived(message(TALK, 6))).weight();
    int fitting = BUDGET / weight;
    for (int i = 0; i < 3; i++) {
      offerTyping();
    }
    for (int i = 0; i < fitting; i++) {
      offer(6 + i);
    }
    assertThat(session.isStalled()).isFalse();
    assertThat(metrics.counters()).containsEntry("ephemeral_dropped", 3L);
    offer(6 + fitting);
    assertThat(session.isStalled()).isTrue();
    session.resume();
    deliver();
    assertThat(told).containsExactly(new Resync());
    assertThat(session.isStalled()).isFalse();
  }

  @Test
  void whoIsAddedFollowsFromThereAndWhoIsRemovedNoMore() {
    liveAt(5);
    ConversationId id = ConversationId.of(3);
    change(id, ConversationChange.Kind.ADDED, 1, 10);
    offerToGroup(id, 11);
    change(id, ConversationChange.Kind.REMOVED, 2, 11);
    offerToGroup(id, 12);
    deliver();
    assertThat(seqs()).containsExactly(11L);
    assertThat(told(ConversationChanged.class)).isEqualTo(2);
  }

  private void change(ConversationId id, ConversationChange.Kind kind, long rev, long atSeq) {
    Conversation group = Conversation.group(id, "group", Instant.EPOCH);
    @Nullable Role role = kind == ConversationChange.Kind.ADDED ? Role.MEMBER : null;
    ConversationChanged event =
        new ConversationChanged(
            group,
            new ConversationChange(
                id, rev, atSeq, kind, BOB, List.of(ADA), role, null, Instant.EPOCH));
    session.offerChange(context.outgoing(event));
  }

  private void offerToGroup(ConversationId id, long seq) {
    Message message = message(id, seq);
    session.offerMessage(
        message, context.outgoing(new MessageReceived(message), ConversationKind.GROUP));
  }

  @Test
  void whatIsHeldHasTheRoomThatTheQueueLeaves() {
    liveAt(5);
    int fitting = BUDGET / context.outgoing(new MessageReceived(message(TALK, 6))).weight();
    session.pause();
    offer(6);
    beginSync();
    for (int i = 0; i < fitting - 1; i++) {
      offer(7 + i);
    }
    assertThat(session.abandonSync()).isEmpty();
    session.resume();
    deliver();
    assertThat(seqs()).hasSize(fitting);
    assertThat(metrics.counters()).containsEntry("resyncs", 0L);
    assertThat(metrics.counters()).containsEntry("delivered", (long) fitting);
  }

  @Test
  void changesThatWereHeldAreToldBehindTheAnswerUnlessTheyAreKnown() {
    ConversationId id = ConversationId.of(3);
    liveAt(5);
    beginSync();
    change(id, ConversationChange.Kind.ADDED, 1, 10);
    change(id, ConversationChange.Kind.REMOVED, 2, 11);
    Cursors loaded = at(5);
    loaded.put(id, 10, 1);
    session.endSync(loaded, () -> told.add("answer"));
    deliver();
    assertThat(told.get(0)).isEqualTo("answer");
    assertThat(told(ConversationChanged.class)).as("only the removal is news").isEqualTo(1);
  }

  @Test
  void onlyTheFirstMessageBehindAGapIsAskedFor() {
    liveAt(5);
    beginSync();
    offer(8);
    offer(10);
    offer(message(OTHER, 3));
    assertThat(endSync(6, "answer"))
        .containsExactlyInAnyOrder(new Session.Gap(TALK, 6), new Session.Gap(OTHER, 0));
  }

  /** What the answer covers and waits already is dropped, or it would be told twice. */
  @Test
  void whatWaitsAndIsCoveredByTheAnswerIsDropped() {
    liveAt(5);
    session.pause();
    offer(6);
    offer(7);
    offer(message(OTHER, 1));
    offerTyping();
    beginSync();
    endSync(6, "answer");
    session.resume();
    deliver();
    assertThat(told.get(0)).isEqualTo("answer");
    assertThat(seqs()).containsExactly(7L, 1L);
    assertThat(told(TypingChanged.class)).isEqualTo(1);
  }

  @Test
  void aCutCountsAndASyncGoesOnFromIt() {
    liveAt(5);
    cutFrom(6);
    assertThat(metrics.counters()).containsEntry("resyncs", 1L);
    beginSync();
    endSync(50, "answer");
    offer(51);
    deliver();
    assertThat(told.get(0)).isEqualTo("answer");
    assertThat(seqs()).containsExactly(51L);
  }

  @Test
  void whatIsHeldIsNoGap() {
    liveAt(5);
    beginSync();
    assertThat(offer(6)).isEqualTo(SessionStream.NO_GAP);
    assertThat(offer(9)).isEqualTo(SessionStream.NO_GAP);
  }

  @Test
  void whenTrackIsLostDuringASyncTheStreamIsCutBehindItsAnswer() {
    liveAt(5);
    beginSync();
    session.resync();
    endSync(5, "answer");
    deliver();
    assertThat(told).containsExactly("answer", new Resync());
    told.clear();
    beginSync();
    session.resync();
    session.abandonSync();
    deliver();
    assertThat(told).as("the stream was cut before").isEmpty();
  }

  // ---- own sends

  @Test
  void anAcknowledgedMessageIsNoEventWhicheverComesFirst() {
    liveAt(5);
    session.sendBegins(TALK, MINE);
    session.sendAcknowledged(TALK, MINE, 6);
    offerMine(6);
    ClientMessageId second = ClientMessageId.of("second");
    session.sendBegins(TALK, second);
    offer(message(TALK, 7, ADA, second));
    session.sendAcknowledged(TALK, second, 7);
    offer(8);
    deliver();
    assertThat(seqs()).containsExactly(8L);
  }

  @Test
  void aSendInDoubtWhoseMessagePassedCutsTheStream() {
    liveAt(5);
    session.sendBegins(TALK, MINE);
    offerMine(6);
    session.sendFailed(TALK, MINE);
    deliver();
    assertThat(told).containsExactly(new Resync());
  }

  @Test
  void aMessageOfASendThatFailedBeforeIsAnEvent() {
    liveAt(5);
    session.sendBegins(TALK, MINE);
    session.sendFailed(TALK, MINE);
    offerMine(6);
    deliver();
    assertThat(seqs()).containsExactly(6L);
  }

  @Test
  void aSendThatOutlivesACutIsStillAcknowledgedInsteadOfDelivered() {
    liveAt(5);
    session.sendBegins(TALK, MINE);
    cutFrom(6);
    beginSync();
    endSync(200, "answer");
    session.sendAcknowledged(TALK, MINE, 201);
    offerMine(201);
    offer(202);
    deliver();
    assertThat(seqs()).containsExactly(202L);
  }

  @Test
  void aMessageOfTheSameUserThatWasSentElsewhereIsAnEvent() {
    liveAt(5);
    session.sendBegins(TALK, MINE);
    offer(message(TALK, 6, ADA, ClientMessageId.of("from the laptop")));
    deliver();
    assertThat(seqs()).containsExactly(6L);
  }

  @Test
  void anAnswerThatComesDuringASyncStillTakesThePlaceOfTheEvent() {
    liveAt(5);
    session.sendBegins(TALK, MINE);
    beginSync();
    session.sendAcknowledged(TALK, MINE, 6);
    endSync(5, "answer");
    offerMine(6);
    offer(7);
    deliver();
    assertThat(seqs()).containsExactly(7L);
  }

  /** A repetition of a send whose message was told as an event before. */
  @Test
  void anAnswerForAMessageThatWasDeliveredDoesNotHideItFromALaterSync() {
    liveAt(5);
    offerMine(6);
    session.sendBegins(TALK, MINE);
    session.sendAcknowledged(TALK, MINE, 6);
    beginSync();
    endSync(5, "answer");
    offerMine(6);
    deliver();
    assertThat(seqs()).as("again, since the sync went back to 5").containsExactly(6L, 6L);
  }

  @Test
  void whatASyncCoveredIsHiddenFromNoLaterSync() {
    liveAt(5);
    session.sendBegins(TALK, MINE);
    session.sendAcknowledged(TALK, MINE, 6);
    beginSync();
    endSync(6, "first");
    beginSync();
    endSync(5, "second");
    offerMine(6);
    deliver();
    assertThat(seqs()).containsExactly(6L);
  }

  @Test
  void aFailureOfASendThatIsNotKnownChangesNothing() {
    liveAt(5);
    session.sendFailed(TALK, MINE);
    session.sendAcknowledged(TALK, MINE, 6);
    session.sendBegins(TALK, ClientMessageId.of("another"));
    session.sendFailed(TALK, MINE);
    offer(6);
    deliver();
    assertThat(seqs()).containsExactly(6L);
    assertThat(told(Resync.class)).isZero();
  }

  // ---- life

  @Test
  void aClosedSessionAnswersASyncUnderWayButNotUnderItsMonitor() {
    session.close();
    session.endSync(at(5), () -> told.add(Thread.holdsLock(session)));
    assertThat(told).as("on the thread of the store").isEmpty();
    deliver();
    assertThat(told).containsExactly(false);
    offer(6);
    deliver();
    assertThat(seqs()).isEmpty();
  }

  @Test
  void aSyncCannotBringAClosedSessionBackToLife() {
    liveAt(5);
    session.close();
    assertThat(session.beginSync())
        .extracting(ChatException::code)
        .isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(session.isClosed()).isTrue();
  }

  @Test
  void theLastEventOfAPausedSessionIsItsEnd() {
    liveAt(5);
    session.pause();
    offer(6);
    SessionEnded end = new SessionEnded(SessionEnded.Reason.DISCONNECTED, Duration.ZERO);
    session.end(end);
    session.end(end);
    deliver();
    assertThat(told).containsExactly(end);
  }

  @Test
  void whoeverDeliversToOthersMeanwhileIsNotInterruptedWhenASessionIsTooSlow() {
    liveAt(5);
    for (int i = 0; i < 70; i++) {
      offerTyping();
    }
    Runnable turn = turns.remove();
    turn.run();
    assertThat(turns).as("more than one turn's worth of events").hasSize(1);
    session.end(new SessionEnded(SessionEnded.Reason.TOO_SLOW, Duration.ZERO));
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void aSessionIsIdentifiedByItsNodeUserAndDevice() {
    assertThat(session.id()).isEqualTo(router.nodeId() + "-1");
    assertThat(session.user()).isEqualTo(ADA);
    assertThat(session.device()).isEqualTo(DeviceId.of("phone"));
    assertThat(session.isClosed()).isFalse();
  }

  @Test
  void whatIsPausedWaitsUntilItGoesOn() {
    session.resume();
    liveAt(5);
    session.pause();
    offer(6);
    deliver();
    assertThat(told).isEmpty();
    session.resume();
    deliver();
    assertThat(seqs()).containsExactly(6L);
    session.pause();
    session.resume();
    offer(7);
    deliver();
    assertThat(seqs()).containsExactly(6L, 7L);
  }

  /** One session with much to tell must not keep a thread from the others. */
  @Test
  void aTurnEndsAfterAFewEventsAndTheSessionQueuesUpAgain() {
    liveAt(5);
    for (int i = 0; i < 70; i++) {
      offerTyping();
    }
    assertThat(turns).as("one turn, however many events").hasSize(1);
    turns.remove().run();
    assertThat(told).hasSize(64);
    assertThat(turns).hasSize(1);
    deliver();
    assertThat(told).hasSize(70);
    assertThat(turns).isEmpty();
    offerTyping();
    assertThat(turns).as("a new turn").hasSize(1);
  }

  @Test
  void aListenerThatBlocksIsInterruptedWhenItsSessionIsTooSlow() {
    for (SessionEnded.Reason reason : SessionEnded.Reason.values()) {
      List<Object> seen = new ArrayList<>();
      SessionEnded end = new SessionEnded(reason, Duration.ZERO);
      Session[] own = new Session[1];
      own[0] =
          connect(
              ChatListener.of(
                  event -> {
                    seen.add(event);
                    if (event instanceof MessageReceived) {
                      own[0].end(end); // as another thread would while this one blocks
                      seen.add(Thread.interrupted());
                    }
                  }));
      own[0].endSync(at(5), () -> {});
      Message message = message(TALK, 6);
      MessageReceived received = new MessageReceived(message);
      own[0].offerMessage(message, context.outgoing(received, ConversationKind.DIRECT));
      deliver();
      assertThat(seen).containsExactly(received, reason == SessionEnded.Reason.TOO_SLOW, end);
    }
  }

  @Test
  void whenTheNodeDrainsWhatWaitsIsStillDeliveredAndElseNot() {
    for (SessionEnded.Reason reason : SessionEnded.Reason.values()) {
      List<Object> seen = new ArrayList<>();
      Session own = connect(ChatListener.of(seen::add));
      own.endSync(at(5), () -> {});
      own.pause();
      Message message = message(TALK, 6);
      MessageReceived received = new MessageReceived(message);
      own.offerMessage(message, context.outgoing(received, ConversationKind.DIRECT));
      SessionEnded end = new SessionEnded(reason, Duration.ZERO);
      own.end(end);
      deliver();
      assertThat(seen)
          .isEqualTo(
              reason == SessionEnded.Reason.DRAINING ? List.of(received, end) : List.of(end));
      assertThat(own.isClosed()).isTrue();
    }
  }

  @Test
  void aSessionEndsOnceHoweverItEnds() {
    SessionEnded end = new SessionEnded(SessionEnded.Reason.DISCONNECTED, Duration.ZERO);
    session.close();
    session.close();
    session.end(end);
    assertThat(ended).containsExactly(session);
    assertThat(registry.sessionCount()).isZero();
    Session other = connect(ChatListener.of(told::add));
    other.end(end);
    other.end(end);
    other.close();
    deliver();
    assertThat(ended).containsExactly(session, other);
    assertThat(told).containsExactly(end);
  }

  @Test
  void aClosedSessionDeliversAnswersAndNoEvents() {
    liveAt(5);
    session.pause();
    offer(6);
    session.answerPresence(List.of(), () -> told.add("answer"));
    session.close();
    deliver();
    assertThat(told).containsExactly("answer");
  }

  @Test
  void aFaultOfTheListenerCostsOnlyItsOwnEvent() {
    Session other =
        connect(
            ChatListener.of(
                event -> {
                  told.add(event);
                  throw new IllegalStateException("a listener's fault, thrown on purpose");
                }));
    other.endSync(at(5), () -> {});
    for (long seq = 6; seq <= 7; seq++) {
      Message message = message(TALK, seq);
      other.offerMessage(
          message, context.outgoing(new MessageReceived(message), ConversationKind.DIRECT));
    }
    deliver();
    assertThat(seqs()).containsExactly(6L, 7L);
    assertThat(metrics.counters()).containsEntry("listener_faults", 2L);
  }
}
