package chat.engine.message.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChangeAck;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.event.MessageChanged;
import chat.engine.hook.SendHook;
import chat.engine.hook.UserAction;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Edits and deletions of messages, on two nodes. */
@Timeout(120)
final class MessageChangesTest extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private long send(UserId from, ConversationId conversation, String text) {
    return get(north.asUser(from).send(conversation, NewMessage.text(text))).seq();
  }

  private ChangeAck edit(UserId author, ConversationId conversation, long seq, String text) {
    return get(north.asUser(author).editMessage(conversation, seq, MessageEdit.text(text)));
  }

  private static List<MessageChanged> edits(RecordingListener listener) {
    return listener.events(MessageChanged.class);
  }

  private static List<String> texts(List<Message> messages) {
    return messages.stream().map(Message::text).toList();
  }

  private static List<Message> history(ChatEngine node, UserId user, ConversationId conversation) {
    return get(node.asUser(user).history(conversation, HistoryQuery.newest())).messages();
  }

  @Test
  void everyConnectedMemberSeesAnEditOnceInItsPlace() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    RecordingListener ada = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    connect(north, ADA, ada);
    connect(south, BOB, bob);
    for (ConversationId conversation : List.of(talk, group)) {
      long seq = send(ADA, conversation, "helo");
      ChangeAck ack = edit(ADA, conversation, seq, "hello");
      assertThat(ack.rev()).isOne();
      assertThat(ack.editedAt()).isNotNull();
      send(ADA, conversation, "next");
      await().atMost(LONG).until(() -> bob.texts(conversation).size() == 2);
      await()
          .atMost(LONG)
          .until(
              () ->
                  edits(bob).stream().anyMatch(to -> to.conversation().id().equals(conversation)));
      MessageChanged seen = edits(bob).get(edits(bob).size() - 1);
      assertThat(seen.message().text()).isEqualTo("hello");
      assertThat(seen.message().rev()).isOne();
      assertThat(seen.message().editedAt()).isEqualTo(ack.editedAt());
      assertThat(seen.change().kind()).isEqualTo(Kind.MESSAGE_EDITED);
      assertThat(seen.change().actor()).isEqualTo(ADA);
      assertThat(texts(history(south, BOB, conversation))).containsExactly("hello", "next");
    }
    await().atMost(LONG).until(() -> edits(ada).size() == 2);
    assertThat(edits(bob)).hasSize(2);
  }

  @Test
  void aDeletedMessageKeepsItsPlaceAndNothingElse() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    NewMessage secret =
        NewMessage.text("secret").withMentions(List.of(BOB)).withAttributes("{\"a\":1}");
    long seq = get(north.asUser(ADA).send(talk, secret)).seq();
    ChangeAck ack = get(north.asUser(ADA).deleteMessage(talk, seq));
    await().atMost(LONG).until(() -> edits(bob).size() == 1);
    Message left = history(south, BOB, talk).get(0);
    assertThat(left.deleted()).isTrue();
    assertThat(left.text()).isEmpty();
    assertThat(left.mentions()).isEmpty();
    assertThat(left.attributes()).isNull();
    assertThat(left.rev()).isEqualTo(ack.rev());
    assertThat(edits(bob).get(0).message()).isEqualTo(left);
    assertThat(get(north.asUser(ADA).deleteMessage(talk, seq))).isEqualTo(ack);
    assertRefused(
        north.asUser(ADA).editMessage(talk, seq, MessageEdit.text("again")), ErrorCode.CONFLICT);
    assertThat(get(north.asUser(ADA).send(talk, secret)).duplicate()).isTrue();
    assertThat(edits(bob)).hasSize(1);
  }

  @Test
  void theRulesOfWhoMayChangeWhatHold() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    long direct = send(ADA, talk, "x");
    long ofOwner = send(ADA, group, "x");
    long ofMember = send(BOB, group, "x");
    MessageEdit edit = MessageEdit.text("y");
    assertRefused(north.asUser(BOB).editMessage(talk, direct, edit), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(BOB).deleteMessage(talk, direct), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(CLEO).editMessage(talk, direct, edit), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(CLEO).deleteMessage(talk, direct), ErrorCode.NOT_FOUND);
    assertRefused(north.asUser(ADA).editMessage(group, ofMember, edit), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(CLEO).deleteMessage(group, ofMember), ErrorCode.FORBIDDEN);
    assertRefused(north.asUser(BOB).deleteMessage(group, ofOwner), ErrorCode.FORBIDDEN);
    for (long none : new long[] {-1, 0, 3, Long.MAX_VALUE}) {
      assertRefused(north.asUser(ADA).editMessage(group, none, edit), ErrorCode.NOT_FOUND);
      assertRefused(north.asUser(ADA).deleteMessage(group, none), ErrorCode.NOT_FOUND);
    }
    assertThat(texts(history(north, ADA, group))).containsOnly("x");
    get(north.asUser(ADA).setRole(group, CLEO, Role.ADMIN));
    get(north.asUser(CLEO).deleteMessage(group, ofOwner));
    get(north.asUser(ADA).deleteMessage(group, ofMember));
    assertThat(texts(history(north, ADA, group))).containsOnly("");
    get(north.asApplication().editMessage(talk, direct, edit));
    get(north.asApplication().deleteMessage(talk, direct));
    get(north.asApplication().deleteMessage(talk, direct));
    String tooLong = "z".repeat(20_000);
    assertRefused(
        north.asUser(BOB).editMessage(talk, direct, MessageEdit.text(tooLong)),
        ErrorCode.TOO_LARGE);
  }

  @Test
  void editsOfOneCallerTakeEffectInTheOrderOfTheCallsAndOfTheSends() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    long seq = send(ADA, group, "0");
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      calls.add(north.asUser(ADA).editMessage(group, seq, MessageEdit.text("edit " + i)));
      calls.add(north.asUser(ADA).send(group, NewMessage.text("message " + i)));
    }
    calls.forEach(CompletableFuture::join);
    await().atMost(LONG).until(() -> edits(bob).size() == 100);
    assertThat(edits(bob))
        .extracting(seen -> seen.change().rev())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 100).boxed().toList());
    assertThat(edits(bob))
        .extracting(seen -> seen.change().atSeq())
        .as("each edit stands behind the message that was sent before it")
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 100).boxed().toList());
    assertThat(history(south, BOB, group).get(0).seq()).isGreaterThan(1);
    assertThat(get(south.asUser(BOB).history(group, HistoryQuery.before(2))).messages())
        .extracting(Message::text)
        .containsExactly("edit 100");
  }

  /** A node that hears nothing finds the changes by comparing itself with the store. */
  @Test
  void aChangeArrivesThoughItsEnvelopeIsLost() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    long direct = send(ADA, talk, "1");
    long grouped = send(ADA, group, "1");
    await().atMost(LONG).until(() -> bob.texts(talk).size() + bob.texts(group).size() == 2);
    southRouter.cut();
    edit(ADA, talk, direct, "2");
    edit(ADA, talk, direct, "3");
    get(north.asUser(ADA).deleteMessage(group, grouped));
    await().atMost(LONG).until(() -> edits(bob).size() == 3);
    assertThat(edits(bob))
        .filteredOn(seen -> seen.conversation().id().equals(talk))
        .extracting(seen -> seen.message().text())
        .as("as the message is now, whichever change it is")
        .containsOnly("3");
    assertThat(edits(bob))
        .filteredOn(seen -> seen.conversation().id().equals(group))
        .allMatch(seen -> seen.message().deleted());
  }

  @Test
  void nothingOfAChangeReachesWhoWasRemovedBefore() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    RecordingListener bob = new RecordingListener();
    RecordingListener cleo = new RecordingListener();
    connect(south, BOB, bob);
    connect(south, CLEO, cleo);
    long seq = send(ADA, group, "before");
    await().atMost(LONG).until(() -> cleo.texts(group).size() == 1);
    get(north.asUser(ADA).removeMembers(group, Set.of(CLEO)));
    edit(ADA, group, seq, "after");
    await().atMost(LONG).until(() -> edits(bob).size() == 1);
    assertThat(edits(cleo)).isEmpty();
    assertRefused(
        south.asUser(CLEO).editMessage(group, seq, MessageEdit.text("x")), ErrorCode.NOT_FOUND);
  }

  // ---- sync

  private static ConversationState sync(ChatSession session, ConversationId id, SyncCursor cursor) {
    SyncResult result = get(session.sync(Map.of(id, cursor)));
    return result.conversations().stream()
        .filter(state -> state.conversation().id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whoWasAwayGetsEachChangedMessageOnceAsItIsNow() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    for (int i = 1; i <= 5; i++) {
      send(ADA, talk, "message " + i);
    }
    edit(ADA, talk, 1, "edited");
    ChatSession bob = connect(south, BOB, new RecordingListener());
    ConversationState before = sync(bob, talk, new SyncCursor(4, 1, 0));
    assertThat(before.rev()).isOne();
    assertThat(before.changes()).isEmpty();
    assertThat(before.missed()).extracting(Message::seq).containsExactly(5L);

    edit(ADA, talk, 2, "first");
    edit(ADA, talk, 2, "second");
    edit(ADA, talk, 5, "not known yet");
    get(north.asUser(ADA).deleteMessage(talk, 3));
    ConversationState state = sync(bob, talk, new SyncCursor(4, 1, 0));
    assertThat(state.rev()).isEqualTo(5);
    assertThat(state.reset()).isFalse();
    assertThat(state.changes()).extracting(Message::seq).containsExactly(2L, 3L);
    assertThat(state.changes()).extracting(Message::rev).containsExactly(3L, 5L);
    assertThat(texts(state.changes())).containsExactly("second", "");
    assertThat(texts(state.missed())).containsExactly("not known yet");
    assertThat(state.missed().get(0).rev()).isEqualTo(4);

    assertThat(get(bob.sync(Map.of(talk, new SyncCursor(5, 5, 0)))).conversations()).isEmpty();
    assertThat(sync(bob, talk, SyncCursor.at(5)).changes()).isEmpty();
    assertThat(sync(bob, talk, new SyncCursor(5, 77, 0)).reset()).as("another history").isTrue();
  }

  @Test
  void tooManyChangesAreNotToldButThatThereAre() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    IntStream.rangeClosed(1, 101).forEach(i -> send(ADA, talk, "m" + i));
    ChatSession bob = connect(south, BOB, new RecordingListener());
    IntStream.rangeClosed(1, 100).forEach(i -> edit(ADA, talk, i, "e" + i));
    ConversationState state = sync(bob, talk, new SyncCursor(101, 0, 0));
    assertThat(state.changes()).hasSize(100);
    assertThat(state.reset()).isFalse();
    edit(ADA, talk, 101, "e101");
    state = sync(bob, talk, new SyncCursor(101, 0, 0));
    assertThat(state.changes()).isEmpty();
    assertThat(state.reset()).isTrue();
  }

  /** However a sync falls among the changes, the state of the client ends as the store's. */
  @RepeatedTest(20)
  void aClientThatSyncsWhileMessagesChangeConverges() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "0");
    RecordingListener bob = new RecordingListener();
    ChatSession session = connect(south, BOB, bob);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 1; i <= 50; i++) {
      calls.add(north.asUser(ADA).editMessage(talk, 1, MessageEdit.text("e" + i)));
      if (i % 10 == 5) {
        calls.get(calls.size() - 1).join();
        calls.add(session.sync(Map.of(talk, new SyncCursor(1, 0, 0))));
        calls.get(calls.size() - 1).join();
      }
    }
    calls.forEach(CompletableFuture::join);
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(edits(bob)).extracting(seen -> seen.change().rev()).contains(50L));
    List<Long> revs = edits(bob).stream().map(seen -> seen.change().rev()).toList();
    assertThat(revs).isSorted().doesNotHaveDuplicates();
    assertThat(edits(bob).get(edits(bob).size() - 1).message().text()).isEqualTo("e50");
  }

  // ---- hooks

  @Test
  void theSendHookIsAskedAboutEditsAndTheActionHookAboutDeletions() {
    List<UserAction> actions = new ArrayList<>();
    ChatEngine guarded =
        node(
            network.join(),
            settings ->
                settings
                    .sendHook(
                        SendHook.blocking(
                            (sender, conversation, message) -> {
                              if (message.text().contains("rude")) {
                                throw ChatException.forbidden("no");
                              }
                              return message.withText(
                                  message.text().toUpperCase(java.util.Locale.ROOT));
                            }))
                    .actionHook(
                        chat.engine.hook.ActionHook.blocking(
                            action -> {
                              actions.add(action);
                              if (action instanceof UserAction.DeleteMessage deletion
                                  && deletion.seq() == 1) {
                                throw ChatException.forbidden("not this one");
                              }
                            })));
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(ADA, talk, "one");
    send(ADA, talk, "two");
    assertRefused(
        guarded.asUser(ADA).editMessage(talk, 1, MessageEdit.text("rude")), ErrorCode.FORBIDDEN);
    get(guarded.asUser(ADA).editMessage(talk, 1, MessageEdit.text("polite")));
    get(guarded.asApplication().editMessage(talk, 2, MessageEdit.text("rude")));
    assertThat(texts(history(north, ADA, talk))).containsExactly("POLITE", "rude");
    assertRefused(guarded.asUser(ADA).deleteMessage(talk, 1), ErrorCode.FORBIDDEN);
    get(guarded.asUser(ADA).deleteMessage(talk, 2));
    assertThat(actions).hasSize(2).allMatch(UserAction.DeleteMessage.class::isInstance);
    assertRefused(guarded.asUser(CLEO).deleteMessage(talk, 1), ErrorCode.NOT_FOUND);
    assertThat(actions).as("the hook is not asked about what is not the user's").hasSize(2);
  }
}
