package chat.engine.message.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.SyncCursor;
import chat.engine.contract.Drafts;
import chat.engine.event.ConversationChanged;
import chat.engine.running.TwoNodeTest;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages expire, and members on two nodes learn of it. */
@Timeout(300)
abstract class RetentionTests extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration DAY = Duration.ofDays(1);

  private final Drafts drafts = new Drafts();

  @Override
  protected EngineBuilder settings(EngineBuilder settings) {
    return settings.retentionPeriod(Duration.ofMillis(20));
  }

  /** Messages that were sent some days ago. */
  private void old(MessageStore store, ConversationId id, int count) {
    List<Draft> old = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      old.add(drafts.draft(id, ADA).createdAt(Instant.now().minus(DAY.multipliedBy(3))).build());
    }
    assertThat(store.append(old, Duration.ofSeconds(30)))
        .allMatch(AppendOutcome.Stored.class::isInstance);
  }

  private static List<ConversationChange> changes(RecordingListener listener, Kind kind) {
    return listener.events(ConversationChanged.class).stream()
        .map(ConversationChanged::change)
        .filter(change -> change != null && change.kind() == kind)
        .toList();
  }

  @Test
  void oldMessagesExpireAndMembersOnAllNodesLearnOfIt() {
    MessageStore store = openStore();
    ConversationId group = get(north.asUser(ADA).createGroup("hikers", Set.of(BOB))).id();
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    old(store, group, 1_200);
    old(store, talk, 3);
    SyncCursor cursor = new SyncCursor(10, get(north.asUser(BOB).inbox(group)).rev(), 0);
    get(north.asUser(ADA).send(group, NewMessage.text("new")));
    RecordingListener ada = connect(north, ADA); // before anything expires
    RecordingListener bob = connect(south, BOB);
    ChatEngine one = node(network.join(), settings -> settings(settings).retention(DAY));
    ChatEngine other = node(network.join(), settings -> settings(settings).retention(DAY));

    await()
        .atMost(LONG)
        .until(
            () ->
                get(one.asApplication().history(group, HistoryQuery.newest())).messages().size()
                    == 1);
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              for (RecordingListener listener : List.of(ada, bob)) {
                List<ConversationChange> expired = changes(listener, Kind.EXPIRED);
                assertThat(expired)
                    .extracting(ConversationChange::conversation)
                    .contains(group, talk);
                assertThat(expired)
                    .filteredOn(change -> change.conversation().equals(group))
                    .last()
                    .extracting(ConversationChange::firstSeq)
                    .isEqualTo(1_201L);
              }
            });
    Map<ConversationId, SyncCursor> cursors = Map.of(group, cursor, talk, SyncCursor.at(1));
    Map<ConversationId, ConversationState> states =
        get(other.connect(BOB, DeviceId.of("late"), cursors, ChatListener.of(event -> {})))
            .sync()
            .conversations()
            .stream()
            .collect(Collectors.toMap(state -> state.conversation().id(), state -> state));
    assertThat(states.get(talk).missed()).isEmpty();
    assertThat(states.get(talk).hasMore()).as("all have expired").isFalse();
    ConversationState away = Objects.requireNonNull(states.get(group));
    assertThat(away.firstSeq()).isEqualTo(1_201);
    assertThat(away.missed()).extracting(Message::seq).containsExactly(1_201L);
    assertThat(away.hasMore()).isFalse();
    assertThat(away.unread()).isOne();
    ConversationState empty = get(one.asUser(BOB).inbox(talk));
    assertThat(empty.lastSeq()).isEqualTo(3);
    assertThat(empty.firstSeq()).isEqualTo(4);
    assertThat(empty.lastMessage()).isNull();
    assertThat(empty.unread()).isZero();
    assertThat(get(one.asUser(ADA).send(talk, NewMessage.text("on"))).seq()).isEqualTo(4);
    await().atMost(LONG).until(() -> bob.texts(talk).contains("on"));
    assertThat(one.counters().get("messages_expired") + other.counters().get("messages_expired"))
        .isEqualTo(1_203);
  }

  @Test
  void aConversationMayKeepItsMessagesForAnotherTime() {
    MessageStore store = openStore();
    ConversationId group = get(north.asUser(ADA).createGroup("hikers", Set.of(BOB))).id();
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    old(store, group, 2);
    old(store, talk, 2);
    RecordingListener bob =
        connect(south, BOB); // has them before they expire, else is told to sync
    get(south.asApplication().setRetention(group, DAY.multipliedBy(9)));
    get(north.asApplication().setRetention(group, DAY.multipliedBy(9)));
    get(north.asApplication().setRetention(talk, DAY));
    await()
        .atMost(LONG)
        .until(
            () ->
                !changes(bob, Kind.EXPIRED).isEmpty()
                    && changes(bob, Kind.RETENTION_SET).size() == 2);
    assertThat(changes(bob, Kind.EXPIRED))
        .extracting(ConversationChange::conversation)
        .containsOnly(talk);
    assertThat(changes(bob, Kind.RETENTION_SET))
        .extracting(ConversationChange::retention)
        .containsExactlyInAnyOrder(DAY.multipliedBy(9), DAY);
    assertThat(get(south.asUser(BOB).inbox(group)).retention()).isEqualTo(DAY.multipliedBy(9));
    get(north.asApplication().setRetention(talk, null));
    await().atMost(LONG).until(() -> changes(bob, Kind.RETENTION_SET).size() == 3);
    assertThat(get(south.asUser(BOB).inbox(talk)).retention()).isNull();
    assertThat(get(south.asUser(BOB).inbox(group)).lastMessage()).isNotNull();
    for (Duration wrong :
        List.of(
            Duration.ZERO,
            Duration.ofSeconds(59),
            Duration.ofMillis(60_001),
            Duration.ofDays(99_999))) {
      assertRefused(north.asApplication().setRetention(talk, wrong), ErrorCode.BAD_REQUEST);
    }
    assertRefused(
        north.asApplication().setRetention(ConversationId.of(1), DAY), ErrorCode.NOT_FOUND);
  }

  @Test
  void theGeneralRetentionIsAskedForInEachRound() {
    MessageStore store = openStore();
    ConversationId group = get(north.asUser(ADA).createGroup("hikers", Set.of(BOB))).id();
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asApplication().setRetention(talk, DAY.multipliedBy(30)));
    old(store, group, 3);
    old(store, talk, 3);
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<Supplier<Optional<Duration>>> general = new AtomicReference<>(Optional::empty);
    ChatEngine third =
        node(
            network.join(),
            settings ->
                settings(settings)
                    .retention(
                        () -> {
                          asked.incrementAndGet();
                          return general.get().get();
                        }));
    awaitNextRound(asked);
    general.set(() -> Optional.of(DAY.multipliedBy(20)));
    awaitNextRound(asked);
    general.set(
        () -> {
          throw new IllegalStateException("no answer, on purpose");
        });
    awaitNextRound(asked);
    assertThat(firstSeqs(third, group, talk)).containsExactly(1L, 1L);
    general.set(() -> Optional.of(DAY.multipliedBy(2)));
    await().atMost(LONG).until(() -> firstSeqs(third, group, talk).get(0) == 4);
    awaitNextRound(asked);
    assertThat(firstSeqs(third, group, talk)).containsExactly(4L, 1L);
  }

  /** One that began after the call. */
  private static void awaitNextRound(AtomicInteger asked) {
    int before = asked.get();
    await().atMost(LONG).until(() -> asked.get() > before + 2);
  }

  private static List<Long> firstSeqs(ChatEngine node, ConversationId... conversations) {
    return Stream.of(conversations).map(id -> get(node.asUser(ADA).inbox(id)).firstSeq()).toList();
  }
}
