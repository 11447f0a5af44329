package chat.engine.message.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.Emoji;
import chat.engine.ErrorCode;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.PinAck;
import chat.engine.PinnedMessage;
import chat.engine.ReactionCount;
import chat.engine.Role;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pinned messages, on two nodes. */
@Timeout(120)
final class PinsTest extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private long send(UserId from, ConversationId conversation, String text) {
    return get(north.asUser(from).send(conversation, NewMessage.text(text))).seq();
  }

  /** The changes of pins that a listener was told, as "+seq" and "-seq". */
  private static List<String> told(RecordingListener listener, ConversationId id) {
    return listener.events(ConversationChanged.class).stream()
        .map(ConversationChanged::change)
        .filter(change -> change != null && change.conversation().equals(id))
        .filter(change -> change.kind().isOfPin())
        .map(change -> (change.kind() == Kind.PINNED ? "+" : "-") + change.pinSeq())
        .toList();
  }

  private static List<Long> pinned(ChatEngine node, UserId user, ConversationId id) {
    return get(node.asUser(user).inbox(id)).pinned();
  }

  @Test
  void allConnectionsOfAllMembersSeePins() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    RecordingListener here = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    ChatSession pinning = connect(north, ADA, here);
    connect(south, BOB, bob);
    for (ConversationId conversation : List.of(talk, group)) {
      send(BOB, conversation, "1");
      send(BOB, conversation, "2");

      PinAck ack = get(pinning.pin(conversation, 1));

      assertThat(ack).isEqualTo(new PinAck(conversation, 1, 1));
      assertThat(get(pinning.pin(conversation, 1))).as("again").isEqualTo(ack);
      assertThat(get(pinning.pin(conversation, 2)).rev()).isEqualTo(2);
      assertThat(pinned(south, BOB, conversation)).containsExactly(2L, 1L);
      assertThat(get(pinning.unpin(conversation, 1)).rev()).isEqualTo(3);
      assertThat(get(pinning.unpin(conversation, 1)).rev()).isZero();
      for (RecordingListener listener : List.of(here, bob)) {
        await().atMost(LONG).until(() -> told(listener, conversation).size() == 3);
        assertThat(told(listener, conversation)).containsExactly("+1", "+2", "-1");
      }
      assertThat(pinned(north, ADA, conversation)).containsExactly(2L);
    }
    assertThat(get(north.asUser(BOB).pin(talk, 1)).rev()).as("both in a direct one").isEqualTo(4);
  }

  @Test
  void theRulesHold() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    send(BOB, group, "hello");
    assertRefused(south.asUser(BOB).pin(group, 1), ErrorCode.FORBIDDEN);
    get(north.asUser(ADA).setRole(group, BOB, Role.ADMIN));
    get(south.asUser(BOB).pin(group, 1));
    assertRefused(south.asUser(CLEO).unpin(group, 1), ErrorCode.FORBIDDEN);
    get(north.asUser(ADA).silence(group, BOB, Instant.now().plusSeconds(3600)));
    assertRefused(south.asUser(BOB).unpin(group, 1), ErrorCode.FORBIDDEN);
    UserId dora = UserId.of("dora");
    assertRefused(north.asUser(dora).pin(group, 1), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(dora).unpin(group, 1), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(dora).pins(group, PageQuery.first()), ErrorCode.NOT_FOUND);
    for (long none : new long[] {-1, 0, 2, Long.MAX_VALUE}) {
      assertRefused(north.asUser(ADA).pin(group, none), ErrorCode.NOT_FOUND);
      assertRefused(north.asUser(ADA).unpin(group, none), ErrorCode.NOT_FOUND);
    }
    get(north.asUser(ADA).deleteMessage(group, 1));
    assertThat(pinned(south, CLEO, group)).isEmpty();
    assertRefused(north.asUser(ADA).pin(group, 1), ErrorCode.CONFLICT);
    assertThat(get(north.asUser(ADA).unpin(group, 1)).rev()).isZero();

    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "hello");
    get(north.asUser(BOB).block(ADA));
    assertRefused(south.asUser(ADA).pin(talk, 1), ErrorCode.FORBIDDEN);
    assertRefused(south.asUser(BOB).pin(talk, 1), ErrorCode.FORBIDDEN);
  }

  @Test
  void theNumberOfPinsIsBounded() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    int most = PinnedMessage.MAX_PER_CONVERSATION;
    for (int i = 0; i <= most; i++) {
      send(ADA, talk, "m");
    }
    IntStream.rangeClosed(1, most).forEach(seq -> get(north.asUser(ADA).pin(talk, seq)));
    assertRefused(south.asUser(BOB).pin(talk, most + 1), ErrorCode.TOO_LARGE);
    assertThat(pinned(south, BOB, talk)).hasSize(most);
    get(south.asUser(BOB).unpin(talk, 7));
    get(south.asUser(BOB).pin(talk, most + 1));
  }

  @Test
  void pinsHavePagesOfMessagesAsTheyAreNow() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    Emoji thumb = Emoji.of("\uD83D\uDC4D");
    IntStream.rangeClosed(1, 3).forEach(i -> send(ADA, talk, "message " + i));
    get(north.asUser(ADA).pin(talk, 2));
    get(north.asUser(BOB).pin(talk, 1));
    get(north.asApplication().pin(talk, 3));
    get(north.asUser(ADA).editMessage(talk, 1, MessageEdit.text("now")));
    get(north.asUser(BOB).react(talk, 1, thumb, true));

    Page<PinnedMessage> page = get(south.asUser(BOB).pins(talk, PageQuery.<Long>first().limit(2)));

    assertThat(page.hasMore()).isTrue();
    assertThat(page.items()).extracting(pin -> pin.message().seq()).containsExactly(3L, 1L);
    PinnedMessage second = page.items().get(1);
    assertThat(second.by()).isEqualTo(BOB);
    assertThat(second.message().text()).isEqualTo("now");
    assertThat(second.message().reactions()).containsExactly(new ReactionCount(thumb, 1, true));
    page = get(south.asUser(BOB).pins(talk, PageQuery.after(second.rev())));
    assertThat(page.hasMore()).isFalse();
    assertThat(page.items()).extracting(PinnedMessage::by).containsExactly(ADA);
    assertThat(get(north.asApplication().pins(talk, PageQuery.first())).items())
        .extracting(PinnedMessage::by)
        .containsExactly(UserId.SYSTEM, BOB, ADA);
    get(north.asApplication().unpin(talk, 3));
    assertThat(pinned(south, BOB, talk)).containsExactly(1L, 2L);
  }

  /** A page is as short as one of the history. */
  @Test
  void aPageOfLongMessagesIsCut() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    String text = "x".repeat(16_000);
    for (int i = 1; i <= 20; i++) {
      send(ADA, talk, text);
      get(north.asUser(ADA).pin(talk, i));
    }
    Page<PinnedMessage> page = get(north.asUser(BOB).pins(talk, PageQuery.first()));
    assertThat(page.hasMore()).isTrue();
    int first = page.items().size();
    assertThat(first).isBetween(5, 19);
    page = get(north.asUser(BOB).pins(talk, PageQuery.after(page.items().get(first - 1).rev())));
    assertThat(page.items()).hasSize(20 - first);
  }

  /** A node that hears nothing finds the pins by comparing itself with the store. */
  @Test
  void aPinArrivesThoughItsEnvelopeIsLost() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    send(ADA, talk, "1");
    send(ADA, group, "1");
    await().atMost(LONG).until(() -> bob.texts(talk).size() + bob.texts(group).size() == 2);
    southRouter.cut();
    for (ConversationId conversation : List.of(talk, group)) {
      get(north.asUser(ADA).pin(conversation, 1));
      get(north.asUser(ADA).unpin(conversation, 1));
      get(north.asUser(ADA).pin(conversation, 1));
      get(north.asUser(ADA).editMessage(conversation, 1, MessageEdit.text("2")));
    }
    await().atMost(LONG).until(() -> bob.events(MessageChanged.class).size() == 2);
    for (ConversationId conversation : List.of(talk, group)) {
      assertThat(told(bob, conversation)).containsExactly("+1", "-1", "+1");
    }
  }

  @Test
  void whoWasAwayGetsThePinsAsTheyAreNow() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    IntStream.rangeClosed(1, 3).forEach(i -> send(ADA, talk, "message " + i));
    ChatSession bob = connect(south, BOB, new RecordingListener());
    get(north.asUser(ADA).pin(talk, 2));
    get(north.asUser(ADA).pin(talk, 3));
    get(north.asUser(ADA).unpin(talk, 2));
    get(north.asUser(ADA).pin(talk, 1));

    ConversationState state =
        get(bob.sync(Map.of(talk, new SyncCursor(3, 0, 0)))).conversations().get(0);

    assertThat(state.rev()).isEqualTo(4);
    assertThat(state.pinned()).containsExactly(1L, 3L);
    assertThat(state.changes()).as("the messages are as they were").isEmpty();
    assertThat(state.reset()).isFalse();
    SyncResult nothing = get(bob.sync(Map.of(talk, new SyncCursor(3, 4, 0))));
    assertThat(nothing.conversations()).isEmpty();
    get(north.asUser(ADA).unpin(talk, 1));
    get(north.asUser(ADA).deleteMessage(talk, 3));
    state = get(bob.sync(Map.of(talk, new SyncCursor(3, 4, 0)))).conversations().get(0);
    assertThat(state.pinned()).isEmpty();
  }

  @Test
  void nothingOfAPinReachesWhoWasRemovedBefore() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    RecordingListener bob = new RecordingListener();
    RecordingListener cleo = new RecordingListener();
    connect(south, BOB, bob);
    connect(south, CLEO, cleo);
    send(ADA, group, "1");
    get(north.asUser(ADA).pin(group, 1));
    await().atMost(LONG).until(() -> told(cleo, group).size() == 1);
    get(north.asUser(ADA).removeMembers(group, Set.of(CLEO)));
    get(north.asUser(ADA).unpin(group, 1));
    await().atMost(LONG).until(() -> told(bob, group).size() == 2);
    assertThat(told(cleo, group)).hasSize(1);
  }

  /** A pin is no change of the group: neither its members nor those who may send are looked up. */
  @Test
  void aPinIsNoChangeOfTheGroup() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    send(ADA, group, "1");
    long rev = get(north.asUser(ADA).members(group, PageQuery.first())).rev();
    get(north.asUser(ADA).pin(group, 1));
    assertThat(get(north.asUser(ADA).members(group, PageQuery.first())).rev()).isEqualTo(rev);
    assertThat(send(BOB, group, "2")).isEqualTo(2);
    get(north.asUser(ADA).renameGroup(group, "h"));
    assertThat(pinned(south, BOB, group)).containsExactly(1L);
  }

  // ---- races, each some hundred times on two nodes

  /** However it ends, a deleted message is not pinned, and no pin of it is told behind that. */
  @RepeatedTest(3)
  void aPinAgainstADeletion() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    get(north.asUser(ADA).setRole(group, BOB, Role.ADMIN));
    RecordingListener watching = new RecordingListener();
    connect(south, BOB, watching);
    int won = 0;
    for (int round = 1; round <= 100; round++) {
      long seq = send(ADA, group, "m");
      boolean deletionFirst = round % 2 == 0;
      CompletableFuture<Long> deleting =
          deletionFirst ? delete(group, seq) : new CompletableFuture<>();
      CompletableFuture<PinAck> pin = south.asUser(BOB).pin(group, seq);
      long deletion = get(deletionFirst ? deleting : delete(group, seq));
      try {
        assertThat(get(pin).rev()).isLessThan(deletion);
        won++;
      } catch (CompletionException late) {
        assertRefused(pin, ErrorCode.CONFLICT);
      }
      assertThat(pinned(north, BOB, group)).isEmpty();
      assertThat(get(south.asUser(BOB).pins(group, PageQuery.first())).items()).isEmpty();
    }
    int pins = won;
    await().atMost(LONG).until(() -> watching.events(MessageChanged.class).size() == 100);
    assertThat(told(watching, group)).hasSize(pins);
    assertInOneOrder(watching);
    assertThat(follow(watching, group)).as("what a client is left with").isEmpty();
  }

  private CompletableFuture<Long> delete(ConversationId group, long seq) {
    return north.asUser(ADA).deleteMessage(group, seq).thenApply(ack -> ack.rev());
  }

  /** Two admins disagree: the higher rev decides, and all end with what the store has. */
  @RepeatedTest(3)
  void pinAgainstUnpin() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(BOB, talk, "m");
    RecordingListener one = new RecordingListener();
    RecordingListener other = new RecordingListener();
    connect(north, ADA, one);
    connect(south, BOB, other);
    for (int round = 1; round <= 100; round++) {
      CompletableFuture<PinAck> pin = north.asUser(ADA).pin(talk, 1);
      CompletableFuture<PinAck> unpin = south.asUser(BOB).unpin(talk, 1);
      boolean stays = get(pin).rev() > get(unpin).rev();
      assertThat(pinned(south, ADA, talk)).isEqualTo(stays ? List.of(1L) : List.of());
    }
    send(ADA, talk, "done");
    get(north.asUser(ADA).editMessage(talk, 2, MessageEdit.text("last")));
    for (RecordingListener listener : List.of(one, other)) {
      await().atMost(LONG).until(() -> !listener.events(MessageChanged.class).isEmpty());
      assertInOneOrder(listener);
      assertThat(follow(listener, talk)).isEqualTo(pinned(north, ADA, talk));
    }
  }

  /** What is pinned after all that was told, newest first. */
  private static List<Long> follow(RecordingListener listener, ConversationId id) {
    List<Long> pinned = new ArrayList<>();
    for (ConversationChange change : logged(listener)) {
      if (!change.conversation().equals(id)) {
        continue;
      }
      if (change.kind() == Kind.PINNED) {
        pinned.remove(change.pinSeq());
        pinned.add(0, change.pinSeq());
      } else if (change.kind() == Kind.UNPINNED) {
        pinned.remove(change.pinSeq());
      } else if (change.kind() == Kind.MESSAGE_DELETED) {
        pinned.remove((Long) change.message().seq());
      }
    }
    return pinned;
  }

  // ---- hooks

  @Test
  void theActionHookIsAsked() {
    List<UserAction> actions = new ArrayList<>();
    ChatEngine guarded =
        node(
            network.join(),
            settings ->
                settings.actionHook(
                    ActionHook.blocking(
                        action -> {
                          actions.add(action);
                          if (action instanceof UserAction.PinMessage pin && pin.seq() == 2) {
                            throw ChatException.forbidden("not this one");
                          }
                        })));
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "one");
    send(ADA, talk, "two");

    assertRefused(guarded.asUser(ADA).pin(talk, 2), ErrorCode.FORBIDDEN);
    get(guarded.asUser(ADA).pin(talk, 1));
    get(guarded.asUser(ADA).unpin(talk, 1));
    get(guarded.asApplication().pin(talk, 2));
    assertThat(actions)
        .extracting(action -> ((UserAction.PinMessage) action).on())
        .as("not about what the application does")
        .containsExactly(true, true, false);
    assertRefused(guarded.asUser(CLEO).pin(talk, 1), ErrorCode.NOT_FOUND);
    assertThat(actions).as("the hook is not asked about what is not the user's").hasSize(3);
  }
}
