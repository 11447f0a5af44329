package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.ReplyPreview;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mentions and previews of what is answered, on two nodes. */
@Timeout(120)
final class MentionsAndRepliesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final Duration LONG = Duration.ofSeconds(30);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final ChatEngine north = ChatEngine.builder().store(store).router(network.join()).build();
  private final InMemoryRouter southRouter = network.join();
  private final ChatEngine south = ChatEngine.builder().store(store).router(southRouter).build();

  @AfterEach
  void close() {
    north.close();
    south.close();
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.join();
  }

  private ChatSession connect(UserId user, RecordingListener listener) {
    return get(south.connect(user, DeviceId.of("d"), listener));
  }

  private long send(UserId from, ConversationId conversation, NewMessage message) {
    return get(north.asUser(from).send(conversation, message)).seq();
  }

  private static NewMessage mentioning(UserId... users) {
    return NewMessage.text("hello").withMentions(List.of(users));
  }

  private static void assertRefused(CompletableFuture<?> call, String message) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .hasMessage(message)
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST));
  }

  private ConversationState inbox(UserId user, ConversationId conversation) {
    return get(south.asUser(user).inbox(conversation));
  }

  private static List<Message> received(RecordingListener listener) {
    return listener.events(MessageReceived.class).stream().map(MessageReceived::message).toList();
  }

  // ---- mentions

  @Test
  void aMentionOfOneWhoIsNoMemberIsRefusedByName() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    String refusal = "mentions must be of members, and cleo is none";
    assertRefused(north.asUser(ADA).send(group, mentioning(BOB, CLEO)), refusal);
    assertRefused(north.asApplication().send(group, mentioning(CLEO)), refusal);
    long seq = send(ADA, group, mentioning(BOB, BOB));
    assertThat(seq).isOne();
    MessageEdit edit = new MessageEdit("hi", List.of(CLEO), null);
    assertRefused(north.asUser(ADA).editMessage(group, seq, edit), refusal);
    assertThat(get(south.asUser(BOB).history(group, HistoryQuery.newest())).messages())
        .singleElement()
        .satisfies(message -> assertThat(message.mentions()).containsExactly(BOB));
  }

  @Test
  void unreadMentionsAreToldInSyncAndInboxAndFollowEditsAndDeletions() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    long first = send(ADA, group, mentioning(BOB));
    long second = send(ADA, group, mentioning(BOB, CLEO));
    send(ADA, group, NewMessage.text("plain"));
    ChatSession bob = connect(BOB, new RecordingListener());

    assertThat(get(bob.sync(Map.of())).conversations())
        .singleElement()
        .satisfies(state -> assertThat(state.unreadMentions()).isEqualTo(2))
        .satisfies(state -> assertThat(state.unread()).isEqualTo(3));
    get(north.asUser(ADA).editMessage(group, first, MessageEdit.text("nobody")));
    assertThat(inbox(BOB, group).unreadMentions()).isOne();
    assertThat(inbox(CLEO, group).unreadMentions()).isOne();
    get(north.asUser(ADA).deleteMessage(group, second));
    assertThat(inbox(BOB, group).unreadMentions()).isZero();
    assertThat(inbox(BOB, group).unread()).isEqualTo(2);
    get(north.asUser(ADA).editMessage(group, first, new MessageEdit("you", List.of(BOB), null)));
    assertThat(inbox(BOB, group).unreadMentions()).isOne();
    get(bob.markRead(group, first));
    assertThat(inbox(BOB, group).unreadMentions()).isZero();
    assertThat(inbox(BOB, group).unread()).isOne();
  }

  // ---- previews

  @Test
  void theEventOfAReplyShowsWhatItAnswersAsOfItsCommit() {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    RecordingListener bob = new RecordingListener();
    connect(BOB, bob);
    long seq = send(ADA, talk, NewMessage.text("Shall we meet?"));
    get(north.asUser(ADA).editMessage(talk, seq, MessageEdit.text("Shall we meet at seven?")));
    send(ADA, talk, NewMessage.text("yes").withReplyTo(seq));
    get(north.asUser(ADA).deleteMessage(talk, seq));
    send(ADA, talk, NewMessage.text("no").withReplyTo(seq));
    send(ADA, talk, NewMessage.text("plain"));

    await().atMost(LONG).until(() -> received(bob).size() == 4);
    assertThat(received(bob))
        .extracting(Message::replyPreview)
        .containsExactly(
            null,
            new ReplyPreview(seq, ADA, "Shall we meet at seven?", 1, true, false),
            new ReplyPreview(seq, ADA, "", 2, false, true),
            null);
    assertThat(get(south.asUser(BOB).history(talk, HistoryQuery.newest())).messages())
        .filteredOn(message -> message.replyTo() != null)
        .hasSize(2)
        .allMatch(message -> message.replyPreview().deleted())
        .allMatch(message -> message.replyPreview().text().isEmpty());
  }

  @Test
  void aReplyThatIsReadFromTheStoreShowsWhatItAnswersAsItIsNow() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener bob = new RecordingListener();
    connect(BOB, bob);
    long seq = send(ADA, group, NewMessage.text("one"));
    await().atMost(LONG).until(() -> received(bob).size() == 1);
    southRouter.cut();
    send(ADA, group, NewMessage.text("two").withReplyTo(seq));
    get(north.asUser(ADA).deleteMessage(group, seq));

    await().atMost(LONG).until(() -> received(bob).size() == 2);
    ReplyPreview preview = received(bob).get(1).replyPreview();
    assertThat(preview).isEqualTo(new ReplyPreview(seq, ADA, "", 1, false, true));
    ChatSession another = get(south.connect(BOB, DeviceId.of("e"), new RecordingListener()));
    assertThat(get(another.sync(Map.of(group, SyncCursor.at(1)))).conversations())
        .singleElement()
        .satisfies(
            state -> assertThat(state.missed().get(0).replyPreview()).isEqualTo(preview),
            state -> assertThat(state.lastMessage().replyPreview()).isEqualTo(preview));
  }

  /**
   * What a client does: it takes the preview of the event, and later changes of what is answered.
   */
  @Test
  void previewsOfAClientThatAppliesEventsConvergeWhileMessagesAreAnsweredEditedAndDeleted() {
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener bob = new RecordingListener();
    connect(BOB, bob);
    int answered = 20;
    for (int i = 1; i <= answered; i++) {
      send(ADA, group, NewMessage.text("message " + i));
    }
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      for (int seq = 1; seq <= answered; seq++) {
        ChatEngine one = round % 2 == 0 ? north : south;
        ChatEngine other = round % 2 == 0 ? south : north;
        calls.add(one.asUser(ADA).send(group, NewMessage.text("a").withReplyTo(seq)));
        calls.add(
            round == 19
                ? other.asUser(ADA).deleteMessage(group, seq)
                : other.asUser(ADA).editMessage(group, seq, MessageEdit.text("edit " + round)));
      }
      calls.forEach(CompletableFuture::join);
    }

    await().atMost(LONG).until(() -> bob.events(MessageChanged.class).size() == 20 * answered);
    await().atMost(LONG).until(() -> received(bob).size() == 21 * answered);
    Map<Long, ReplyPreview> shown = new HashMap<>();
    for (ChatEvent event : bob.events(ChatEvent.class)) {
      if (event instanceof MessageReceived received && received.message().replyTo() != null) {
        shown.put(received.message().seq(), received.message().replyPreview());
      } else if (event instanceof MessageChanged changed) {
        ReplyPreview now = ReplyPreview.of(changed.message());
        shown.replaceAll(
            (reply, old) -> old.seq() == now.seq() && old.rev() < now.rev() ? now : old);
      }
    }
    assertThat(shown).hasSize(20 * answered);
    assertThat(shown.values())
        .allSatisfy(
            preview -> {
              assertThat(preview.deleted()).isTrue();
              assertThat(preview.text()).isEmpty();
            });
  }
}
