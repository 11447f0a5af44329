package chat.engine.internal.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.Member;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.testing.Wrapped;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What happens between the decision on a change and its commit. */
final class GroupChangerTest {
  private static final UserId OWNER = UserId.of("owner");
  private static final UserId MEMBER = UserId.of("member");
  private static final UserId STRANGER = UserId.of("stranger");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456789Z");
  private static final ConversationId GROUP = ConversationId.of(7);
  private static final ConversationId DIRECT = ConversationId.of(8);

  private final ConversationStore store = new InMemoryMessageStore().conversations();

  /** What happens in the store right before a call of this name, once each. */
  private final Map<String, List<Runnable>> before = new HashMap<>();

  private final List<String> announced = new ArrayList<>();
  private final List<ConversationId> guarded = new ArrayList<>();
  private final ConversationStore contended =
      Wrapped.of(
          ConversationStore.class,
          store,
          (method, arguments, real) -> {
            List<Runnable> waiting = before.getOrDefault(method, List.of());
            if (!waiting.isEmpty()) {
              waiting.remove(0).run();
            }
            return real.call();
          });
  private final GroupChanger changer =
      new GroupChanger(
          contended, new ConversationDirectory(contended), announcer(), () -> NOW, guarded::add);

  GroupChangerTest() {
    store.createGroup(GROUP, "group", Map.of(OWNER, Role.OWNER, MEMBER, Role.MEMBER), NOW);
    store.openDirect(DIRECT, OWNER, MEMBER, NOW);
  }

  private Announcer announcer() {
    return (Announcer)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Announcer.class},
            (proxy, method, arguments) -> {
              announced.add(method.getName());
              return null;
            });
  }

  private void before(String call, int times, Runnable happens) {
    for (int i = 0; i < times; i++) {
      before.computeIfAbsent(call, first -> new ArrayList<>()).add(happens);
    }
  }

  /** Somebody else is faster. */
  private void commit(Change... changes) {
    long rev = store.members(GROUP).orElseThrow().rev();
    assertThat(store.change(GROUP, rev, List.of(changes), UserId.SYSTEM, NOW)).isPresent();
  }

  private void renameElsewhere() {
    commit(Change.renamed("name at " + store.members(GROUP).orElseThrow().rev()));
  }

  private void refused(ErrorCode code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
    assertThat(announced).isEmpty();
  }

  private String name() {
    return store.find(List.of(GROUP)).get(GROUP).conversation().name();
  }

  private List<UserId> members() {
    return store.members(GROUP).orElseThrow().members().stream().map(Member::user).toList();
  }

  private static GroupChanger.Rule rule(Change... changes) {
    return view -> List.of(changes);
  }

  // ---- deciding again

  @Test
  void theSixteenthAttemptCountsAndIsDecidedOnWhatIsThereThen() {
    before("change", 15, this::renameElsewhere);
    List<String> seen = new ArrayList<>();
    changer.change(
        GROUP,
        OWNER,
        view -> {
          seen.add(view.conversation().get().name());
          return List.of(Change.renamed("mine"));
        });
    assertThat(seen).hasSize(16).startsWith("group", "name at 0").endsWith("name at 14");
    assertThat(name()).isEqualTo("mine");
    assertThat(announced).containsExactly("changed");
  }

  @Test
  void afterSixteenAttemptsItSaysWhenToTryAgain() {
    before("change", 99, this::renameElsewhere);
    assertThatThrownBy(() -> changer.change(GROUP, OWNER, rule(Change.renamed("mine"))))
        .isInstanceOfSatisfying(
            ChatException.class,
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.BUSY);
              assertThat(fault.retryAfter()).contains(Duration.ofMillis(250));
            });
    assertThat(before.get("change")).hasSize(99 - 16);
    assertThat(announced).isEmpty();
  }

  @Test
  void anActorWhoIsRemovedMeanwhileLearnsNoMoreThanAStranger() {
    before("change", 1, () -> commit(Change.removed(List.of(MEMBER))));
    refused(ErrorCode.NOT_FOUND, () -> changer.change(GROUP, MEMBER, rule(Change.renamed("mine"))));
    assertThat(name()).isEqualTo("group");
  }

  @Test
  void aUserWhoIsBannedMeanwhileIsNotAdded() {
    before("change", 1, () -> commit(Change.banned(STRANGER, null)));
    refused(
        ErrorCode.FORBIDDEN,
        () -> changer.change(GROUP, OWNER, rule(Change.added(List.of(STRANGER), Role.MEMBER))));
    assertThat(members()).containsExactlyInAnyOrder(OWNER, MEMBER);
  }

  @Test
  void aBanThatHasExpiredDoesNotRefuse() {
    commit(Change.banned(STRANGER, NOW.plusSeconds(1)), Change.unbanned(STRANGER));
    commit(Change.banned(STRANGER, NOW.minusSeconds(1)));
    changer.change(GROUP, OWNER, rule(Change.added(List.of(STRANGER), Role.MEMBER)));
    assertThat(members()).contains(STRANGER);
  }

  @Test
  void aRuleThatFindsNothingLeftToDoStoresAndAnnouncesNothing() {
    before("change", 1, this::renameElsewhere);
    List<Change> wanted = new ArrayList<>(List.of(Change.renamed("mine")));
    changer.change(
        GROUP,
        OWNER,
        view -> {
          List<Change> now = List.copyOf(wanted);
          wanted.clear();
          return now;
        });
    assertThat(name()).isEqualTo("name at 0");
    assertThat(announced).isEmpty();
  }

  // ---- groups that are none, or none any more

  @Test
  void aGroupThatIsDeletedBetweenTwoReadsIsNotFound() {
    before("members", 1, () -> assertThat(store.delete(GROUP, OWNER, NOW)).isPresent());
    refused(ErrorCode.NOT_FOUND, () -> changer.change(GROUP, OWNER, rule(Change.renamed("n"))));
  }

  @Test
  void aGroupThatIsDeletedWhileItIsDecidedOnIsNotFound() {
    refused(
        ErrorCode.NOT_FOUND,
        () ->
            changer.change(
                GROUP,
                OWNER,
                view -> {
                  assertThat(store.delete(GROUP, OWNER, NOW)).isPresent();
                  return List.of(Change.renamed(view.conversation().get().name()));
                }));
  }

  @Test
  void aGroupThatIsDeletedBeforeTheCommitIsNotFound() {
    before("change", 1, () -> assertThat(store.delete(GROUP, OWNER, NOW)).isPresent());
    refused(ErrorCode.NOT_FOUND, () -> changer.change(GROUP, OWNER, rule(Change.renamed("n"))));
  }

  @Test
  void onlyMembersOfADirectConversationLearnThatItIsNoGroup() {
    refused(ErrorCode.BAD_REQUEST, () -> changer.change(DIRECT, OWNER, rule()));
    refused(ErrorCode.BAD_REQUEST, () -> changer.change(DIRECT, UserId.SYSTEM, rule()));
    refused(ErrorCode.NOT_FOUND, () -> changer.change(DIRECT, STRANGER, rule()));
  }

  // ---- the guard, the time and groups of keys

  @Test
  void theGuardIsAskedInEachAttemptAndAboutChangesOfMembersOnly() {
    before("change", 2, this::renameElsewhere);
    changer.changeMembers(GROUP, OWNER, rule(Change.removed(List.of(MEMBER))));
    assertThat(guarded).containsExactly(GROUP, GROUP, GROUP);
    changer.change(GROUP, OWNER, rule(Change.renamed("mine")));
    assertThat(guarded).hasSize(3);
  }

  @Test
  void timesHaveWholeMillisecondsAsInAnyDatabase() {
    List<Instant> seen = new ArrayList<>();
    changer.change(
        GROUP,
        OWNER,
        view -> {
          seen.add(view.now());
          return List.of(Change.renamed("mine"));
        });
    Instant expected = Instant.parse("2026-01-01T00:00:00.123Z");
    assertThat(seen).containsExactly(expected);
    assertThat(store.changes(GROUP, 0, 10).get(0).at()).isEqualTo(expected);
  }

  @Test
  void onlyTheCallThatCreatesTheGroupOfAKeyAnnouncesIt() {
    ConversationStore.Key key = new ConversationStore.Key(OWNER, GroupKey.of("project"));
    Map<UserId, Role> members = Map.of(OWNER, Role.OWNER);
    Conversation first =
        changer.ensureGroup(key, Conversation.group(ConversationId.of(21), "p", NOW), members);
    assertThat(announced).containsExactly("created");
    Conversation second =
        changer.ensureGroup(key, Conversation.group(ConversationId.of(22), "p", NOW), members);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(announced).hasSize(1);
    assertThat(first.id()).isEqualTo(ConversationId.of(21));
  }
}
