package chat.engine.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.MessageStore;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the application does with its own authority, on two nodes of a store. */
@Timeout(120)
abstract class ApplicationTests {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId EVE = UserId.of("eve");
  private static final GroupKey KEY = GroupKey.of("project:42");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();

  /** The store as one more node sees it. */
  abstract MessageStore openStore();

  @AfterEach
  final void closeEngines() {
    engines.forEach(ChatEngine::close);
    closed();
  }

  /** The engines are closed. */
  void closed() {}

  private ChatEngine node(InMemoryRouter router) {
    ChatEngine engine =
        ChatEngine.builder().store(openStore()).router(router).maxGroupMembers(100).build();
    engines.add(engine);
    return engine;
  }

  private ChatEngine node() {
    return node(network.join());
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof ChatException refusal) {
        throw refusal;
      }
      throw failed;
    }
  }

  private static void refused(ErrorCode code, CompletableFuture<?> future) {
    assertThatThrownBy(() -> get(future))
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  private static RecordingListener connect(ChatEngine engine, UserId user) {
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

  private static List<Kind> kinds(RecordingListener witness) {
    return changes(witness).stream().map(ConversationChange::kind).toList();
  }

  private static List<Conversation> conversations(RecordingListener witness) {
    return witness.events(ConversationChanged.class).stream()
        .map(ConversationChanged::conversation)
        .toList();
  }

  private static Map<UserId, Role> roles(ChatApplication application, ConversationId group) {
    return get(application.members(group, PageQuery.first())).members().stream()
        .collect(Collectors.toMap(Member::user, Member::role));
  }

  // ---- groups by key

  @Test
  void ofEightWhoAskForAKeyOnTwoNodesAllGetOneGroupAndItsMembersHearOfItOnce() {
    ChatEngine north = node();
    ChatEngine south = node();
    RecordingListener ada = connect(north, ADA);
    RecordingListener bob = connect(south, BOB);
    NewGroup wanted = NewGroup.named("project").withMembers(Set.of(ADA, BOB));

    List<Conversation> groups =
        IntStream.range(0, 8)
            .mapToObj(i -> (i % 2 == 0 ? north : south).asApplication().ensureGroup(KEY, wanted))
            .toList()
            .stream()
            .map(ApplicationTests::get)
            .toList();

    assertThat(groups).containsOnly(groups.get(0));
    assertThat(get(north.asUser(ADA).conversations(PageQuery.first())).items()).hasSize(1);
    assertThat(get(south.asApplication().find(KEY))).contains(groups.get(0));
    assertThat(roles(south.asApplication(), groups.get(0).id()))
        .isEqualTo(Map.of(ADA, Role.MEMBER, BOB, Role.MEMBER));
    get(north.asApplication().send(groups.get(0).id(), NewMessage.text("welcome")));
    for (RecordingListener member : List.of(ada, bob)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(member.texts(groups.get(0).id())).containsExactly("welcome"));
      assertThat(conversations(member)).containsExactly(groups.get(0));
    }
  }

  @Test
  void aUserWhoRepeatsTheCreationOfAGroupGetsTheFirst() {
    ChatEngine north = node();
    ChatEngine south = node();
    RecordingListener bob = connect(south, BOB);

    Conversation first = get(north.asUser(ADA).createGroup(KEY, "hikers", Set.of(BOB)));
    Conversation again = get(south.asUser(ADA).createGroup(KEY, "hikers", Set.of(BOB)));
    Conversation ofBob = get(south.asUser(BOB).createGroup(KEY, "hikers", Set.of()));
    Conversation ofApplication =
        get(south.asApplication().ensureGroup(KEY, NewGroup.named("hikers")));

    assertThat(again).isEqualTo(first);
    assertThat(Set.of(first.id(), ofBob.id(), ofApplication.id())).hasSize(3);
    assertThat(roles(north.asApplication(), first.id()))
        .isEqualTo(Map.of(ADA, Role.OWNER, BOB, Role.MEMBER));
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(conversations(bob)).hasSize(2));
  }

  // ---- members

  @Test
  void ensuringMembersChangesOnlyWhoIsNoneAndIsOneChange() {
    ChatEngine north = node();
    ChatApplication application = north.asApplication();
    ConversationId group =
        get(application.ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.ADMIN))).id();
    RecordingListener ada = connect(node(), ADA);
    RecordingListener bob = connect(north, BOB);

    get(application.ensureMembers(group, Set.of(ADA, BOB, EVE)));
    get(application.ensureMembers(group, Set.of(ADA, BOB, EVE)));
    get(application.ensureMember(group, BOB));
    get(application.ensureNoMember(group, UserId.of("nobody")));
    get(application.rename(group, "last"));

    assertThat(roles(application, group))
        .isEqualTo(Map.of(ADA, Role.ADMIN, BOB, Role.MEMBER, EVE, Role.MEMBER));
    for (RecordingListener member : List.of(ada, bob)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(kinds(member)).containsExactly(Kind.ADDED, Kind.RENAMED));
      assertThat(changes(member).get(0).subjects()).containsExactly(BOB, EVE);
      assertThat(changes(member)).extracting(ConversationChange::actor).containsOnly(UserId.SYSTEM);
    }
  }

  @Test
  void ensuringMembersWithARoleGivesItToAllOfThem() {
    ChatApplication application = node().asApplication();
    ConversationId group =
        get(application.ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.OWNER))).id();

    get(application.ensureMembers(group, Set.of(BOB, EVE)));
    get(application.ensureMembers(group, Set.of(ADA, BOB), Role.ADMIN));
    assertThat(roles(application, group))
        .isEqualTo(Map.of(ADA, Role.ADMIN, BOB, Role.ADMIN, EVE, Role.MEMBER));
    get(application.ensureMember(group, EVE, Role.OWNER));
    get(application.ensureMember(group, UserId.of("new"), Role.OWNER));
    assertThat(roles(application, group))
        .isEqualTo(
            Map.of(
                ADA, Role.ADMIN, BOB, Role.ADMIN, EVE, Role.ADMIN, UserId.of("new"), Role.OWNER));
    get(application.ensureNoMember(group, UserId.of("new")));
    get(application.setRole(group, BOB, Role.OWNER));
    get(application.setRole(group, BOB, Role.OWNER));
    get(application.setRole(group, BOB, Role.MEMBER));
    assertThat(roles(application, group))
        .isEqualTo(Map.of(ADA, Role.ADMIN, BOB, Role.MEMBER, EVE, Role.ADMIN));
  }

  @Test
  void whoIsRemovedGetsNothingThatIsSentLater() {
    ChatEngine north = node();
    ChatEngine south = node();
    ChatApplication application = north.asApplication();
    ConversationId group =
        get(application.ensureGroup(
                KEY, NewGroup.named("g").withMembers(Set.of(ADA, BOB)).withMember(EVE, Role.OWNER)))
            .id();
    RecordingListener ada = connect(north, ADA);
    RecordingListener bob = connect(south, BOB);
    RecordingListener eve = connect(south, EVE);
    for (int i = 0; i < 20; i++) {
      CompletableFuture<?> before = north.asUser(ADA).send(group, NewMessage.text("before"));
      get(before);
    }

    get(application.ensureNoMembers(group, Set.of(BOB, EVE, UserId.of("nobody"))));
    for (int i = 0; i < 20; i++) {
      get((i % 2 == 0 ? application : south.asApplication()).send(group, NewMessage.text("after")));
    }
    refused(ErrorCode.NOT_FOUND, south.asUser(EVE).send(group, NewMessage.text("x")));

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(ada.texts(group)).hasSize(40));
    for (RecordingListener removed : List.of(bob, eve)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(kinds(removed)).containsExactly(Kind.REMOVED));
      assertThat(removed.texts(group)).hasSize(20).containsOnly("before");
    }
  }

  // ---- name and attributes

  @Test
  void nameAndAttributesAreShownToTheMembersOnAllNodes() {
    ChatEngine north = node();
    ChatEngine south = node();
    ConversationId group =
        get(north
                .asApplication()
                .ensureGroup(
                    KEY, NewGroup.named("g").withMembers(Set.of(ADA, BOB)).withAttributes("first")))
            .id();
    RecordingListener ada = connect(north, ADA);
    RecordingListener bob = connect(south, BOB);

    get(south.asApplication().setAttributes(group, "second"));
    get(north.asApplication().rename(group, "renamed"));
    get(south.asApplication().setAttributes(group, null));

    for (RecordingListener member : List.of(ada, bob)) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(conversations(member)).hasSize(3));
      assertThat(conversations(member))
          .extracting(Conversation::name, Conversation::attributes)
          .containsExactly(
              tuple("g", "second"), tuple("renamed", "second"), tuple("renamed", null));
      assertThat(changes(member).get(0).attributes()).isEqualTo("second");
    }
    assertThat(get(north.asApplication().conversation(group)).name()).isEqualTo("renamed");
  }

  // ---- deleting

  @Test
  void aDeletedGroupIsGoneForItsMembersOnAllNodesAndItsKeyIsFree() {
    ChatEngine north = node();
    ChatEngine south = node();
    ChatApplication application = north.asApplication();
    NewGroup wanted = NewGroup.named("g").withMembers(Set.of(ADA, BOB));
    ConversationId group = get(application.ensureGroup(KEY, wanted)).id();
    for (int i = 0; i < 30; i++) {
      get(application.send(group, NewMessage.text("secret " + i)));
    }
    RecordingListener ada = connect(north, ADA);
    RecordingListener bob = connect(south, BOB);

    get(application.delete(group));
    get(south.asApplication().delete(group));

    for (RecordingListener member : List.of(ada, bob)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(kinds(member)).containsExactly(Kind.DELETED));
    }
    assertThat(get(south.asUser(ADA).conversations(PageQuery.first())).items()).isEmpty();
    refused(ErrorCode.NOT_FOUND, application.send(group, NewMessage.text("x")));
    refused(ErrorCode.NOT_FOUND, south.asUser(ADA).send(group, NewMessage.text("x")));
    refused(ErrorCode.NOT_FOUND, application.history(group, HistoryQuery.newest()));
    refused(ErrorCode.NOT_FOUND, application.members(group, PageQuery.first()));
    refused(ErrorCode.NOT_FOUND, application.conversation(group));
    refused(ErrorCode.NOT_FOUND, application.ensureMember(group, EVE));
    try (MessageStore store = openStore()) {
      assertThat(store.after(group, 0, 100)).isEmpty();
    }
    Conversation next = get(application.ensureGroup(KEY, wanted));
    assertThat(next.id()).isNotEqualTo(group);
    get(application.send(next.id(), NewMessage.text("anew")));
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(bob.texts(next.id())).hasSize(1));
  }

  @Test
  void aNodeThatHearsOfNoDeletionFindsIt() {
    ChatEngine north = node();
    InMemoryRouter cable = network.join();
    ChatEngine south = node(cable);
    ChatApplication application = north.asApplication();
    NewGroup wanted = NewGroup.named("g").withMembers(Set.of(ADA, BOB));
    ConversationId group = get(application.ensureGroup(KEY, wanted)).id();
    ConversationId direct = get(application.openDirect(ADA, BOB)).id();
    ConversationId silent = get(application.openDirect(EVE, BOB)).id();
    get(application.send(group, NewMessage.text("in the group")));
    get(application.send(direct, NewMessage.text("to both")));
    RecordingListener bob = connect(south, BOB);
    cable.cut();

    get(application.send(group, NewMessage.text("unseen")));
    get(application.delete(group));
    get(application.delete(direct));
    get(application.delete(silent));

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(changes(bob))
                    .extracting(ConversationChange::conversation)
                    .containsExactlyInAnyOrder(group, direct, silent));
    assertThat(kinds(bob)).containsOnly(Kind.DELETED);
    cable.heal();
    ConversationId again = get(application.openDirect(ADA, BOB)).id();
    get(north.asUser(ADA).send(again, NewMessage.text("again")));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(bob.texts(again)).containsExactly("again"));
  }

  @Test
  void aDeletedDirectConversationIsGoneForBoth() {
    ChatEngine north = node();
    ChatEngine south = node();
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    RecordingListener ada = connect(north, ADA);
    RecordingListener bob = connect(south, BOB);
    get(north.asUser(ADA).send(talk, NewMessage.text("hi")));
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(bob.texts(talk)).hasSize(1));

    get(south.asApplication().delete(talk));

    for (RecordingListener one : List.of(ada, bob)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(kinds(one)).containsExactly(Kind.DELETED));
    }
    refused(ErrorCode.NOT_FOUND, north.asUser(ADA).send(talk, NewMessage.text("x")));
    ChatSession session = get(north.connect(ADA, DeviceId.of("later"), new RecordingListener()));
    assertThat(get(session.sync(Map.of(talk, SyncCursor.at(1)))).gone()).containsExactly(talk);
  }

  @Test
  void whatANodeThatDiedLeftOfADeletedConversationIsErasedByAnother() {
    ChatEngine north = node();
    ConversationId group =
        get(north
                .asApplication()
                .ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.MEMBER)))
            .id();
    get(north.asApplication().send(group, NewMessage.text("secret")));
    RecordingListener ada = connect(north, ADA);
    try (MessageStore dying = openStore()) {
      dying.conversations().delete(group, UserId.SYSTEM, Instant.EPOCH);

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(dying.after(group, 0, 10)).isEmpty();
                assertThat(dying.conversations().unerased(10)).isEmpty();
              });
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(kinds(ada)).containsExactly(Kind.DELETED));
  }

  // ---- messages, and what is refused

  @Test
  void theApplicationReadsAndWritesWhereItIsNoMember() {
    ChatEngine engine = node();
    ChatApplication application = engine.asApplication();
    ConversationId talk = get(application.openDirect(ADA, BOB)).id();
    NewMessage message = NewMessage.text("maintenance at noon");

    get(application.send(talk, message));
    assertThat(get(application.send(talk, message)).duplicate()).isTrue();
    get(engine.asUser(ADA).send(talk, NewMessage.text("thanks")));

    assertThat(get(application.history(talk, HistoryQuery.newest())).messages())
        .extracting(Message::from)
        .containsExactly(UserId.SYSTEM, ADA);
    assertThat(get(application.members(talk, PageQuery.first())).users())
        .containsExactlyInAnyOrder(ADA, BOB);
  }

  @Test
  void whatCanNeverBeIsRefused() {
    ChatApplication application = node().asApplication();
    ConversationId talk = get(application.openDirect(ADA, BOB)).id();
    ConversationId group = get(application.ensureGroup(KEY, NewGroup.named("g"))).id();
    ConversationId unknown = ConversationId.of(7);
    Set<UserId> tooMany =
        IntStream.range(0, 101).mapToObj(i -> UserId.of("u" + i)).collect(Collectors.toSet());

    refused(ErrorCode.BAD_REQUEST, application.ensureMember(talk, EVE));
    refused(ErrorCode.BAD_REQUEST, application.ensureNoMember(talk, ADA));
    refused(ErrorCode.BAD_REQUEST, application.rename(talk, "x"));
    refused(ErrorCode.BAD_REQUEST, application.setAttributes(talk, "x"));
    refused(ErrorCode.BAD_REQUEST, application.openDirect(ADA, ADA));
    refused(ErrorCode.BAD_REQUEST, application.openDirect(ADA, UserId.SYSTEM));
    refused(ErrorCode.BAD_REQUEST, application.ensureMember(group, UserId.SYSTEM));
    refused(ErrorCode.BAD_REQUEST, application.ensureMembers(group, Set.of()));
    refused(ErrorCode.BAD_REQUEST, application.ensureMembers(group, Set.of(ADA, BOB), Role.OWNER));
    refused(ErrorCode.BAD_REQUEST, application.rename(group, ""));
    refused(ErrorCode.BAD_REQUEST, application.setAttributes(group, "nul \0"));
    refused(ErrorCode.TOO_LARGE, application.setAttributes(group, "\u00e9".repeat(2049)));
    refused(ErrorCode.TOO_LARGE, application.ensureMembers(group, tooMany));
    refused(
        ErrorCode.TOO_LARGE,
        application.ensureGroup(GroupKey.of("x"), NewGroup.named("g").withMembers(tooMany)));
    refused(ErrorCode.CONFLICT, application.setRole(group, ADA, Role.ADMIN));
    refused(ErrorCode.NOT_FOUND, application.ensureMember(unknown, ADA));
    refused(ErrorCode.NOT_FOUND, application.rename(unknown, "x"));
    refused(ErrorCode.NOT_FOUND, application.send(unknown, NewMessage.text("x")));
    assertThat(get(application.members(group, PageQuery.first())).rev()).isZero();
    get(application.delete(unknown));
  }
}
