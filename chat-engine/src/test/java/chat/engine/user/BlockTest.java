package chat.engine.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Presence;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import chat.engine.event.TypingChanged;
import chat.engine.running.TwoNodeTest;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.MessageStore;
import chat.engine.testkit.RecordingListener;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Users who block each other, on two nodes. */
@Timeout(120)
final class BlockTest extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(40);

  private static String assertForbidden(CompletableFuture<?> call) {
    List<String> texts = new ArrayList<>();
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN);
              texts.add(refusal.getMessage());
            });
    return texts.get(0);
  }

  @Test
  void whatABlockForbidsIsForbiddenToBothAndExplainedToOne() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(BOB).send(talk, NewMessage.text("before")));
    get(north.asUser(ADA).block(BOB));
    get(north.asUser(ADA).block(BOB));

    for (ChatEngine node : List.of(north, south)) {
      for (CompletableFuture<?> call :
          List.of(
              node.asUser(BOB).send(talk, NewMessage.text("x")),
              node.asUser(BOB).editMessage(talk, 1, MessageEdit.text("x")),
              node.asUser(BOB).markRead(talk, 1),
              node.asUser(BOB).markReceived(talk, 1))) {
        assertThat(assertForbidden(call)).doesNotContain("block");
      }
      assertThat(assertForbidden(node.asUser(ADA).send(talk, NewMessage.text("x"))))
          .contains("you have blocked");
      assertThat(assertForbidden(node.asUser(ADA).markRead(talk, 1))).contains("you have blocked");
    }
    assertThat(get(south.asUser(ADA).blocked(PageQuery.first())).items()).containsExactly(BOB);
    assertThat(get(south.asUser(BOB).blocked(PageQuery.first())).items()).isEmpty();
    assertThat(get(south.asApplication().blockedBetween(BOB, Set.of(ADA)))).containsExactly(ADA);
    assertThat(get(south.asUser(BOB).openDirect(ADA)).id()).as("it is there").isEqualTo(talk);
    assertThat(get(south.asUser(BOB).history(talk, HistoryQuery.newest())).messages()).hasSize(1);
    get(south.asApplication().send(talk, NewMessage.text("from the application")));
    get(south.asUser(BOB).deleteMessage(talk, 1));

    get(south.asUser(ADA).unblock(BOB));
    assertThat(get(north.asUser(BOB).send(talk, NewMessage.text("after"))).seq()).isEqualTo(3);
    get(north.asUser(BOB).markRead(talk, 3));
  }

  @Test
  void noneBeginsAConversationAndGroupsAreAsTheyWere() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    get(south.asUser(ADA).block(BOB));
    assertThat(assertForbidden(north.asUser(BOB).openDirect(ADA))).doesNotContain("block");
    assertThat(assertForbidden(north.asUser(ADA).openDirect(BOB))).contains("you have blocked");
    RecordingListener ada = new RecordingListener();
    connect(south, ADA, ada);
    get(north.asUser(BOB).send(group, NewMessage.text("to all")));
    ada.awaitMessage("to all");
    assertThat(get(north.asUser(BOB).inbox(PageQuery.first())).items()).hasSize(1);
    ConversationId talk = get(north.asApplication().openDirect(BOB, ADA)).id();
    assertForbidden(north.asUser(BOB).send(talk, NewMessage.text("x")));
  }

  @Test
  void nobodyBlocksThemselvesOrTheSystem() {
    for (UserId nobody : List.of(ADA, UserId.SYSTEM)) {
      assertThatThrownBy(() -> get(north.asUser(ADA).block(nobody)))
          .hasCauseInstanceOf(ChatException.class)
          .cause()
          .satisfies(
              refusal ->
                  assertThat(((ChatException) refusal).code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }
  }

  @Test
  void typingIsNotShown() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener ada = new RecordingListener();
    connect(south, ADA, ada);
    ChatSession bob = connect(north, BOB, new RecordingListener());
    get(south.asUser(ADA).block(BOB));
    bob.typing(talk, true);
    bob.typing(group, true);
    assertThat(ada.awaitNext(TypingChanged.class).conversation()).isEqualTo(group);
    assertThat(ada.events(TypingChanged.class)).hasSize(1);
  }

  // ---- presence

  private static boolean seesOnline(RecordingListener listener, UserId user) {
    List<PresenceChanged> told = listener.events(PresenceChanged.class);
    return told.stream()
        .map(PresenceChanged::presence)
        .filter(presence -> presence.user().equals(user))
        .reduce((first, second) -> second)
        .map(Presence::online)
        .orElse(false);
  }

  @Test
  void theyAreOfflineToEachOtherAtOnceAndSeeEachOtherAgainAfterwards() {
    RecordingListener ada = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    ChatSession atSouth = connect(south, BOB, bob);
    ChatSession atNorth = connect(north, ADA, ada);
    assertThat(get(atNorth.watchPresence(Set.of(BOB))).get(0).online()).isTrue();
    assertThat(get(atSouth.watchPresence(Set.of(ADA))).get(0).online()).isTrue();

    get(atNorth.block(BOB));
    await().atMost(LONG).until(() -> !bob.events(PresenceChanged.class).isEmpty());
    assertThat(bob.events(PresenceChanged.class).get(0).presence())
        .isEqualTo(new Presence(ADA, false, null));
    assertThat(ada.events(PresenceChanged.class).get(0).presence())
        .isEqualTo(new Presence(BOB, false, null));
    Presence hidden = new Presence(ADA, false, null);
    assertThat(get(south.asUser(BOB).presence(Set.of(ADA)))).containsExactly(hidden);
    assertThat(get(atSouth.watchPresence(Set.of(ADA, BOB)))).contains(hidden);
    assertThat(get(north.asUser(BOB).presence(Set.of(ADA, BOB))))
        .containsExactly(hidden, new Presence(BOB, true, null));

    get(south.asUser(ADA).unblock(BOB));
    await().atMost(LONG).until(() -> seesOnline(bob, ADA) && seesOnline(ada, BOB));
    assertThat(get(south.asUser(BOB).presence(Set.of(ADA))).get(0).online()).isTrue();
  }

  @Tag("thorough")
  @Test
  void aNodeThatHearsNothingOfABlockFindsItInTheStore() {
    RecordingListener bob = new RecordingListener();
    ChatSession atSouth = connect(south, BOB, bob);
    connect(south, ADA, new RecordingListener());
    assertThat(get(atSouth.watchPresence(Set.of(ADA))).get(0).online()).isTrue();
    southRouter.cut();
    get(north.asUser(ADA).block(BOB));
    await().atMost(LONG).until(() -> !bob.events(PresenceChanged.class).isEmpty());
    assertThat(bob.events(PresenceChanged.class).get(0).presence())
        .isEqualTo(new Presence(ADA, false, null));
  }

  /** The store takes its time to say when somebody was last seen. */
  @Test
  void anAnswerThatABlockOvertakesHides() {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    MessageStore slow =
        intercepted(
            store,
            MessageStore.class,
            "lastSeen",
            () ->
                intercepted(
                    store.lastSeen(),
                    LastSeenStore.class,
                    "find",
                    () -> {
                      asked.complete(null);
                      goOn.join();
                      return Map.of();
                    }));
    ChatEngine node = node(slow, network.join(), settings -> settings);
    connect(node, ADA);
    RecordingListener bob = new RecordingListener();
    ChatSession session = connect(node, BOB, bob);
    CompletableFuture<List<Presence>> answer = session.watchPresence(Set.of(ADA));
    asked.join();
    get(node.asUser(ADA).block(BOB));
    goOn.complete(null);
    assertThat(get(answer)).containsExactly(new Presence(ADA, false, null));
    assertThat(seesOnline(bob, ADA)).isFalse();
  }

  /** A part of which one method answers in another way. */
  private static <T> T intercepted(T part, Class<T> type, String method, Supplier<?> answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            part.getClass().getInterfaces(),
            (self, called, arguments) ->
                called.getName().equals(method) ? answer.get() : called.invoke(part, arguments)));
  }

  // ---- races

  /** Nothing that is sent after a block was acknowledged reaches the blocker, from any node. */
  @Test
  void nothingThatIsSentAfterABlockReachesTheBlocker() {
    for (int round = 0; round < 200; round++) {
      UserId blocker = UserId.of("blocker" + round);
      UserId sender = UserId.of("sender" + round);
      ConversationId talk = get(north.asUser(blocker).openDirect(sender)).id();
      RecordingListener listener = new RecordingListener();
      ChatSession session = connect(north, blocker, listener);
      List<CompletableFuture<SendAck>> before = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        before.add(south.asUser(sender).send(talk, NewMessage.text("races")));
      }
      CompletableFuture<Void> block = north.asUser(blocker).block(sender);
      for (int i = 0; i < 5; i++) {
        before.add(south.asUser(sender).send(talk, NewMessage.text("races")));
      }
      get(block);
      List<CompletableFuture<SendAck>> after = new ArrayList<>();
      after.add(south.asUser(sender).send(talk, NewMessage.text("after")));
      after.add(north.asUser(sender).send(talk, NewMessage.text("after")));
      after.forEach(BlockTest::assertForbidden);
      long stored =
          before.stream().filter(call -> call.handle((ack, fault) -> fault == null).join()).count();
      List<Message> history =
          get(north.asUser(blocker).history(talk, HistoryQuery.newest())).messages();
      assertThat(history).hasSize((int) stored).allMatch(one -> one.text().equals("races"));
      await().atMost(LONG).until(() -> listener.messages(talk).size() == stored);
      session.close();
    }
  }
}
