package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.HistoryAccess;
import chat.engine.MemberList;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.memory.InMemoryMessageStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users do to conversations, as the application's hook sees it. */
@Timeout(60)
final class ActionHookTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CAROL = UserId.of("carol");

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final Queue<UserAction> asked = new ConcurrentLinkedQueue<>();
  private final List<ChatEngine> engines = new ArrayList<>();

  @AfterEach
  void closeEngines() {
    engines.forEach(ChatEngine::close);
  }

  private ChatEngine engine(ActionHook hook) {
    ChatEngine engine =
        ChatEngine.builder()
            .store(store)
            .hookDeadline(Duration.ofMillis(500))
            .actionHook(
                action -> {
                  asked.add(action);
                  return hook.onAction(action);
                })
            .build();
    engines.add(engine);
    return engine;
  }

  private static void refused(ErrorCode code, CompletableFuture<?> future) {
    assertThatThrownBy(future::join)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  @Test
  void everyActionIsShownToTheHookAndDoneWhenItAllows() {
    ChatEngine engine = engine(ActionHook.blocking(action -> {}));
    ChatUser ada = engine.asUser(ADA);
    Conversation talk = ada.openDirect(BOB).join();
    Conversation group = ada.createGroup("hikers", Set.of(BOB)).join();
    ConversationId id = group.id();
    ada.renameGroup(id, "climbers").join();
    ada.addMembers(id, Set.of(CAROL)).join();
    ada.setRole(id, CAROL, Role.ADMIN).join();
    ada.removeMembers(id, Set.of(CAROL)).join();
    engine.asUser(BOB).leave(id).join();

    Conversation renamed = Conversation.group(id, "climbers", group.createdAt());
    assertThat(asked)
        .containsExactly(
            new UserAction.OpenDirect(ADA, BOB),
            new UserAction.CreateGroup(ADA, "hikers", Set.of(BOB), HistoryAccess.ALL),
            new UserAction.RenameGroup(ADA, group, "climbers"),
            new UserAction.AddMembers(ADA, renamed, Set.of(CAROL)),
            new UserAction.SetRole(ADA, renamed, CAROL, Role.ADMIN),
            new UserAction.RemoveMembers(ADA, renamed, Set.of(CAROL)),
            new UserAction.LeaveGroup(BOB, renamed));
    MemberList members = ada.members(id, PageQuery.first()).join();
    assertThat(members.users()).containsExactly(ADA);
    assertThat(members.rev()).isEqualTo(5);

    asked.clear();
    ada.send(talk.id(), NewMessage.text("hi")).join();
    ada.markRead(talk.id(), 1).join();
    ada.markReceived(talk.id(), 1).join();
    assertThat(asked).as("sends have a hook of their own, receipts none").isEmpty();
  }

  @Test
  void whatTheHookRefusesIsNotDone() {
    ChatEngine open = engine(ActionHook.blocking(action -> {}));
    Conversation group = open.asUser(ADA).createGroup("hikers", Set.of(BOB)).join();
    ChatEngine closed =
        engine(
            ActionHook.blocking(
                action -> {
                  throw ChatException.forbidden("not here");
                }));
    ChatUser ada = closed.asUser(ADA);
    refused(ErrorCode.FORBIDDEN, ada.openDirect(BOB));
    refused(ErrorCode.FORBIDDEN, ada.createGroup("others", Set.of(BOB)));
    refused(ErrorCode.FORBIDDEN, ada.renameGroup(group.id(), "climbers"));
    refused(ErrorCode.FORBIDDEN, ada.addMembers(group.id(), Set.of(CAROL)));
    refused(ErrorCode.FORBIDDEN, ada.removeMembers(group.id(), Set.of(BOB)));
    refused(ErrorCode.FORBIDDEN, ada.setRole(group.id(), BOB, Role.ADMIN));
    refused(ErrorCode.FORBIDDEN, closed.asUser(BOB).leave(group.id()));

    assertThat(ada.conversations(PageQuery.first()).join().items()).containsExactly(group);
    MemberList members = ada.members(group.id(), PageQuery.first()).join();
    assertThat(members.users()).containsExactly(ADA, BOB);
    assertThat(members.rev()).isZero();
  }

  @Test
  void whatTheHookAllowsMustStillBeAllowedByTheRules() {
    ChatEngine engine = engine(ActionHook.blocking(action -> {}));
    Conversation group = engine.asUser(ADA).createGroup("hikers", Set.of(BOB)).join();
    refused(ErrorCode.FORBIDDEN, engine.asUser(BOB).renameGroup(group.id(), "mine"));
  }

  @Test
  void theHookIsNotAskedAboutConversationsThatAreNotTheUsers() {
    ChatEngine engine = engine(ActionHook.blocking(action -> {}));
    Conversation group = engine.asUser(ADA).createGroup("hikers", Set.of(BOB)).join();
    asked.clear();
    refused(ErrorCode.NOT_FOUND, engine.asUser(CAROL).renameGroup(group.id(), "mine"));
    refused(ErrorCode.NOT_FOUND, engine.asUser(ADA).leave(ConversationId.of(4711)));
    assertThat(asked).isEmpty();
  }

  @Test
  void aHookThatFailsInAnyWayRefusesTheAction() {
    CompletableFuture<Void> never = new CompletableFuture<>();
    ChatEngine engine =
        engine(
            action -> {
              String name = ((UserAction.CreateGroup) action).name();
              return switch (name) {
                case "null" -> nothing();
                case "throws" -> throw new IllegalStateException("on purpose");
                case "fails" -> CompletableFuture.failedFuture(new AssertionError("on purpose"));
                case "hangs" -> never;
                default -> CompletableFuture.completedFuture(null);
              };
            });
    ChatUser ada = engine.asUser(ADA);
    for (String name : List.of("null", "throws", "fails", "hangs")) {
      refused(ErrorCode.INTERNAL, ada.createGroup(name, Set.of()));
    }
    assertThat(ada.createGroup("good", Set.of()).join().name()).isEqualTo("good");
    assertThat(ada.conversations(PageQuery.first()).join().items()).hasSize(1);
    assertThat(engine.counters())
        .containsEntry("hook_faults", 3L)
        .containsEntry("hook_timeouts", 1L);
    assertThat(engine.gauges()).containsEntry("action_hook_calls_running", 0L);
  }

  @SuppressWarnings("NullAway") // what an application without null checks may return
  private static CompletableFuture<Void> nothing() {
    return null;
  }

  /** The hook answers in the opposite order; only one of a line is asked about at a time. */
  @Test
  void theActionsOfAUserInAConversationTakeEffectInTheOrderMade() {
    Queue<CompletableFuture<Void>> answers = new ConcurrentLinkedQueue<>();
    ChatEngine engine =
        engine(
            action -> {
              CompletableFuture<Void> answer = new CompletableFuture<>();
              if (action instanceof UserAction.RenameGroup) {
                answers.add(answer);
              } else {
                answer.complete(null);
              }
              return answer;
            });
    ChatUser ada = engine.asUser(ADA);
    Conversation group = ada.createGroup("name", Set.of()).join();
    List<CompletableFuture<Void>> renames = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      renames.add(ada.renameGroup(group.id(), "name " + i));
    }
    for (int i = 0; i < 5; i++) {
      await().until(() -> !answers.isEmpty());
      assertThat(answers).hasSize(1);
      answers.remove().complete(null);
      renames.get(i).join();
    }
    assertThat(ada.inbox(group.id()).join().conversation().name()).isEqualTo("name 4");
  }

  @Test
  void groupChangesTakeEffectInTheOrderMadeWithoutAHookToo() {
    ChatEngine engine = ChatEngine.builder().store(store).build();
    engines.add(engine);
    ChatUser ada = engine.asUser(ADA);
    Conversation group = ada.createGroup("name", Set.of()).join();
    List<CompletableFuture<Void>> renames = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      renames.add(ada.renameGroup(group.id(), "name " + i));
    }
    renames.forEach(CompletableFuture::join);
    assertThat(ada.inbox(group.id()).join().conversation().name()).isEqualTo("name 199");
  }
}
