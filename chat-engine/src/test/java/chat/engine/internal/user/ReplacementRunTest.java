package chat.engine.internal.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import chat.engine.ClientMessageId;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.UserReplacements;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.testing.Wrapped;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order and the sizes of the steps, and what a step that fails or is held up leaves behind. */
@Timeout(60)
final class ReplacementRunTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final UserId GONE = UserId.of("gone");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ConversationId GROUP = ConversationId.of(7);
  private static final ConversationId DIRECT = ConversationId.of(8);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final StoreThreads threads = new StoreThreads(2, 100);

  /** The steps that write, or that say how many they want; in their order. */
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final List<ConversationChange> announced = new CopyOnWriteArrayList<>();

  /** What calls come to instead, once each: those that the predicate holds for. */
  private final List<Instead> instead = new CopyOnWriteArrayList<>();

  private record Instead(Predicate<String> call, Wrapped.Interceptor happens) {}

  private long ids;

  @AfterEach
  void close() {
    threads.close();
  }

  // ---- the store, the announcer, and what they are asked

  private @Nullable Object call(String call, String method, Object[] arguments, Wrapped.Real real)
      throws Throwable {
    calls.add(call);
    for (Instead one : instead) {
      if (one.call().test(call)) {
        instead.remove(one);
        return one.happens().instead(method, arguments, real);
      }
    }
    return real.call();
  }

  private @Nullable Object watched(String method, Object[] arguments, Wrapped.Real real)
      throws Throwable {
    return switch (method) {
      case "replacements" ->
          Wrapped.of(UserReplacements.class, store.replacements(), this::replacing);
      case "conversations" ->
          Wrapped.of(ConversationStore.class, store.conversations(), this::changing);
      case "append" -> {
        List<?> writes = (List<?>) arguments[0];
        String kind = writes.get(0) instanceof Deletion ? "delete " : "rewrite ";
        yield call(kind + writes.size(), method, arguments, real);
      }
      default -> real.call();
    };
  }

  private @Nullable Object replacing(String method, Object[] arguments, Wrapped.Real real)
      throws Throwable {
    return switch (method) {
      case "replaceMember" -> call("member of " + arguments[1], method, arguments, real);
      case "replaceRows" -> call("rows of " + arguments[1], method, arguments, real);
      case "messages" -> call("look up to " + arguments[3], method, arguments, real);
      case "finish", "reached" -> call(method, method, arguments, real);
      default -> real.call();
    };
  }

  private @Nullable Object changing(String method, Object[] arguments, Wrapped.Real real)
      throws Throwable {
    if (method.equals("memberships")) {
      Object page = real.call();
      calls.add("memberships " + (page instanceof List<?> list ? list.size() : -1));
      return page;
    }
    return List.of("change", "erase", "unerased").contains(method)
        ? call(method + " " + arguments[0], method, arguments, real)
        : real.call();
  }

  private static Wrapped.Interceptor away() {
    return (method, arguments, real) -> {
      throw new StoreUnavailableException("away, on purpose", null);
    };
  }

  private Announcer announcer() {
    return (Announcer)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Announcer.class},
            (proxy, method, arguments) -> {
              ((List<?>) arguments[1]).forEach(one -> announced.add((ConversationChange) one));
              return null;
            });
  }

  private ReplacementRun run(Job job) {
    MessageStore watched = Wrapped.of(MessageStore.class, store, this::watched);
    return new ReplacementRun(
        job,
        watched,
        new ConversationDirectory(store.conversations()),
        announcer(),
        InstantSource.fixed(NOW),
        threads,
        user -> calls.add("end sessions of " + user));
  }

  private Job begin(Kind kind) {
    return store.replacements().begin(kind, ADA, kind == Kind.DELETE_MESSAGES ? ADA : GONE, NOW);
  }

  private void replace(Kind kind) {
    done(run(begin(kind)).start());
  }

  private static void done(CompletableFuture<Void> run) {
    run.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private List<String> calls(String beginning) {
    return calls.stream().filter(call -> call.startsWith(beginning)).toList();
  }

  // ---- what is in the store

  private void group(ConversationId id, Map<UserId, Role> members) {
    store.conversations().createGroup(id, "group " + id, members, NOW);
  }

  private void write(ConversationId id, UserId from, int messages) {
    List<Draft> drafts = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      long number = ++ids;
      drafts.add(
          new Draft(
              MessageId.of(number),
              id,
              from,
              ClientMessageId.of("c" + number),
              number,
              "text",
              null,
              List.of(),
              null,
              NOW,
              Draft.UNVERIFIED));
    }
    assertThat(store.append(drafts, Duration.ZERO))
        .allMatch(AppendOutcome.Stored.class::isInstance);
  }

  private List<UserId> senders(ConversationId id) {
    return store.before(id, Long.MAX_VALUE, 5_000).stream().map(Message::from).distinct().toList();
  }

  // ---- the order of the steps

  @Test
  void sessionsEndBeforeAnythingIsTouchedAndOnceMoreWhenItIsDone() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 1);
    replace(Kind.RENAME);
    assertThat(calls)
        .startsWith("end sessions of ada", "memberships 1", "member of 7")
        .containsSubsequence("member of 7", "look up to 1", "rewrite 1", "rows of 7")
        .endsWith("memberships 0", "finish", "end sessions of ada");
    assertThat(senders(GROUP)).containsExactly(GONE);
  }

  @Test
  void deletingMessagesTouchesNeitherMembershipsNorSessions() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 2);
    write(GROUP, BOB, 1);
    replace(Kind.DELETE_MESSAGES);
    assertThat(calls("member of")).isEmpty();
    assertThat(calls("rows")).isEmpty();
    assertThat(calls("end sessions")).isEmpty();
    assertThat(announced)
        .extracting(ConversationChange::kind)
        .containsExactly(
            ConversationChange.Kind.MESSAGE_DELETED, ConversationChange.Kind.MESSAGE_DELETED);
    assertThat(store.conversations().member(GROUP, ADA)).isPresent();
  }

  @Test
  void aMembershipThatBeginsMeanwhileIsFoundByTheSecondWalk() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    ConversationId late = ConversationId.of(3); // in front of where the first walk stands
    instead.add(
        new Instead(
            "member of 7"::equals,
            (method, arguments, real) -> {
              group(late, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
              return real.call();
            }));
    replace(Kind.RENAME);
    assertThat(calls("memberships")).containsExactly("memberships 1", "memberships 1");
    assertThat(store.conversations().member(late, ADA)).isEmpty();
    assertThat(store.conversations().member(late, GONE)).isPresent();
  }

  // ---- sizes

  @Test
  void aHundredMembershipsAreReadAtOnce() {
    for (int i = 1; i <= 101; i++) {
      group(ConversationId.of(i), Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    }
    replace(Kind.ERASE);
    assertThat(calls("memberships"))
        .containsExactly("memberships 100", "memberships 1", "memberships 0");
    assertThat(store.conversations().memberships(ADA)).isEmpty();
    assertThat(calls("change")).hasSize(101);
  }

  @Test
  void twoHundredMessagesAreRewrittenAtOnceAndAllOfThem() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 2_001); // more than are looked through at once
    replace(Kind.RENAME);
    List<String> rewrites = calls("rewrite");
    assertThat(rewrites).hasSize(11).endsWith("rewrite 1");
    assertThat(rewrites.subList(0, 10)).containsOnly("rewrite 200");
    assertThat(senders(GROUP)).containsExactly(GONE);
  }

  @Test
  void messagesThatComeAfterTheLookAtTheEndAreNotWaitedFor() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 2_001);
    for (int i = 0; i < 3; i++) { // the others write faster than this reads
      instead.add(
          new Instead(
              "rewrite 200"::equals,
              (method, arguments, real) -> {
                write(GROUP, BOB, 2_000);
                return real.call();
              }));
    }
    done(run(begin(Kind.RENAME)).only(GROUP));
    assertThat(calls("look")).containsExactly("look up to 2000", "look up to 2001");
  }

  // ---- one conversation

  @Test
  void oneConversationIsDoneWithoutANoteAndWithoutEndingAnything() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    group(DIRECT, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 1);
    write(DIRECT, ADA, 1);
    Job job = begin(Kind.DELETE_MESSAGES);
    done(run(job).only(GROUP));
    assertThat(calls).containsExactly("look up to 1", "delete 1");
    assertThat(store.replacements().isDone(Kind.DELETE_MESSAGES, ADA)).isFalse();
    assertThat(announced).extracting(ConversationChange::conversation).containsExactly(GROUP);
  }

  // ---- what is held up, or fails

  @Test
  void aBatchThatFindsTheConversationLockedComesAgainInItsPlace() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 201);
    instead.add(
        new Instead(
            "rewrite 200"::equals,
            (method, arguments, real) ->
                ((List<?>) arguments[0])
                    .stream().map(write -> (AppendOutcome) new AppendOutcome.Locked()).toList()));
    replace(Kind.RENAME);
    assertThat(calls("rewrite")).containsExactly("rewrite 200", "rewrite 200", "rewrite 1");
    assertThat(announced).filteredOn(change -> change.kind().isOfMessage()).hasSize(201);
    assertThat(senders(GROUP)).containsExactly(GONE);
  }

  @Test
  void aRunThatFailsInTheMiddleLeavesARestThatTheNextRunFinishesWithoutRepeatingIt() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    group(DIRECT, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 3);
    write(DIRECT, ADA, 2);
    instead.add(new Instead("rows of 8"::equals, away()));
    Job job = begin(Kind.RENAME);
    assertThatThrownBy(() -> done(run(job).start()))
        .hasRootCauseInstanceOf(StoreUnavailableException.class);
    assertThat(calls).doesNotContain("finish").endsWith("rows of 8");
    assertThat(store.replacements().isDone(Kind.RENAME, ADA)).isFalse();
    List<ConversationChange> before = List.copyOf(announced);
    assertThat(before).isNotEmpty();
    calls.clear();
    done(run(job).start());
    assertThat(calls("rewrite")).as("done before").isEmpty();
    assertThat(announced).as("done before").isEqualTo(before);
    assertThat(store.replacements().isDone(Kind.RENAME, ADA)).isTrue();
    assertThat(senders(GROUP)).containsExactly(GONE);
    assertThat(senders(DIRECT)).containsExactly(GONE);
  }

  @Test
  void nothingIsTouchedIfTheSessionsCannotBeEnded() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    ReplacementRun run =
        new ReplacementRun(
            begin(Kind.ERASE),
            Wrapped.of(MessageStore.class, store, this::watched),
            new ConversationDirectory(store.conversations()),
            announcer(),
            InstantSource.fixed(NOW),
            threads,
            user -> {
              throw new StoreUnavailableException("on purpose", null);
            });
    assertThatThrownBy(() -> done(run.start())).hasRootCauseMessage("on purpose");
    assertThat(calls).isEmpty();
    assertThat(store.conversations().member(GROUP, ADA)).isPresent();
  }

  // ---- groups

  @Test
  void amongAdminsAndMembersTheAdminWhoJoinedFirstFollowsTheOwner() {
    group(GROUP, Map.of(ADA, Role.OWNER, BOB, Role.MEMBER));
    UserId dan = UserId.of("dan");
    change(Change.added(List.of(dan), Role.ADMIN));
    change(Change.added(List.of(CLEO), Role.ADMIN));
    replace(Kind.ERASE);
    assertThat(store.conversations().members(GROUP).orElseThrow().members())
        .extracting(Member::user, Member::role)
        .containsExactlyInAnyOrder(
            tuple(dan, Role.OWNER), tuple(BOB, Role.MEMBER), tuple(CLEO, Role.ADMIN));
    assertThat(announced)
        .extracting(ConversationChange::kind)
        .containsExactly(ConversationChange.Kind.REMOVED, ConversationChange.Kind.ROLE_SET);
  }

  private void change(Change change) {
    long rev = store.conversations().members(GROUP).orElseThrow().rev();
    assertThat(store.conversations().change(GROUP, rev, List.of(change), UserId.SYSTEM, NOW))
        .isPresent();
  }

  @Test
  void anOwnerWithoutOthersLeavesAnEmptyGroup() {
    group(GROUP, Map.of(ADA, Role.OWNER));
    replace(Kind.ERASE);
    assertThat(store.conversations().members(GROUP).orElseThrow().members()).isEmpty();
    assertThat(announced)
        .extracting(ConversationChange::kind)
        .containsExactly(ConversationChange.Kind.REMOVED);
  }

  @Test
  void aUserWhoIsRemovedMeanwhileNeedNotLeave() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    write(GROUP, ADA, 1);
    instead.add(
        new Instead(
            "change 7"::equals,
            (method, arguments, real) -> {
              change(Change.removed(List.of(ADA)));
              return real.call();
            }));
    replace(Kind.ERASE);
    assertThat(calls("change")).hasSize(1);
    assertThat(senders(GROUP)).containsExactly(GONE);
  }

  @Test
  void textsOfDeletedConversationsAreErasedPieceByPieceForAnErasureOnly() {
    group(GROUP, Map.of(ADA, Role.MEMBER, BOB, Role.OWNER));
    replace(Kind.RENAME);
    assertThat(calls("unerased")).isEmpty();
    instead.add(new Instead("unerased 1000"::equals, (method, arguments, real) -> List.of(GROUP)));
    instead.add(new Instead("erase 7"::equals, (method, arguments, real) -> true));
    instead.add(new Instead("erase 7"::equals, (method, arguments, real) -> false));
    replace(Kind.ERASE);
    assertThat(calls("erase")).containsExactly("erase 7", "erase 7");
    assertThat(calls("unerased")).hasSize(1);
  }
}
