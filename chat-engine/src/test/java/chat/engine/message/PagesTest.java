package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.Connected;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.MemberList;
import chat.engine.NewMessage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.testkit.RecordingListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lists that are read a page at a time, with and without a session. */
@Timeout(60)
final class PagesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CAROL = UserId.of("carol");
  private static final UserId CLEO = UserId.of("cleo");

  private final List<ChatEngine> engines = new ArrayList<>();

  @AfterEach
  void closeEngines() {
    engines.forEach(ChatEngine::close);
  }

  private static EngineBuilder builder() {
    return ChatEngine.builder().store(new InMemoryMessageStore());
  }

  private ChatEngine start(EngineBuilder builder) {
    ChatEngine engine = builder.build();
    engines.add(engine);
    return engine;
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.join();
  }

  private static void refused(ErrorCode code, CompletableFuture<?> future) {
    assertThatThrownBy(future::join)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  @Test
  void theInboxTellsWhereConversationsStandWithoutASession() {
    ChatEngine engine = start(builder());
    ChatUser ada = engine.asUser(ADA);
    ChatUser bob = engine.asUser(BOB);
    List<ConversationId> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(get(ada.createGroup("group " + i, Set.of(BOB))).id());
      for (int n = 0; n <= i; n++) {
        get(ada.send(ids.get(i), NewMessage.text("message " + n)));
      }
    }
    get(bob.markRead(ids.get(4), 2));

    Page<ConversationState> page = get(bob.inbox(PageQuery.<ConversationId>first().limit(3)));
    assertThat(page.hasMore()).isTrue();
    assertThat(page.items())
        .extracting(state -> state.conversation().id())
        .isEqualTo(ids.subList(0, 3));
    assertThat(page.items()).extracting(ConversationState::unread).containsExactly(1L, 2L, 3L);
    page = get(bob.inbox(PageQuery.after(ids.get(2))));
    assertThat(page.hasMore()).isFalse();
    assertThat(page.items()).extracting(ConversationState::unread).containsExactly(4L, 3L);
    ConversationState last = page.items().get(1);
    assertThat(last.readSeq()).isEqualTo(2);
    assertThat(last.role()).isEqualTo(Role.MEMBER);
    assertThat(Objects.requireNonNull(last.lastMessage()).text()).isEqualTo("message 4");
    assertThat(last.missed()).isEmpty();
    assertThat(last.hasMore()).isFalse();

    assertThat(get(bob.inbox(ids.get(4)))).isEqualTo(last);
    assertThat(get(ada.inbox(ids.get(4))).unread()).as("own messages").isZero();
    refused(ErrorCode.NOT_FOUND, engine.asUser(CAROL).inbox(ids.get(4)));
    assertThat(get(engine.asUser(CAROL).inbox(PageQuery.first())).items()).isEmpty();
  }

  @Test
  void aSyncOfManyConversationsHasPages() {
    ChatEngine engine = start(builder().maxSyncConversations(2));
    List<ConversationId> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(get(engine.asUser(ADA).createGroup("group " + i, Set.of(BOB))).id());
    }
    RecordingListener events = new RecordingListener();
    Connected connected = get(engine.connect(BOB, DeviceId.of("phone"), Map.of(), events));
    ChatSession session = connected.session();
    List<ConversationId> told = new ArrayList<>();
    SyncResult page = connected.sync();
    page.conversations().forEach(state -> told.add(state.conversation().id()));
    while (page.hasMore()) {
      page = get(session.sync(Map.of(), told.get(told.size() - 1)));
      page.conversations().forEach(state -> told.add(state.conversation().id()));
    }
    Collections.reverse(ids);
    assertThat(told).as("the last active first").isEqualTo(ids);
    get(engine.asUser(ADA).send(ids.get(4), NewMessage.text("hi")));
    await().untilAsserted(() -> assertThat(events.texts(ids.get(4))).containsExactly("hi"));
    session.close();
    refused(ErrorCode.UNAVAILABLE, session.sync(Map.of(), ids.get(0)));
  }

  @Test
  void theMembersOfAGroupHavePages() {
    ChatEngine engine = start(builder());
    ConversationId group = get(engine.asUser(ADA).createGroup("all", Set.of(BOB, CAROL))).id();
    MemberList first = get(engine.asUser(BOB).members(group, PageQuery.<UserId>first().limit(2)));
    assertThat(first.users()).containsExactly(ADA, BOB);
    assertThat(first.hasMore()).isTrue();
    MemberList second = get(engine.asUser(BOB).members(group, PageQuery.after(BOB)));
    assertThat(second.users()).containsExactly(CAROL);
    assertThat(second.hasMore()).isFalse();
    refused(ErrorCode.NOT_FOUND, engine.asUser(CLEO).members(group, PageQuery.after(BOB)));
    assertThatThrownBy(() -> PageQuery.first().limit(1_001))
        .isInstanceOf(ChatException.class)
        .hasMessage("limit must be 1 to 1000, not 1001");
  }
}
