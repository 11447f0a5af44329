package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Emoji;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.ForwardOf;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.SearchQuery;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.event.MessageChanged;
import chat.engine.hook.SendHook;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Forwarded messages, on two nodes of a store. */
@Timeout(300)
abstract class ForwardTests extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int ROUNDS = 200;

  /** Ada, Bob. */
  private ConversationId origin;

  /** Ada, Bob and Cleo. */
  private ConversationId target;

  @Override
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings.search(true);
  }

  @BeforeEach
  final void createGroups() {
    origin = get(north.asUser(ADA).createGroup("secret", Set.of(BOB))).id();
    target = get(north.asUser(ADA).createGroup("hikers", Set.of(BOB, CLEO))).id();
  }

  private SendAck say(UserId who, ConversationId where, String text) {
    return get(north.asUser(who).send(where, NewMessage.text(text)));
  }

  private Message read(ChatEngine node, UserId reader, long seq) {
    return get(node.asUser(reader).history(target, HistoryQuery.around(seq).limit(1)))
        .messages()
        .get(0);
  }

  @Test
  void aForwardCopiesTextAndAttributesAndShowsItsOriginToMembersOfItOnly() {
    get(
        north
            .asUser(BOB)
            .send(origin, NewMessage.text("the code is 4711").withAttributes("{\"a\":1}")));
    RecordingListener bob = connect(south, BOB);
    RecordingListener cleo = connect(south, CLEO);
    RecordingListener cleoNorth = connect(north, CLEO);

    SendAck ack = get(north.asUser(ADA).send(target, NewMessage.forward(origin, 1)));
    ForwardOf known = ForwardOf.of(origin, 1);
    Message seen = bob.awaitMessage("the code is 4711");
    assertThat(seen.from()).isEqualTo(ADA);
    assertThat(seen.attributes()).isEqualTo("{\"a\":1}");
    assertThat(seen.forwardOf()).isEqualTo(known);
    assertThat(cleo.awaitMessage("the code is 4711").forwardOf()).isEqualTo(ForwardOf.ELSEWHERE);
    assertThat(cleoNorth.awaitMessage("the code is 4711").forwardOf())
        .isEqualTo(ForwardOf.ELSEWHERE);

    get(north.asUser(CLEO).react(target, ack.seq(), Emoji.of("👍"), true));
    get(north.asUser(ADA).pin(target, ack.seq()));
    for (ChatEngine node : List.of(north, south)) {
      for (UserId reader : List.of(ADA, BOB, CLEO)) {
        ForwardOf expected = reader.equals(CLEO) ? ForwardOf.ELSEWHERE : known;
        assertThat(read(node, reader, 1).forwardOf()).isEqualTo(expected);
        assertThat(get(node.asUser(reader).inbox(target)).lastMessage().forwardOf())
            .isEqualTo(expected);
        assertThat(get(node.asUser(reader).pins(target, PageQuery.first())).items())
            .singleElement()
            .satisfies(pin -> assertThat(pin.message().forwardOf()).isEqualTo(expected));
        await()
            .atMost(LONG)
            .untilAsserted(
                () ->
                    assertThat(get(north.asUser(reader).search(SearchQuery.of("code"))).hits())
                        .anySatisfy(
                            hit -> assertThat(hit.message().forwardOf()).isEqualTo(expected)));
        ChatSession fresh = get(node.connect(reader, DeviceId.of("s"), new RecordingListener()));
        assertThat(get(fresh.sync(Map.of(target, new SyncCursor(0, 0, 0)))).conversations())
            .anySatisfy(
                state -> {
                  assertThat(state.conversation().id()).isEqualTo(target);
                  assertThat(state.missed())
                      .singleElement()
                      .satisfies(message -> assertThat(message.forwardOf()).isEqualTo(expected));
                });
      }
    }
    assertThat(
            get(north.asApplication().history(target, HistoryQuery.newest()))
                .messages()
                .get(0)
                .forwardOf())
        .isEqualTo(known);
  }

  @Test
  void anEditOfAForwardShowsTheOriginToMembersOfItOnly() {
    say(BOB, origin, "one");
    get(north.asUser(ADA).send(target, NewMessage.forward(origin, 1)));
    RecordingListener bob = connect(south, BOB);
    RecordingListener cleo = connect(south, CLEO);
    get(north.asUser(ADA).editMessage(target, 1, MessageEdit.text("two")));
    MessageChanged shown = bob.awaitNext(MessageChanged.class);
    assertThat(shown.message().forwardOf()).isEqualTo(ForwardOf.of(origin, 1));
    MessageChanged hidden = cleo.awaitNext(MessageChanged.class);
    assertThat(hidden.message().text()).isEqualTo("two");
    assertThat(hidden.message().forwardOf()).isEqualTo(ForwardOf.ELSEWHERE);
    assertThat(hidden.change().message()).isEqualTo(hidden.message());
  }

  @Test
  void whatASenderCannotReadCannotBeForwardedWhateverTheReason() {
    say(BOB, origin, "one");
    say(BOB, origin, "two");
    get(north.asUser(BOB).deleteMessage(origin, 2));
    ConversationId gone = get(north.asUser(CLEO).createGroup("gone", Set.of())).id();
    say(CLEO, gone, "three");
    get(north.asApplication().delete(gone));
    String text =
        refusal(north.asUser(CLEO).send(target, NewMessage.forward(origin, 1))).getMessage();
    for (CompletableFuture<?> call :
        List.of(
            north.asUser(CLEO).send(target, NewMessage.forward(origin, 1)),
            south.asUser(CLEO).send(target, NewMessage.forward(origin, 99)),
            south.asUser(CLEO).send(target, NewMessage.text("mine").withForwardOf(origin, 1)),
            south.asUser(ADA).send(target, NewMessage.forward(origin, 2)),
            south.asUser(ADA).send(target, NewMessage.forward(origin, 3)),
            south.asUser(CLEO).send(target, NewMessage.forward(gone, 1)),
            south.asUser(CLEO).send(target, NewMessage.forward(ConversationId.of(42), 1)))) {
      ChatException refusal = refusal(call);
      assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
      assertThat(refusal).hasMessage(text);
    }
    get(north.asUser(ADA).removeMembers(origin, Set.of(BOB)));
    assertThat(refusal(south.asUser(BOB).send(target, NewMessage.forward(origin, 1))))
        .hasMessage(text);
    assertThat(get(north.asUser(ADA).history(target, HistoryQuery.newest())).messages()).isEmpty();
  }

  @Test
  void aRetryIsADuplicateEvenIfTheOriginalIsGone() {
    say(BOB, origin, "one");
    say(BOB, origin, "other");
    NewMessage forward = NewMessage.forward(ClientMessageId.of("f"), origin, 1);
    SendAck first = get(north.asUser(BOB).send(target, forward));
    assertThat(first.duplicate()).isFalse();
    get(north.asUser(BOB).editMessage(origin, 1, MessageEdit.text("edited")));
    assertThat(get(south.asUser(BOB).send(target, forward)).seq()).isEqualTo(first.seq());
    get(north.asUser(BOB).deleteMessage(origin, 1));
    assertThat(get(south.asUser(BOB).send(target, forward)).duplicate()).isTrue();
    get(north.asUser(BOB).leave(origin));
    SendAck again = get(south.asUser(BOB).send(target, forward));
    assertThat(again.duplicate()).isTrue();
    assertThat(again.seq()).isEqualTo(first.seq());
    assertThat(again.messageId()).isEqualTo(first.messageId());
    for (NewMessage other :
        List.of(
            NewMessage.forward(ClientMessageId.of("f"), origin, 2),
            NewMessage.text(ClientMessageId.of("f"), "one"),
            NewMessage.text(ClientMessageId.of("f"), "one").withForwardOf(origin, 1))) {
      assertThat(refusal(north.asUser(BOB).send(target, other)).code())
          .isEqualTo(ErrorCode.CONFLICT);
    }
    Message kept = read(south, CLEO, first.seq());
    assertThat(kept.text()).isEqualTo("one");
    assertThat(kept.forwardOf()).isEqualTo(ForwardOf.ELSEWHERE);
    assertThat(read(south, BOB, first.seq()).forwardOf()).isEqualTo(ForwardOf.ELSEWHERE);
    assertThat(read(south, ADA, first.seq()).forwardOf()).isEqualTo(ForwardOf.of(origin, 1));
  }

  @Test
  void aTextOfItsOwnIsTaken() {
    say(BOB, origin, "one");
    say(ADA, target, "question");
    get(
        north
            .asUser(ADA)
            .send(target, NewMessage.text("look: one").withForwardOf(origin, 1).withReplyTo(1)));
    Message stored = read(south, BOB, 2);
    assertThat(stored.text()).isEqualTo("look: one");
    assertThat(stored.replyTo()).isEqualTo(1);
    assertThat(stored.forwardOf()).isEqualTo(ForwardOf.of(origin, 1));
  }

  @Test
  void aNodeThatMissedItShowsItTheSame() {
    say(BOB, origin, "one");
    RecordingListener bob = connect(south, BOB);
    RecordingListener cleo = connect(south, CLEO);
    southRouter.cut();
    get(north.asUser(ADA).send(target, NewMessage.forward(origin, 1)));
    await().atMost(LONG).until(() -> cleo.messages().size() == 1 && bob.messages().size() == 1);
    assertThat(cleo.messages().get(0).forwardOf()).isEqualTo(ForwardOf.ELSEWHERE);
    assertThat(bob.messages().get(0).forwardOf()).isEqualTo(ForwardOf.of(origin, 1));
  }

  @Test
  void forwardsAndOtherSendsOfASessionStayInOrder() {
    say(BOB, origin, "original");
    ChatSession session = connect(north, ADA, new RecordingListener());
    List<CompletableFuture<SendAck>> sent = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      NewMessage message = i % 3 == 0 ? NewMessage.forward(origin, 1) : NewMessage.text("t" + i);
      sent.add(session.send(target, message));
    }
    for (int i = 0; i < ROUNDS; i++) {
      assertThat(get(sent.get(i)).seq()).isEqualTo(i + 1);
    }
  }

  @Test
  void theHookIsAskedAboutTheCopiedTextAndNotAboutWhatCannotBeRead() {
    List<String> asked = new CopyOnWriteArrayList<>();
    ChatEngine hooked =
        node(
            network.join(),
            settings ->
                settings.sendHook(
                    SendHook.blocking(
                        (sender, conversation, message) -> {
                          asked.add(message.text());
                          return new NewMessage(
                              message.clientMessageId(),
                              message.text() + "!",
                              null,
                              List.of(),
                              null);
                        })));
    say(BOB, origin, "one");
    get(hooked.asUser(ADA).send(target, NewMessage.forward(origin, 1)));
    assertThat(refusal(hooked.asUser(CLEO).send(target, NewMessage.forward(origin, 1))).code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(asked).containsExactly("one");
    Message stored = read(south, ADA, 1);
    assertThat(stored.text()).isEqualTo("one!");
    assertThat(stored.forwardOf()).isEqualTo(ForwardOf.of(origin, 1));
  }

  @Tag("races")
  @Test
  void aForwardBesideTheDeletionOfItsOriginHasTheTextOrIsRefused() {
    for (int round = 1; round <= ROUNDS; round++) {
      String text = "round " + round;
      long seq = say(BOB, origin, text).seq();
      CompletableFuture<SendAck> forward =
          north.asUser(ADA).send(target, NewMessage.forward(origin, seq));
      CompletableFuture<?> deletion = south.asUser(BOB).deleteMessage(origin, seq);
      get(deletion);
      SendAck ack =
          forward
              .handle(
                  (done, fault) -> {
                    if (fault != null) {
                      assertThat(refusal(forward).code()).isEqualTo(ErrorCode.NOT_FOUND);
                    }
                    return done;
                  })
              .join();
      if (ack != null) {
        assertThat(read(south, CLEO, ack.seq()).text()).isEqualTo(text);
      }
      assertThat(refusal(north.asUser(ADA).send(target, NewMessage.forward(origin, seq))).code())
          .isEqualTo(ErrorCode.NOT_FOUND);
    }
  }
}
