package chat.engine.internal.session;

import static chat.engine.internal.session.LocalSessions.message;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.event.PresenceChanged;
import chat.engine.event.Resync;
import chat.engine.internal.session.LocalSessions.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The presences that a session has been told, and those that it has not been told yet. */
final class SessionPresenceTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final ConversationId TALK = ConversationId.of(1);
  private static final int EVENT = 256; // bytes
  private static final int MESSAGE = weight(1);

  /** Has room for two messages and a presence. */
  private final LocalSessions node = new LocalSessions(2 * MESSAGE + EVENT);

  private final Client ada = node.connect(ADA).liveAt(Map.of(TALK, 0L));
  private final Session session = ada.session();

  private static int weight(long seq) {
    LocalSessions sample = new LocalSessions();
    return sample.context.outgoing(new MessageReceived(message(TALK, seq, BOB))).weight();
  }

  private static PresenceChanged changed(UserId user, boolean online) {
    return new PresenceChanged(new Presence(user, online, null));
  }

  private void tell(UserId user, boolean online) {
    PresenceChanged event = changed(user, online);
    session.tellPresence(event.presence(), node.context.outgoing(event));
  }

  private void offer(long seq) {
    Message message = message(TALK, seq, BOB);
    session.offerMessage(
        message, node.context.outgoing(new MessageReceived(message), ConversationKind.DIRECT));
  }

  /** Watches users of whom no answer tells, so that events have to. */
  private void watch(UserId... users) {
    session.replaceWatched(Set.of(users));
    session.failPresence(List.of(users));
  }

  private boolean needsEither(UserId user) {
    return session.needsPresence(user, true) && session.needsPresence(user, false);
  }

  @Test
  void whoIsWatchedIsToldOfOnceUntilItChanges() {
    tell(BOB, true);
    watch(BOB);
    tell(CLEO, true);
    assertThat(ada.events()).as("not watched").isEmpty();
    tell(BOB, true);
    tell(BOB, true);
    assertThat(session.needsPresence(BOB, true)).isFalse();
    assertThat(session.needsPresence(BOB, false)).isTrue();
    tell(BOB, false);
    assertThat(ada.events()).containsExactly(changed(BOB, true), changed(BOB, false));
  }

  @Test
  void thoseWhoAreWatchedGiveWayToOthersAndToNobody() {
    assertThat(session.replaceWatched(Set.of(BOB, CLEO))).isEmpty();
    assertThat(session.replaceWatched(Set.of(BOB))).containsExactly(BOB, CLEO);
    session.failPresence(List.of(BOB, CLEO));
    assertThat(session.needsPresence(CLEO, true)).isFalse();
    assertThat(session.replaceWatched(Set.of())).containsExactly(BOB);
    session.failPresence(List.of(BOB));
    assertThat(session.needsPresence(BOB, true)).isFalse();
    assertThat(session.replaceWatched(Set.of(BOB))).isEmpty();
  }

  @Test
  void aPresenceForWhichThereIsNoRoomIsToldLater() {
    watch(BOB);
    session.pause();
    offer(1);
    offer(2);
    tell(CLEO, true);
    tell(BOB, true);
    tell(BOB, false);
    assertThat(session.needsPresence(BOB, false)).as("the first was told, the second not").isTrue();
    assertThat(session.needsPresence(BOB, true)).isFalse();
    session.resume();
    assertThat(ada.events(PresenceChanged.class)).containsExactly(changed(BOB, true));
    tell(BOB, false);
    assertThat(ada.events(PresenceChanged.class))
        .containsExactly(changed(BOB, true), changed(BOB, false));
    assertThat(node.metrics.counters()).containsEntry("ephemeral_dropped", 0L);
  }

  @Test
  void whatIsHeldBackDuringASyncLeavesNoRoomForPresences() {
    watch(BOB);
    assertThat(session.beginSync()).isNull();
    offer(1);
    offer(2);
    tell(BOB, true);
    tell(BOB, false);
    assertThat(session.needsPresence(BOB, false)).isTrue();
    assertThat(ada.events()).containsExactly(changed(BOB, true));
    assertThat(node.metrics.counters()).containsEntry("ephemeral_dropped", 0L);
  }

  @Test
  void presencesThatGaveWayToAMessageAreToldAgain() {
    watch(BOB, CLEO);
    session.pause();
    tell(BOB, true);
    tell(CLEO, true);
    offer(1);
    assertThat(session.needsPresence(BOB, true)).as("it waits").isFalse();
    offer(2);
    assertThat(needsEither(BOB)).isTrue();
    assertThat(needsEither(CLEO)).isTrue();
    session.resume();
    assertThat(ada.seqs(TALK)).containsExactly(1L, 2L);
    assertThat(ada.events(PresenceChanged.class)).isEmpty();
    assertThat(node.metrics.counters()).containsEntry("ephemeral_dropped", 2L);
  }

  @Test
  void whenTheStreamIsCutWhatWaitsIsVoidAndIsToldBehindTheSync() {
    watch(BOB, CLEO);
    tell(CLEO, true);
    ada.events();
    session.pause();
    tell(BOB, true);
    session.resync();
    assertThat(session.needsPresence(BOB, true)).as("it could not be told").isFalse();
    tell(BOB, true);
    session.resume();
    assertThat(ada.events()).containsExactly(changed(CLEO, true), new Resync());
    assertThat(session.beginSync()).isNull();
    assertThat(session.needsPresence(BOB, true)).as("it never heard").isTrue();
    assertThat(session.needsPresence(CLEO, true)).as("it heard before").isFalse();
    tell(BOB, true);
    assertThat(ada.events()).endsWith(changed(BOB, true)).hasSize(3);
  }

  @Test
  void anAnswerGoesInFrontOfTheEventsAndVoidsThePresencesAmongThem() {
    List<String> answers = new ArrayList<>();
    watch(BOB, CLEO);
    session.pause();
    offer(1);
    tell(BOB, true);
    tell(CLEO, true);
    assertThat(
            session.answerPresence(
                List.of(new Presence(BOB, false, null)), () -> answers.add("answer")))
        .isTrue();
    node.deliver();
    assertThat(answers).as("even while it pauses").containsExactly("answer");
    session.resume();
    assertThat(ada.seqs(TALK)).containsExactly(1L);
    assertThat(ada.events()).hasSize(1);
    assertThat(needsEither(CLEO)).as("the event was void").isTrue();
    assertThat(needsEither(BOB)).as("an event has to follow").isTrue();
  }

  @Test
  void whatAnAnswerToldIsNotToldAgain() {
    session.replaceWatched(Set.of(BOB));
    assertThat(session.needsPresence(BOB, true)).as("the answer is under way").isFalse();
    session.answerPresence(List.of(new Presence(BOB, true, null)), () -> {});
    assertThat(session.needsPresence(BOB, true)).isFalse();
    assertThat(session.needsPresence(BOB, false)).isTrue();
  }

  @Test
  void anAnswerToWhoWatchesNobodyIsGivenAndAfterTheEndNone() {
    List<String> answers = new ArrayList<>();
    assertThat(session.answerPresence(List.of(), () -> answers.add("first"))).isTrue();
    node.deliver();
    assertThat(answers).containsExactly("first");
    session.close();
    assertThat(session.answerPresence(List.of(), () -> answers.add("late"))).isFalse();
    node.deliver();
    assertThat(answers).containsExactly("first");
  }

  @Test
  void afterTheEndNothingIsTold() {
    watch(BOB);
    session.close();
    assertThat(session.needsPresence(BOB, true)).isFalse();
    tell(BOB, true);
    assertThat(ada.events()).isEmpty();
  }
}
