package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.event.TypingChanged;
import chat.engine.memory.InMemoryMessageStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A limit that is set holds, and a gauge shows it. */
@Timeout(60)
final class LimitsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final DeviceId DEVICE = DeviceId.of("device");

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

  private static ConversationId talk(ChatEngine engine, int messages, String text) {
    ChatUser ada = engine.asUser(ADA);
    ConversationId talk = ada.openDirect(BOB).join().id();
    for (int i = 0; i < messages; i++) {
      ada.send(talk, NewMessage.text(text)).join();
    }
    return talk;
  }

  private static void tooLarge(CompletableFuture<?> call) {
    assertThatThrownBy(call::join)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }

  @Test
  void theCursorsOfASyncAndTheUsersOfACallAreBounded() {
    ChatEngine engine = start(builder().maxSyncCursors(1).maxUsersPerCall(1));
    ChatSession session = engine.connect(BOB, DEVICE, ChatListener.of(event -> {})).join();
    SyncCursor cursor = SyncCursor.at(0);
    tooLarge(session.sync(Map.of(ConversationId.of(1), cursor, ConversationId.of(2), cursor)));
    assertThat(session.sync(Map.of(ConversationId.of(1), cursor)).join().gone()).hasSize(1);
    tooLarge(session.watchPresence(Set.of(ADA, BOB)));
    tooLarge(session.presence(Set.of(ADA, BOB)));
    tooLarge(session.fellowMembers(Set.of(ADA, BOB)));
    assertThat(session.presence(Set.of(ADA)).join()).hasSize(1);
    assertThat(engine.gauges())
        .containsEntry("limit_max_sync_cursors", 1L)
        .containsEntry("limit_max_users_per_call", 1L)
        .containsEntry("limit_max_group_members", 20_000L);
  }

  @Test
  void theBlocksAndTheGroupsOfAUserAreBounded() {
    ChatEngine engine = start(builder().maxBlocks(1).maxOwnedGroups(1));
    ChatUser ada = engine.asUser(ADA);
    ada.block(BOB).join();
    ada.block(BOB).join();
    tooLarge(ada.block(UserId.of("cleo")));
    ada.unblock(BOB).join();
    ada.block(UserId.of("cleo")).join();
    GroupKey key = GroupKey.of("first");
    ConversationId group = ada.createGroup(key, "one", Set.of(BOB)).join().id();
    assertThat(ada.createGroup(key, "one", Set.of(BOB)).join().id())
        .as("a retry is no creation")
        .isEqualTo(group);
    tooLarge(ada.createGroup("two", Set.of(BOB)));
    tooLarge(ada.createGroup(GroupKey.of("second"), "two", Set.of(BOB)));
    assertThat(engine.asApplication().ownedGroups(ADA).join()).isOne();
    assertThat(engine.asApplication().ownedGroups(BOB).join()).isZero();
    ada.setRole(group, BOB, Role.OWNER).join();
    ada.createGroup("two", Set.of(BOB)).join();
  }

  @Test
  void whatAnAnswerHoldsIsBounded() {
    ChatEngine engine = start(builder().maxMissedMessages(3).answerBytes(6_600));
    ConversationId talk = talk(engine, 10, "x".repeat(500));
    ChatSession session = engine.connect(BOB, DEVICE, ChatListener.of(event -> {})).join();
    ConversationState state =
        session.sync(Map.of(talk, SyncCursor.at(0))).join().conversations().get(0);
    assertThat(state.missed()).hasSize(3);
    assertThat(state.hasMore()).isTrue();
    assertThat(session.history(talk, HistoryQuery.newest()).join().messages())
        .as("each takes about 800 bytes")
        .hasSize(8);
  }

  @Test
  void typingEndsAfterTheTimeThatIsSet() {
    ChatEngine engine = start(builder().typingTimeout(Duration.ofMillis(50)));
    ConversationId talk = talk(engine, 1, "hi");
    Queue<Boolean> told = new ConcurrentLinkedQueue<>();
    engine
        .connect(
            BOB,
            DEVICE,
            new ChatListener() {
              @Override
              public void onTyping(ChatSession session, TypingChanged typing) {
                told.add(typing.on());
              }
            })
        .join();
    ChatSession ada = engine.connect(ADA, DEVICE, ChatListener.of(event -> {})).join();
    long begun = System.nanoTime();
    ada.typing(talk, true);
    await().untilAsserted(() -> assertThat(told).containsExactly(true, false));
    assertThat(System.nanoTime() - begun)
        .as("sooner than it would be unless set")
        .isLessThan(Duration.ofSeconds(6).toNanos());
    assertThat(engine.gauges()).containsEntry("limit_typing_timeout_millis", 50L);
  }
}
