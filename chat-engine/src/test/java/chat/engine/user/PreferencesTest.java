package chat.engine.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.event.PreferencesChanged;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How users see their conversations, on two nodes. */
@Timeout(120)
final class PreferencesTest extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final PreferencesEdit NOTHING = PreferencesEdit.NOTHING;
  private static final Instant LATER = Instant.parse("2101-02-03T04:05:06.789Z");

  private final ConcurrentLinkedQueue<Set<UserId>> notified = new ConcurrentLinkedQueue<>();

  @Override
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings.offlineNotifier((conversation, message, users) -> notified.add(users));
  }

  private void send(UserId from, ConversationId conversation, int count) {
    for (int i = 0; i < count; i++) {
      get(north.asUser(from).send(conversation, NewMessage.text("message")));
    }
  }

  private static List<Preferences> seen(RecordingListener listener) {
    return listener.events(PreferencesChanged.class).stream()
        .map(PreferencesChanged::preferences)
        .toList();
  }

  private static ConversationState state(ChatEngine node, UserId user, ConversationId id) {
    return get(node.asUser(user).inbox(id));
  }

  @Test
  void theOwnOtherSessionsOnAllNodesSeeAChangeOnceAndNobodyElseDoes() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    RecordingListener here = new RecordingListener();
    RecordingListener beside = new RecordingListener();
    RecordingListener there = new RecordingListener();
    RecordingListener ada = new RecordingListener();
    ChatSession session = connect(north, BOB, here);
    connect(north, BOB, beside);
    connect(south, BOB, there);
    connect(south, ADA, ada);

    List<Preferences> made = new ArrayList<>();
    for (ConversationId id : List.of(talk, group)) {
      made.add(get(session.setPreferences(id, NOTHING.mutedUntil(LATER).pinned(true))));
      get(session.setPreferences(id, NOTHING.pinned(true))); // is so already
      made.add(get(session.setPreferences(id, NOTHING.archived(true))));
    }
    assertThat(made)
        .containsExactly(
            new Preferences(1, LATER, null, true, null),
            new Preferences(2, LATER, 0L, true, null),
            new Preferences(1, LATER, null, true, null),
            new Preferences(2, LATER, 0L, true, null));
    await().atMost(LONG).until(() -> seen(there).size() >= 4 && seen(beside).size() >= 4);
    send(ADA, talk, 1); // behind everything
    there.awaitMessage("message");
    assertThat(seen(there)).containsExactlyInAnyOrderElementsOf(made);
    assertThat(seen(beside)).containsExactlyInAnyOrderElementsOf(made);
    assertThat(seen(here)).as("has its answers").isEmpty();
    assertThat(seen(ada)).isEmpty();
    assertThat(state(south, ADA, group).preferences()).isEqualTo(Preferences.NONE);
    assertThat(state(south, BOB, group).preferences().archived()).isTrue();
    assertThat(state(south, BOB, talk).preferences().archived()).as("a message came").isFalse();
  }

  @Test
  void aNodeThatHearsNothingFindsTheChangeInTheStore() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    send(ADA, group, 2);
    get(north.asUser(BOB).markRead(group, 2));
    RecordingListener there = new RecordingListener();
    connect(south, BOB, there);
    southRouter.cut();
    for (ConversationId id : List.of(talk, group)) {
      get(north.asUser(BOB).setPreferences(id, NOTHING.pinned(true)));
      get(north.asUser(BOB).setPreferences(id, NOTHING.mutedUntil(LATER)));
    }
    await()
        .atMost(LONG)
        .until(() -> seen(there).stream().filter(one -> one.version() == 2).count() == 2);
    get(north.asUser(BOB).setPreferences(group, NOTHING.unreadFrom(1L)));
    await().atMost(LONG).until(() -> seen(there).get(seen(there).size() - 1).version() == 3);
    get(north.asUser(BOB).markRead(group, 2));
    await().atMost(LONG).until(() -> seen(there).get(seen(there).size() - 1).version() == 4);
  }

  @Test
  void whatIsMarkedAsUnreadCountsUntilARead() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, 5);
    send(BOB, talk, 1);
    RecordingListener there = new RecordingListener();
    connect(south, BOB, there);
    get(north.asUser(BOB).markRead(talk, 6));
    assertThat(state(north, BOB, talk).unread()).isZero();

    get(north.asUser(BOB).setPreferences(talk, NOTHING.unreadFrom(3L)));
    ConversationState marked = state(south, BOB, talk);
    assertThat(marked.unread()).as("3, 4 and 5, and not the own one").isEqualTo(3);
    assertThat(marked.readSeq()).as("receipts do not go back").isEqualTo(6);
    get(north.asUser(BOB).markRead(talk, 6));
    await().atMost(LONG).until(() -> seen(there).size() == 2);
    assertThat(seen(there).get(1)).isEqualTo(new Preferences(2, null, null, false, null));
    assertThat(state(south, BOB, talk).unread()).isZero();

    get(north.asUser(BOB).setPreferences(talk, NOTHING.unreadFrom(6L)));
    send(ADA, talk, 1);
    assertThat(state(south, BOB, talk).unread()).isOne();
    get(north.asUser(BOB).setPreferences(talk, NOTHING.unreadFrom(null)));
    assertThat(state(south, BOB, talk).unread()).isOne();
  }

  @Test
  void readsAndMarksOfOneCallerTakeEffectInTheOrderOfTheCalls() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, 3);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(north.asUser(BOB).markRead(talk, 3));
      calls.add(north.asUser(BOB).setPreferences(talk, NOTHING.unreadFrom(2L)));
    }
    calls.forEach(CompletableFuture::join);
    assertThat(state(north, BOB, talk).preferences())
        .as("each read ended a mark")
        .isEqualTo(new Preferences(399, null, null, false, 2L));
  }

  @Test
  void whatCannotBeIsRefused() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, 1);
    assertRefused(
        north.asUser(CLEO).setPreferences(talk, NOTHING.pinned(true)), ErrorCode.NOT_FOUND);
    assertRefused(
        north.asUser(ADA).setPreferences(talk, NOTHING.unreadFrom(2L)), ErrorCode.BAD_REQUEST);
    assertThatThrownBy(() -> NOTHING.unreadFrom(0L)).isInstanceOf(ChatException.class);
    assertThatThrownBy(() -> NOTHING.mutedUntil(Instant.MAX)).isInstanceOf(ChatException.class);
    assertThatThrownBy(() -> NOTHING.mutedUntil(Instant.MIN)).isInstanceOf(ChatException.class);
  }

  // ---- after an absence

  @Test
  void aSyncTellsPreferencesThatTheCursorHasNot() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    ChatSession bob = connect(south, BOB, new RecordingListener());
    assertThat(told(bob, Map.of(talk, cursor(0, -1), group, cursor(0, 0))))
        .as("none were ever set")
        .isEmpty();
    get(north.asUser(BOB).setPreferences(talk, NOTHING.mutedUntil(LATER)));
    assertThat(told(bob, Map.of(talk, cursor(0, 0), group, cursor(0, 0))))
        .containsExactly(Map.entry(talk, new Preferences(1, LATER, null, false, null)));
    assertThat(told(bob, Map.of(talk, cursor(0, -1), group, cursor(0, -1))))
        .as("by a client that knows no preferences")
        .containsOnlyKeys(talk);
    assertThat(told(bob, Map.of(talk, cursor(0, 1), group, cursor(0, 0)))).isEmpty();

    get(north.asUser(BOB).setPreferences(group, NOTHING.pinned(true)));
    get(north.asUser(ADA).removeMembers(group, Set.of(BOB)));
    get(north.asUser(ADA).addMembers(group, Set.of(BOB)));
    assertThat(told(bob, Map.of(talk, cursor(0, 1), group, cursor(2, 1))))
        .as("of another membership, with a rev that says nothing of it")
        .containsExactly(Map.entry(group, Preferences.NONE));
  }

  private static SyncCursor cursor(long rev, long preferences) {
    return new SyncCursor(0, rev, 0, preferences);
  }

  private static Map<ConversationId, Preferences> told(
      ChatSession session, Map<ConversationId, SyncCursor> cursors) {
    return get(session.sync(cursors)).conversations().stream()
        .collect(
            java.util.stream.Collectors.toMap(
                state -> state.conversation().id(), ConversationState::preferences));
  }

  @Test
  void aNewMembershipShowsItsChangesThoughItsVersionsAreLower() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener there = new RecordingListener();
    connect(south, BOB, there);
    for (int i = 0; i < 5; i++) {
      get(north.asUser(BOB).setPreferences(group, NOTHING.pinned(i % 2 == 0)));
    }
    await().atMost(LONG).until(() -> seen(there).size() == 5);
    get(north.asUser(ADA).removeMembers(group, Set.of(BOB)));
    get(north.asUser(ADA).addMembers(group, Set.of(BOB)));
    get(north.asUser(BOB).setPreferences(group, NOTHING.mutedUntil(LATER)));
    await().atMost(LONG).until(() -> seen(there).size() == 6);
    assertThat(seen(there).get(5)).isEqualTo(new Preferences(1, LATER, null, false, null));
  }

  // ---- notifications

  @Test
  void aMutedConversationCausesNoNotification() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    get(north.asUser(BOB).setPreferences(group, NOTHING.mutedUntil(LATER)));
    get(
        north
            .asUser(ADA)
            .send(group, NewMessage.text("hey").withMentions(List.of(BOB)))); // even so
    await().atMost(LONG).until(() -> notified.size() == 1);
    assertThat(notified.poll()).containsExactly(CLEO);
    get(north.asUser(CLEO).setPreferences(group, NOTHING.mutedUntil(PreferencesEdit.FOR_GOOD)));
    send(ADA, group, 1); // nobody is left
    send(ADA, get(north.asUser(ADA).openDirect(CLEO)).id(), 1); // and when that is through
    await().atMost(LONG).until(() -> notified.size() == 1);
    assertThat(notified.poll()).containsExactly(CLEO);
    get(north.asUser(BOB).setPreferences(group, NOTHING.mutedUntil(null)));
    send(ADA, group, 1);
    await().atMost(LONG).until(() -> !notified.isEmpty());
    assertThat(notified).containsExactly(Set.of(BOB));
  }

  // ---- races

  /**
   * Two devices on two nodes change the same preferences at the same time. The later one in the
   * store decides, and both devices and a sync agree on it afterwards.
   */
  @Test
  void twoDevicesOnTwoNodesAgreeInTheEnd() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    send(ADA, group, 3);
    RecordingListener one = new RecordingListener();
    RecordingListener other = new RecordingListener();
    ChatSession here = connect(north, BOB, one);
    ChatSession there = connect(south, BOB, other);
    for (int round = 0; round < 300; round++) {
      boolean on = round % 2 == 0;
      List<CompletableFuture<Preferences>> answersHere = new ArrayList<>();
      List<CompletableFuture<Preferences>> answersThere = new ArrayList<>();
      answersHere.add(here.setPreferences(group, NOTHING.pinned(on).unreadFrom(2L)));
      answersThere.add(
          there.setPreferences(group, NOTHING.pinned(!on).mutedUntil(LATER.plusMillis(round))));
      CompletableFuture<Void> read = there.markRead(group, 3);
      answersHere.add(here.setPreferences(group, NOTHING.archived(!on)));
      get(read);
      answersHere.forEach(CompletableFuture::join);
      answersThere.forEach(CompletableFuture::join);
      Preferences truth = state(north, BOB, group).preferences();
      await().atMost(LONG).until(() -> latest(one, answersHere).equals(truth));
      await().atMost(LONG).until(() -> latest(other, answersThere).equals(truth));
      SyncCursor known = new SyncCursor(3, 0, 3, truth.version());
      assertThat(get(there.sync(Map.of(group, known))).conversations()).isEmpty();
    }
  }

  /** As a client keeps it: of all answers and events the one with the highest version. */
  private static Preferences latest(
      RecordingListener listener, List<CompletableFuture<Preferences>> answers) {
    List<Preferences> all = new ArrayList<>(seen(listener));
    answers.forEach(answer -> all.add(answer.join()));
    return all.stream().max(Comparator.comparingLong(Preferences::version)).orElseThrow();
  }
}
