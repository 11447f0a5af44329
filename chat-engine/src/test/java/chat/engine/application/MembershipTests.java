package chat.engine.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.hook.Membership;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.MessageStore;
import chat.engine.testkit.RecordingListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Groups whose members the application's own rows name, on two nodes of a store. */
@Timeout(120)
abstract class MembershipTests {
  static final UserId ADA = UserId.of("ada");
  static final UserId BOB = UserId.of("bob");
  static final UserId EVE = UserId.of("eve");
  static final GroupKey KEY = GroupKey.of("project:42");
  static final NewGroup PROJECT = NewGroup.named("the bridge");
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();
  private final AtomicInteger questions = new AtomicInteger();

  /** What the application answers instead of its rows; null for these. */
  private volatile @Nullable Membership instead;

  ChatEngine north;
  ChatEngine south;

  /** The store as one more node sees it. */
  abstract MessageStore openStore();

  /** A connection of the application, with auto-commit off. */
  abstract Connection connection() throws SQLException;

  /** The application's rows. */
  abstract Map<UserId, Role> rows(GroupKey key, @Nullable Connection transaction)
      throws SQLException;

  /**
   * Replaces the application's rows.
   *
   * @param transaction null for one that commits at once
   */
  abstract void write(GroupKey key, Map<UserId, Role> members, @Nullable Connection transaction)
      throws SQLException;

  /** The engines are closed. */
  void closed() {}

  @BeforeEach
  final void startNodes() {
    north = anotherNode();
    south = anotherNode();
  }

  @AfterEach
  final void closeEngines() {
    engines.forEach(ChatEngine::close);
    closed();
  }

  final ChatEngine anotherNode() {
    return node(PATIENCE, PATIENCE);
  }

  /** One more, for which the application is soon too late. */
  final ChatEngine impatientNode() {
    return node(Duration.ofMillis(1_500), Duration.ofSeconds(2));
  }

  private ChatEngine node(Duration deadline, Duration idleLimit) {
    ChatEngine engine =
        ChatEngine.builder()
            .store(openStore())
            .router(network.join())
            .maxGroupMembers(10)
            .hookDeadline(deadline)
            .transactionIdleLimit(idleLimit)
            .membership("project:", this::answer)
            .build();
    engines.add(engine);
    return engine;
  }

  private Map<UserId, Role> answer(GroupKey key, @Nullable Connection transaction)
      throws SQLException {
    questions.incrementAndGet();
    Membership other = instead;
    return other != null ? other.members(key, transaction) : rows(key, transaction);
  }

  final void answerInstead(Membership other) {
    instead = other;
  }

  final void answerTheRows() {
    instead = null;
  }

  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof ChatException refusal) {
        throw refusal;
      }
      throw failed;
    }
  }

  static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  private static void refused(ErrorCode code, CompletableFuture<?> future) {
    refused(code, () -> get(future));
  }

  static RecordingListener connect(ChatEngine engine, UserId user) {
    RecordingListener witness = new RecordingListener();
    get(engine.connect(user, DeviceId.of("device"), witness));
    return witness;
  }

  private static List<ConversationChange> changes(RecordingListener witness) {
    return witness.events(ConversationChanged.class).stream()
        .map(ConversationChanged::change)
        .filter(change -> change != null)
        .toList();
  }

  private static List<String> told(RecordingListener witness) {
    return changes(witness).stream()
        .map(change -> change.kind() + " " + change.subjects() + " " + change.role())
        .toList();
  }

  private MemberList members(ConversationId group) {
    return get(south.asApplication().members(group, PageQuery.first()));
  }

  final Map<UserId, Role> roles(ConversationId group) {
    return members(group).members().stream().collect(Collectors.toMap(Member::user, Member::role));
  }

  static Map<UserId, Role> plain(UserId... users) {
    return Set.of(users).stream().collect(Collectors.toMap(user -> user, user -> Role.MEMBER));
  }

  final ConversationId project(Map<UserId, Role> members) throws SQLException {
    write(KEY, members, null);
    return get(north.asApplication().ensureGroup(KEY, PROJECT)).id();
  }

  // ---- following the rows

  @Test
  void aNewGroupHasTheMembersThatTheApplicationNames() throws SQLException {
    write(KEY, Map.of(ADA, Role.OWNER, BOB, Role.MEMBER), null);
    RecordingListener bob = connect(south, BOB);

    List<ConversationId> groups =
        IntStream.range(0, 6)
            .mapToObj(i -> (i % 2 == 0 ? north : south).asApplication().ensureGroup(KEY, PROJECT))
            .toList()
            .stream()
            .map(group -> get(group).id())
            .distinct()
            .toList();
    int asked = questions.get();
    assertThat(get(south.asApplication().ensureGroup(KEY, PROJECT)).id()).isEqualTo(groups.get(0));

    assertThat(groups).hasSize(1);
    assertThat(questions).hasValue(asked); // the group was there
    assertThat(roles(groups.get(0))).isEqualTo(Map.of(ADA, Role.OWNER, BOB, Role.MEMBER));
    assertThat(members(groups.get(0)).rev()).isZero();
    get(north.asUser(ADA).send(groups.get(0), NewMessage.text("welcome")));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(bob.texts(groups.get(0))).containsExactly("welcome"));
  }

  @Test
  void oneCallFollowsTheRowsWithOneChangeForEachKind() throws SQLException {
    ConversationId group = project(plain(ADA, BOB));
    RecordingListener ada = connect(south, ADA);
    RecordingListener bob = connect(north, BOB);

    write(KEY, Map.of(ADA, Role.MEMBER, EVE, Role.MEMBER, UserId.of("zoe"), Role.MEMBER), null);
    Conversation refreshed = get(north.asApplication().refreshMembers(KEY)).orElseThrow();
    int asked = questions.get();
    get(north.asApplication().refreshMembers(KEY));
    get(south.asApplication().refreshMembers(KEY));
    get(north.asApplication().rename(group, "last"));

    assertThat(refreshed.id()).isEqualTo(group);
    assertThat(questions).hasValue(asked + 2);
    assertThat(roles(group)).isEqualTo(plain(ADA, EVE, UserId.of("zoe")));
    assertThat(members(group).rev()).isEqualTo(3);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(told(ada))
                    .containsExactly(
                        "REMOVED [bob] null", "ADDED [eve, zoe] MEMBER", "RENAMED [] null"));
    assertThat(changes(ada)).extracting(ConversationChange::actor).containsOnly(UserId.SYSTEM);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(told(bob)).containsExactly("REMOVED [bob] null"));
  }

  @Test
  void rolesFollowTooAndAnOwnerMayBeReplaced() throws SQLException {
    ConversationId group = project(Map.of(ADA, Role.OWNER, BOB, Role.ADMIN, EVE, Role.MEMBER));
    UserId zoe = UserId.of("zoe");
    for (Map<UserId, Role> next :
        List.of(
            Map.of(ADA, Role.MEMBER, BOB, Role.OWNER, EVE, Role.ADMIN),
            Map.of(ADA, Role.ADMIN, BOB, Role.ADMIN, zoe, Role.OWNER),
            Map.of(EVE, Role.OWNER, ADA, Role.MEMBER))) {
      write(KEY, next, null);
      get(north.asApplication().refreshMembers(KEY));
      assertThat(roles(group)).isEqualTo(next);
    }
  }

  @Test
  void nobodyIsLeftIfTheApplicationNamesNobodyAndTheGroupStays() throws SQLException {
    ConversationId group = project(plain(ADA, BOB));
    get(north.asUser(ADA).send(group, NewMessage.text("kept")));
    RecordingListener ada = connect(south, ADA);

    write(KEY, Map.of(), null);
    get(north.asApplication().refreshMembers(KEY));

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(told(ada)).containsExactly("REMOVED [ada, bob] null"));
    refused(ErrorCode.NOT_FOUND, south.asUser(ADA).send(group, NewMessage.text("x")));
    assertThat(get(north.asApplication().send(group, NewMessage.text("still"))).seq()).isEqualTo(2);
    get(north.asApplication().delete(group));
    assertThat(get(north.asApplication().refreshMembers(KEY))).isEmpty();
    write(KEY, plain(EVE), null);
    assertThat(roles(get(south.asApplication().ensureGroup(KEY, PROJECT)).id()))
        .isEqualTo(plain(EVE));
  }

  @Test
  void refreshesOfAllNodesAtOnceEndWithTheRows() throws Exception {
    ConversationId group = project(plain(ADA));
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<CompletableFuture<?>> refreshes = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      write(
          KEY,
          plain(
              IntStream.range(0, 6)
                  .filter(user -> random.nextBoolean())
                  .mapToObj(user -> UserId.of("u" + user))
                  .toArray(UserId[]::new)),
          null);
      refreshes.add((i % 2 == 0 ? north : south).asApplication().refreshMembers(KEY));
    }
    refreshes.forEach(MembershipTests::get);

    assertThat(roles(group)).isEqualTo(rows(KEY, null));
  }

  // ---- who else may change members

  @Test
  void nobodyElseChangesTheMembers() throws Exception {
    ConversationId group = project(Map.of(ADA, Role.OWNER, BOB, Role.MEMBER));
    ChatApplication application = south.asApplication();
    ChatUser ada = north.asUser(ADA);

    refused(ErrorCode.FORBIDDEN, ada.addMembers(group, Set.of(EVE)));
    refused(ErrorCode.FORBIDDEN, ada.removeMembers(group, Set.of(BOB)));
    refused(ErrorCode.FORBIDDEN, ada.setRole(group, BOB, Role.ADMIN));
    refused(ErrorCode.FORBIDDEN, north.asUser(BOB).leave(group));
    refused(ErrorCode.FORBIDDEN, ada.ban(group, BOB, null));
    refused(ErrorCode.FORBIDDEN, north.asApplication().ban(group, BOB, null));
    refused(ErrorCode.NOT_FOUND, north.asUser(EVE).leave(group)); // no member learns nothing
    refused(ErrorCode.FORBIDDEN, application.ensureMember(group, EVE));
    refused(ErrorCode.FORBIDDEN, application.ensureMember(group, ADA));
    refused(ErrorCode.FORBIDDEN, application.ensureNoMember(group, BOB));
    refused(ErrorCode.FORBIDDEN, application.setRole(group, BOB, Role.ADMIN));
    refused(
        ErrorCode.BAD_REQUEST,
        application.ensureGroup(GroupKey.of("project:new"), PROJECT.withMember(EVE, Role.ADMIN)));
    try (Connection connection = connection()) {
      TransactionalChat chat = north.transactional(connection);
      refused(ErrorCode.FORBIDDEN, () -> chat.ensureMember(group, EVE));
      refused(ErrorCode.FORBIDDEN, () -> chat.ensureNoMember(group, BOB));
      refused(ErrorCode.FORBIDDEN, () -> chat.setRole(group, BOB, Role.ADMIN));
      ConversationId fresh = chat.ensureGroup(GroupKey.of("project:fresh"), PROJECT).id();
      refused(ErrorCode.FORBIDDEN, () -> chat.ensureMember(fresh, EVE));
      refused(
          ErrorCode.BAD_REQUEST,
          () -> chat.ensureGroup(GroupKey.of("project:new"), PROJECT.withMembers(Set.of(EVE))));
      connection.rollback();
    }
    assertThat(members(group).rev()).isZero();
    get(ada.renameGroup(group, "as ever"));
    get(application.setAttributes(group, "as ever"));
  }

  @Test
  void otherGroupsAreAsEver() {
    ChatApplication application = north.asApplication();
    ConversationId other =
        get(application.ensureGroup(
                GroupKey.of("team:42"), NewGroup.named("g").withMember(ADA, Role.OWNER)))
            .id();
    ConversationId ofAda = get(north.asUser(ADA).createGroup(KEY, "mine", Set.of(BOB))).id();

    get(application.ensureMember(other, BOB));
    get(north.asUser(ADA).removeMembers(other, Set.of(BOB)));
    get(north.asUser(ADA).removeMembers(ofAda, Set.of(BOB)));
    refused(ErrorCode.BAD_REQUEST, application.refreshMembers(GroupKey.of("team:42")));
    assertThat(get(application.refreshMembers(KEY))).isEmpty();
    assertThat(questions).hasValue(0);
  }

  @Test
  void anEngineWithoutAMembershipHasNothingToAsk() throws SQLException {
    try (ChatEngine plain = ChatEngine.builder().store(openStore()).build();
        Connection connection = connection()) {
      assertThatThrownBy(() -> plain.asApplication().refreshMembers(KEY))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("membership(");
      assertThatThrownBy(() -> plain.transactional(connection).refreshMembers(KEY))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void noKeyHasTwoMemberships() {
    Membership nobody = (group, transaction) -> Map.of();
    for (List<String> prefixes :
        List.of(List.of("a", "a"), List.of("a", "ab"), List.of("ab", "a"), List.of("", "a"))) {
      assertThatThrownBy(
              () ->
                  ChatEngine.builder()
                      .membership(prefixes.get(0), nobody)
                      .membership(prefixes.get(1), nobody))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("overlap");
    }
    assertThatCode(() -> ChatEngine.builder().membership("a", nobody).membership("b", nobody))
        .doesNotThrowAnyException();
  }

  // ---- in transactions of the application

  @Test
  void inATransactionItIsAskedAboutWhatIsNotCommittedYet() throws SQLException {
    ConversationId group = project(plain(ADA, BOB));
    RecordingListener ada = connect(south, ADA);
    RecordingListener eve = connect(north, EVE);
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      write(KEY, plain(ADA, EVE), connection);
      assertThat(chat.refreshMembers(KEY).orElseThrow().id()).isEqualTo(group);
      chat.refreshMembers(KEY);
      refused(ErrorCode.NOT_FOUND, () -> chat.send(BOB, group, NewMessage.text("gone")));
      chat.send(EVE, group, NewMessage.text("hello"));
      assertThat(roles(group)).isEqualTo(plain(ADA, BOB));
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();

    assertThat(roles(group)).isEqualTo(plain(ADA, EVE));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(told(ada)).containsExactly("REMOVED [bob] null", "ADDED [eve] MEMBER");
              assertThat(eve.texts(group)).containsExactly("hello");
            });
  }

  @Test
  void aGroupThatATransactionCreatesHasTheMembersOfItsRows() throws SQLException {
    RecordingListener bob = connect(south, BOB);
    ConversationId group;
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      write(KEY, plain(ADA, BOB), connection);
      assertThat(chat.refreshMembers(KEY)).isEmpty();
      group = chat.ensureGroup(KEY, PROJECT).id();
      assertThat(chat.refreshMembers(KEY).orElseThrow().id()).isEqualTo(group);
      chat.send(group, NewMessage.text("begun"));
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();

    assertThat(roles(group)).isEqualTo(plain(ADA, BOB));
    assertThat(members(group).rev()).isZero();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(bob.texts(group)).containsExactly("begun"));
  }

  // ---- what an application can do wrong

  private interface Wrong extends Membership {}

  @Test
  @SuppressWarnings("NullAway") // an application without null checks
  void anImpossibleAnswerIsRefusedAndNothingIsStored() throws SQLException {
    ConversationId group = project(plain(ADA));
    Map<UserId, Role> nullRole = new HashMap<>(plain(ADA));
    nullRole.put(BOB, null);
    Map<UserId, Role> nullUser = new HashMap<>(plain(ADA));
    nullUser.put(null, Role.MEMBER);
    Map<UserId, Role> tooMany =
        IntStream.range(0, 11)
            .boxed()
            .collect(Collectors.toMap(i -> UserId.of("u" + i), i -> Role.MEMBER));
    IllegalStateException broken = new IllegalStateException("broken");
    List<Wrong> wrongs =
        List.of(
            (key, transaction) -> null,
            (key, transaction) -> nullRole,
            (key, transaction) -> nullUser,
            (key, transaction) -> Map.of(UserId.SYSTEM, Role.MEMBER),
            (key, transaction) -> Map.of(ADA, Role.OWNER, BOB, Role.OWNER),
            (key, transaction) -> {
              throw broken;
            },
            (key, transaction) -> {
              throw new SQLException("no such table", "42P01");
            },
            (key, transaction) -> {
              throw new SQLException("its own database is away", "08006");
            },
            (key, transaction) -> {
              throw new StackOverflowError();
            });
    for (Wrong wrong : wrongs) {
      answerInstead(wrong);
      refused(ErrorCode.INTERNAL, north.asApplication().refreshMembers(KEY));
      refused(
          ErrorCode.INTERNAL,
          south.asApplication().ensureGroup(GroupKey.of("project:never"), PROJECT));
    }
    answerInstead((key, transaction) -> tooMany);
    refused(ErrorCode.TOO_LARGE, north.asApplication().refreshMembers(KEY));
    refused(
        ErrorCode.TOO_LARGE,
        north.asApplication().ensureGroup(GroupKey.of("project:never"), PROJECT));
    answerInstead(
        (key, transaction) -> {
          throw ChatException.unavailable("the directory is away", broken);
        });
    refused(ErrorCode.UNAVAILABLE, north.asApplication().refreshMembers(KEY));
    answerInstead(
        (key, transaction) -> {
          throw broken;
        });
    assertThatThrownBy(() -> get(north.asApplication().refreshMembers(KEY)))
        .hasMessageContaining("project:42")
        .hasCause(broken);

    assertThat(members(group).rev()).isZero();
    assertThat(get(north.asApplication().find(GroupKey.of("project:never")))).isEmpty();
    answerTheRows();
    write(KEY, plain(BOB), null);
    get(north.asApplication().refreshMembers(KEY));
    assertThat(roles(group)).isEqualTo(plain(BOB));
  }

  @Test
  void inATransactionItsFaultComesOutAndTheTransactionGoesOn() throws SQLException {
    ConversationId group = project(plain(ADA));
    IllegalStateException broken = new IllegalStateException("broken");
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      answerInstead(
          (key, transaction) -> {
            throw broken;
          });
      assertThatThrownBy(() -> chat.refreshMembers(KEY))
          .isInstanceOfSatisfying(
              ChatException.class, fault -> assertThat(fault.code()).isEqualTo(ErrorCode.INTERNAL))
          .hasCause(broken);
      chat.send(group, NewMessage.text("all the same"));
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();
    assertThat(members(group).rev()).isZero();
  }

  @Test
  void oneThatHangsHoldsUpNobodyElseAndItsAnswerDoesNotCountAnyMore() throws Exception {
    ConversationId group = project(plain(ADA));
    ChatEngine impatient = node(Duration.ofMillis(1_500), Duration.ofSeconds(20));
    GroupKey other = GroupKey.of("project:other");
    write(other, plain(ADA, BOB), null);
    ConversationId free = get(north.asApplication().ensureGroup(other, PROJECT)).id();
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch hanging = new CountDownLatch(3);
    AtomicInteger late = new AtomicInteger();
    answerInstead(
        (key, transaction) -> {
          if (key.equals(other)) {
            return rows(key, transaction);
          }
          hanging.countDown();
          awaitStubbornly(release);
          late.incrementAndGet();
          return plain(EVE);
        });

    List<CompletableFuture<?>> refreshes =
        IntStream.range(0, 3)
            .<CompletableFuture<?>>mapToObj(i -> impatient.asApplication().refreshMembers(KEY))
            .toList();
    get(impatient.asUser(BOB).send(free, NewMessage.text("elsewhere")));
    get(impatient.asApplication().rename(free, "elsewhere"));
    assertThat(get(impatient.asUser(ADA).conversations(PageQuery.first())).items()).hasSize(2);
    refreshes.forEach(refresh -> refused(ErrorCode.INTERNAL, refresh));
    assertThat(hanging.getCount()).isZero(); // they hang still
    assertThat(impatient.gauges()).containsEntry("membership_calls_running", 3L);
    write(other, plain(BOB), null);
    get(impatient.asApplication().refreshMembers(other));
    get(impatient.asUser(ADA).send(group, NewMessage.text("not locked any more")));
    release.countDown();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(late).hasValue(3));

    assertThat(roles(free)).isEqualTo(plain(BOB));
    assertThat(members(group).rev()).isZero();
    assertThat(roles(group)).isEqualTo(plain(ADA));
    answerTheRows();
    write(KEY, plain(BOB), null);
    get(north.asApplication().refreshMembers(KEY));
    assertThat(roles(group)).isEqualTo(plain(BOB));
  }

  /** As code that ignores its interrupts does. */
  static void awaitStubbornly(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException ignored) {
        // on purpose
      }
    }
  }
}
