package chat.engine.blocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BlockingChatTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CAROL = UserId.of("carol");
  private static final DeviceId PHONE = DeviceId.of("phone");

  private final ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build();
  private final BlockingChat chat = BlockingChat.of(engine);

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void everyCallWaitsAndReturnsWhatWasDone() {
    BlockingUser ada = chat.asUser(ADA);
    Conversation talk = ada.openDirect(BOB);
    SendAck ack = ada.send(talk.id(), NewMessage.text("hi"));
    assertThat(ack.seq()).isEqualTo(1);
    assertThat(chat.asUser(BOB).inbox(talk.id()).unread()).isEqualTo(1);
    chat.asUser(BOB).markReceived(talk.id(), 1);
    chat.asUser(BOB).markRead(talk.id(), 1);
    assertThat(chat.asUser(BOB).inbox(PageQuery.first()).items().get(0).unread()).isZero();
    assertThat(ada.history(talk.id(), HistoryQuery.newest()).messages()).hasSize(1);
    assertThat(ada.conversations(PageQuery.first()).items()).containsExactly(talk);
    assertThat(ada.fellowMembers(Set.of(BOB, CAROL))).containsExactly(BOB);
    assertThat(ada.presence(Set.of(BOB)).get(0).online()).isFalse();

    ConversationId group = ada.createGroup("hikers", Set.of(BOB)).id();
    ada.renameGroup(group, "climbers");
    ada.addMembers(group, Set.of(CAROL));
    ada.setRole(group, CAROL, Role.ADMIN);
    ada.removeMembers(group, Set.of(CAROL));
    chat.asUser(BOB).leave(group);
    assertThat(ada.members(group, PageQuery.first()).users()).containsExactly(ADA);
    assertThat(chat.asApplication().send(group, NewMessage.text("welcome")).seq()).isEqualTo(1);
    assertThat(ada.user()).isEqualTo(ADA);
    assertThat(chat.engine()).isSameAs(engine);
  }

  @Test
  void theApplicationWaitsToo() {
    BlockingApplication application = chat.asApplication();
    GroupKey key = GroupKey.of("project:1");
    Conversation group = application.ensureGroup(key, NewGroup.named("bridge"));
    application.ensureMember(group.id(), ADA);
    application.ensureMember(group.id(), BOB, Role.ADMIN);
    application.ensureMembers(group.id(), Set.of(CAROL));
    application.ensureMembers(group.id(), Set.of(CAROL), Role.ADMIN);
    application.setRole(group.id(), ADA, Role.OWNER);
    application.ensureNoMember(group.id(), BOB);
    application.ensureNoMembers(group.id(), Set.of(CAROL));
    application.rename(group.id(), "tunnel");
    application.setAttributes(group.id(), "red");
    assertThat(application.members(group.id(), PageQuery.first()).users()).containsExactly(ADA);
    assertThat(application.find(key).orElseThrow().attributes()).isEqualTo("red");
    assertThat(application.conversation(group.id()).name()).isEqualTo("tunnel");
    assertThat(application.openDirect(ADA, BOB).peers()).containsExactly(ADA, BOB);
    assertThat(application.history(group.id(), HistoryQuery.newest()).messages()).isEmpty();
    application.delete(group.id());
    assertThat(application.find(key)).isEmpty();
  }

  @Test
  void aSessionWaitsToo() {
    Queue<String> events = new ConcurrentLinkedQueue<>();
    ChatListener listener =
        new ChatListener() {
          @Override
          public void onMessage(ChatSession session, Message message) {
            events.add(message.text());
          }
        };
    BlockingChat.Connected connected = chat.connect(BOB, PHONE, Map.of(), listener);
    assertThat(connected.sync().conversations()).isEmpty();
    try (BlockingSession bob = connected.session();
        BlockingSession ada = chat.connect(ADA, PHONE, listener)) {
      ConversationId talk = bob.asUser().openDirect(ADA).id();
      bob.asUser().send(talk, NewMessage.text("hi"));
      await().untilAsserted(() -> assertThat(events).containsExactly("hi"));
      assertThat(bob.sync(Map.of(talk, SyncCursor.at(0))).conversations()).hasSize(1);
      assertThat(bob.sync(Map.of(), talk).conversations()).isEmpty();
      assertThat(bob.watchPresence(Set.of(ADA)).get(0).online()).isTrue();
      chat.disconnect(ADA, "log-out");
      refused(ErrorCode.UNAVAILABLE, () -> ada.asUser().openDirect(BOB));
      assertThat(bob.session().user()).isEqualTo(BOB);
    }
  }

  private static void refused(ErrorCode code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  @Test
  void whatTheFutureWouldFailWithIsThrown() {
    refused(ErrorCode.NOT_FOUND, () -> chat.asUser(ADA).inbox(ConversationId.of(4711)));
    refused(ErrorCode.BAD_REQUEST, () -> chat.asUser(ADA).openDirect(ADA));
    refused(
        ErrorCode.INTERNAL,
        () -> Await.result(CompletableFuture.failedFuture(new IllegalStateException("odd"))));
  }

  @Test
  void anInterruptEndsTheWaitInDoubtAndTheThreadStaysInterrupted() {
    CompletableFuture<String> never = new CompletableFuture<>();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<Boolean> interrupted = new AtomicReference<>();
    Thread waiting =
        new Thread(
            () -> {
              try {
                Await.result(never);
              } catch (ChatException fault) {
                interrupted.set(Thread.currentThread().isInterrupted());
                thrown.set(fault);
              }
            });
    waiting.start();
    waiting.interrupt();
    await().until(() -> thrown.get() != null);
    assertThat(((ChatException) thrown.get()).inDoubt()).isTrue();
    assertThat(((ChatException) thrown.get()).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(interrupted.get()).isTrue();
    assertThat(never).isNotDone();
  }

  /** A call that the view does not have would be missed only by those who need it. */
  @Test
  void theViewHasEveryCallThatReturnsAFuture() {
    assertThat(calls(BlockingUser.class)).containsAll(futures(ChatUser.class));
    assertThat(calls(BlockingChat.class)).containsAll(futures(ChatEngine.class));
    assertThat(calls(BlockingApplication.class)).containsAll(futures(ChatApplication.class));
    Set<String> ofTheSession = futures(ChatSession.class);
    ofTheSession.removeAll(futures(ChatUser.class));
    assertThat(calls(BlockingSession.class)).containsAll(ofTheSession);
  }

  private static Set<String> futures(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(method -> method.getReturnType() == CompletableFuture.class)
        .map(BlockingChatTest::signature)
        .collect(Collectors.toSet());
  }

  private static Set<String> calls(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .map(BlockingChatTest::signature)
        .collect(Collectors.toSet());
  }

  private static String signature(Method method) {
    return method.getName() + List.of(method.getParameterTypes());
  }
}
