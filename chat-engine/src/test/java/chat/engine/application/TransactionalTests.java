package chat.engine.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Emoji;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.ForwardOf;
import chat.engine.GroupKey;
import chat.engine.GroupUpdate;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.PinAck;
import chat.engine.ReactionAck;
import chat.engine.ReactionCount;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.hook.SendHook;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoredMessage;
import chat.engine.testkit.RecordingListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the application does inside its own transactions, on two nodes of a store. */
@Timeout(120)
abstract class TransactionalTests {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId EVE = UserId.of("eve");
  private static final Emoji THUMB = Emoji.of("\ud83d\udc4d");
  private static final GroupKey KEY = GroupKey.of("order:7");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();
  private ChatEngine north;
  private ChatEngine south;

  /** Starts one more node of the cluster. */
  abstract ChatEngine start(Consumer<? super EngineBuilder> settings);

  /** Starts a node on the store of the cluster, as it sees it. */
  final ChatEngine start(MessageStore store, Consumer<? super EngineBuilder> settings) {
    EngineBuilder builder = ChatEngine.builder().store(store).router(network.join());
    settings.accept(builder);
    return builder.build();
  }

  /** What the store still has of a conversation that may be deleted. */
  abstract List<StoredMessage> kept(ConversationId conversation);

  /** Whether a rollback of the connection is one of the store too. */
  boolean rollsBack() {
    return true;
  }

  /** A connection of the application, with auto-commit off. */
  abstract Connection connection() throws SQLException;

  @BeforeEach
  final void startNodes() {
    north = node();
    south = node();
  }

  @AfterEach
  final void closeEngines() {
    engines.forEach(ChatEngine::close);
    closed();
  }

  /** The engines are closed. */
  void closed() {}

  private ChatEngine node() {
    ChatEngine engine =
        start(
            settings ->
                settings
                    .maxGroupMembers(3)
                    .maxTextBytes(1_000)
                    .sendHook(
                        SendHook.blocking(
                            (sender, conversation, message) -> {
                              if (message.text().equals("rude")) {
                                throw ChatException.forbidden("not in " + conversation.name());
                              }
                              return message;
                            })));
    engines.add(engine);
    return engine;
  }

  private static RecordingListener connect(ChatEngine engine, UserId user) {
    RecordingListener witness = new RecordingListener();
    engine.connect(user, DeviceId.of("device"), witness).join();
    return witness;
  }

  private static List<Kind> kinds(RecordingListener witness) {
    return witness.events(ConversationChanged.class).stream()
        .map(ConversationChanged::change)
        .filter(change -> change != null)
        .map(ConversationChange::kind)
        .toList();
  }

  private static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  private static Map<UserId, Role> roles(ChatApplication application, ConversationId group) {
    return application.members(group, PageQuery.first()).join().members().stream()
        .collect(Collectors.toMap(Member::user, Member::role));
  }

  private List<String> texts(ConversationId conversation) {
    return south
        .asApplication()
        .history(conversation, HistoryQuery.newest())
        .join()
        .messages()
        .stream()
        .map(Message::text)
        .toList();
  }

  @Test
  void everythingThatWasDoneIsStoredWithTheCommitAndShownByPublish() throws SQLException {
    RecordingListener ada = connect(north, ADA);
    RecordingListener bob = connect(south, BOB);
    ConversationId group;
    ConversationId direct;
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      group = chat.ensureGroup(KEY, NewGroup.named("order").withMember(ADA, Role.OWNER)).id();
      chat.ensureMember(group, BOB);
      chat.ensureMembers(group, Set.of(ADA, BOB));
      chat.rename(group, "order 7");
      chat.setAttributes(group, "paid");
      chat.setRole(group, BOB, Role.ADMIN);
      SendAck first = chat.send(group, NewMessage.text("shipped"));
      SendAck second = chat.send(BOB, group, NewMessage.text("thanks"));
      direct = chat.openDirect(ADA, BOB).id();
      chat.send(ADA, direct, NewMessage.text("hi"));

      assertThat(List.of(first.seq(), second.seq())).containsExactly(1L, 2L);
      assertThat(south.asApplication().find(KEY).join()).isEmpty();
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();
    assertThat(chat.publish().join()).isTrue();

    assertThat(south.asApplication().find(KEY).join().orElseThrow())
        .extracting(Conversation::id, Conversation::name, Conversation::attributes)
        .containsExactly(group, "order 7", "paid");
    assertThat(roles(south.asApplication(), group))
        .isEqualTo(Map.of(ADA, Role.OWNER, BOB, Role.ADMIN));
    assertThat(texts(group)).containsExactly("shipped", "thanks");
    for (RecordingListener member : List.of(ada, bob)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(member.texts(group)).containsExactly("shipped", "thanks");
                assertThat(member.texts(direct)).containsExactly("hi");
              });
    }
    assertThat(kinds(ada))
        .containsExactly(Kind.ADDED, Kind.RENAMED, Kind.ATTRIBUTES_SET, Kind.ROLE_SET);
  }

  @Test
  void groupsAreUpdatedAndUsersBannedAndSilencedWithTheCommit() throws SQLException {
    ConversationId group =
        north
            .asApplication()
            .ensureGroup(
                KEY,
                NewGroup.named("order 7")
                    .withMember(ADA, Role.OWNER)
                    .withMembers(Set.of(BOB, UserId.of("eve"))))
            .join()
            .id();
    Instant later = Instant.parse("2999-01-01T00:00:00Z");
    RecordingListener ada = connect(south, ADA);
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      chat.update(group, GroupUpdate.of().withDescription("what was ordered"));
      chat.update(ADA, group, GroupUpdate.of().withSlowMode(Duration.ofSeconds(5)));
      chat.update(ADA, group, GroupUpdate.of().withSlowMode(Duration.ofSeconds(5)));
      refused(
          ErrorCode.FORBIDDEN,
          () -> chat.update(BOB, group, GroupUpdate.of().withDescription("mine")));
      chat.ban(group, BOB, later);
      refused(ErrorCode.FORBIDDEN, () -> chat.ensureMember(group, BOB));
      refused(ErrorCode.NOT_FOUND, () -> chat.send(BOB, group, NewMessage.text("x")));
      chat.silence(group, UserId.of("eve"), later);
      refused(ErrorCode.FORBIDDEN, () -> chat.send(UserId.of("eve"), group, NewMessage.text("x")));
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(kinds(ada))
                    .containsExactly(
                        Kind.UPDATED, Kind.UPDATED, Kind.REMOVED, Kind.BANNED, Kind.SILENCED));
    Conversation now = south.asApplication().conversation(group).join();
    assertThat(now.description()).isEqualTo("what was ordered");
    assertThat(now.slowMode()).hasSeconds(5);
    try (Connection connection = connection()) {
      TransactionalChat undo = south.transactional(connection);
      undo.unban(group, BOB);
      undo.ensureMember(group, BOB);
      undo.silence(group, UserId.of("eve"), null);
      undo.send(UserId.of("eve"), group, NewMessage.text("back"));
      connection.commit();
      undo.publish().join();
    }
    assertThat(roles(south.asApplication(), group)).containsKey(BOB);
    assertThat(texts(group)).containsExactly("back");
  }

  @Test
  void messagesAreEditedAndDeletedWithTheCommit() throws SQLException {
    RecordingListener bob = connect(south, BOB);
    ConversationId talk = north.asApplication().openDirect(ADA, BOB).join().id();
    for (String text : List.of("one", "two", "three")) {
      north.asUser(ADA).send(talk, NewMessage.text(text)).join();
    }
    await().atMost(PATIENCE).until(() -> bob.texts(talk).size() == 3);
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      assertThat(chat.editMessage(ADA, talk, 1, MessageEdit.text("uno")).rev()).isOne();
      assertThat(chat.editMessage(UserId.SYSTEM, talk, 1, MessageEdit.text("1")).rev())
          .isEqualTo(2);
      assertThat(chat.deleteMessage(ADA, talk, 2).rev()).isEqualTo(3);
      assertThat(chat.deleteMessage(ADA, talk, 2).rev()).isEqualTo(3);
      TransactionalChat inside = chat;
      MessageEdit edit = MessageEdit.text("x");
      refused(ErrorCode.FORBIDDEN, () -> inside.editMessage(BOB, talk, 1, edit));
      refused(ErrorCode.FORBIDDEN, () -> inside.deleteMessage(BOB, talk, 1));
      refused(ErrorCode.NOT_FOUND, () -> inside.editMessage(EVE, talk, 1, edit));
      refused(ErrorCode.NOT_FOUND, () -> inside.deleteMessage(ADA, talk, 4));
      refused(ErrorCode.CONFLICT, () -> inside.editMessage(ADA, talk, 2, edit));
      refused(
          ErrorCode.FORBIDDEN, () -> inside.editMessage(ADA, talk, 1, MessageEdit.text("rude")));
      assertThat(texts(talk)).containsExactly("one", "two", "three");
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();
    assertThat(texts(talk)).containsExactly("1", "", "three");
    await().atMost(PATIENCE).until(() -> bob.events(MessageChanged.class).size() == 3);

    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      chat.editMessage(ADA, talk, 3, MessageEdit.text("tre"));
      connection.commit();
    }
    forget(chat);
    await().atMost(PATIENCE).until(() -> bob.events(MessageChanged.class).size() == 4);
    assertThat(texts(talk)).containsExactly("1", "", "tre");
  }

  @Test
  void usersReactAndPinWithTheCommit() throws SQLException {
    RecordingListener bob = connect(south, BOB);
    ConversationId talk = north.asApplication().openDirect(ADA, BOB).join().id();
    for (String text : List.of("one", "two", "three")) {
      north.asUser(ADA).send(talk, NewMessage.text(text)).join();
    }
    north.asUser(ADA).deleteMessage(talk, 3).join(); // rev 1
    long published = envelopes(north);
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      for (int i = 0; i < 2; i++) {
        assertThat(chat.react(ADA, talk, 1, THUMB, true)).isEqualTo(reacted(talk, 2, 1));
      }
      assertThat(chat.react(BOB, talk, 1, THUMB, true)).isEqualTo(reacted(talk, 3, 2));
      assertThat(chat.react(BOB, talk, 1, THUMB, false)).isEqualTo(reacted(talk, 4, 1));
      for (int i = 0; i < 2; i++) {
        assertThat(chat.pin(ADA, talk, 2)).isEqualTo(new PinAck(talk, 2, 5));
      }
      assertThat(chat.pin(talk, 1)).isEqualTo(new PinAck(talk, 1, 6));
      assertThat(chat.unpin(BOB, talk, 1)).isEqualTo(new PinAck(talk, 1, 7));
      assertThat(chat.unpin(talk, 1)).isEqualTo(new PinAck(talk, 1, 0));
      assertThat(pinned(talk)).isEmpty();
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(envelopes(north))
                    .as("each change goes to the other node at once")
                    .isGreaterThanOrEqualTo(published + 6));
    assertThat(pinned(talk)).containsExactly(2L);
    Message first =
        south.asUser(BOB).history(talk, HistoryQuery.around(1).limit(1)).join().messages().get(0);
    assertThat(first.reactions()).containsExactly(new ReactionCount(THUMB, 1, false));
    await().atMost(PATIENCE).until(() -> kinds(bob).size() == 3);
    assertThat(kinds(bob)).containsExactly(Kind.PINNED, Kind.PINNED, Kind.UNPINNED);
    assertThat(bob.events(ReactionChanged.class))
        .extracting(event -> event.change().rev())
        .as("what was taken back in the same transaction is not shown")
        .containsExactly(2L, 4L);

    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      chat.react(ADA, talk, 1, THUMB, false);
      chat.unpin(ADA, talk, 2);
      connection.commit();
    }
    forget(chat);
    await().atMost(PATIENCE).until(() -> kinds(bob).size() == 4);
    assertThat(bob.events(ReactionChanged.class)).hasSize(3);
  }

  private static long envelopes(ChatEngine from) {
    return Objects.requireNonNull(from.counters().get("envelopes_published"));
  }

  private static ReactionAck reacted(ConversationId conversation, long rev, long count) {
    return new ReactionAck(conversation, 1, rev, count);
  }

  private List<Long> pinned(ConversationId conversation) {
    return south.asApplication().pins(conversation, PageQuery.first()).join().items().stream()
        .map(pin -> pin.message().seq())
        .toList();
  }

  @Test
  void reactionsAndPinsAreRefusedAsOutsideOfATransaction() throws SQLException {
    ConversationId group =
        north
            .asApplication()
            .ensureGroup(
                KEY, NewGroup.named("g").withMember(ADA, Role.OWNER).withMember(BOB, Role.MEMBER))
            .join()
            .id();
    north.asUser(ADA).send(group, NewMessage.text("one")).join();
    north.asUser(ADA).send(group, NewMessage.text("two")).join();
    north.asUser(ADA).deleteMessage(group, 2).join();
    Instant later = Instant.parse("2999-01-01T00:00:00Z");
    try (Connection connection = connection()) {
      TransactionalChat chat = north.transactional(connection);
      refused(ErrorCode.BAD_REQUEST, () -> chat.react(UserId.SYSTEM, group, 1, THUMB, true));
      refused(ErrorCode.NOT_FOUND, () -> chat.react(EVE, group, 1, THUMB, true));
      refused(ErrorCode.NOT_FOUND, () -> chat.react(BOB, group, 3, THUMB, true));
      refused(ErrorCode.CONFLICT, () -> chat.react(BOB, group, 2, THUMB, true));
      refused(ErrorCode.FORBIDDEN, () -> chat.pin(BOB, group, 1));
      refused(ErrorCode.FORBIDDEN, () -> chat.unpin(BOB, group, 1));
      refused(ErrorCode.NOT_FOUND, () -> chat.pin(EVE, group, 1));
      refused(ErrorCode.NOT_FOUND, () -> chat.pin(ADA, group, 3));
      refused(ErrorCode.NOT_FOUND, () -> chat.pin(ConversationId.of(5), 1));
      refused(ErrorCode.CONFLICT, () -> chat.pin(group, 2));
      chat.silence(group, BOB, later);
      refused(ErrorCode.FORBIDDEN, () -> chat.react(BOB, group, 1, THUMB, true));
      chat.pin(ADA, group, 1);
      connection.commit();
      assertThat(chat.publish().join()).isTrue();
    }
    assertThat(pinned(group)).containsExactly(1L);
  }

  @Test
  void messagesAreForwardedWithTheCommit() throws SQLException {
    ConversationId origin = north.asApplication().openDirect(ADA, BOB).join().id();
    ConversationId group =
        north
            .asApplication()
            .ensureGroup(KEY, NewGroup.named("g").withMembers(Set.of(ADA, BOB, EVE)))
            .join()
            .id();
    north.asUser(BOB).send(origin, NewMessage.text("old").withAttributes("{}")).join();
    RecordingListener bob = connect(south, BOB);
    RecordingListener eve = connect(south, EVE);
    NewMessage forward = NewMessage.forward(origin, 1);
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      SendAck sent = chat.send(ADA, group, forward);
      assertThat(sent.duplicate()).isFalse();
      SendAck again = chat.send(ADA, group, forward);
      assertThat(again.messageId()).isEqualTo(sent.messageId());
      assertThat(again.duplicate()).isTrue();
      chat.send(BOB, origin, NewMessage.text("new"));
      chat.send(ADA, group, NewMessage.forward(origin, 2)); // sent by this transaction
      chat.send(group, NewMessage.forward(origin, 1)); // the application reads everything
      chat.send(origin, NewMessage.text("rude"));
      TransactionalChat inside = chat;
      refused(ErrorCode.FORBIDDEN, () -> inside.send(ADA, group, NewMessage.forward(origin, 3)));
      refused(ErrorCode.NOT_FOUND, () -> inside.send(EVE, group, NewMessage.forward(origin, 1)));
      refused(ErrorCode.NOT_FOUND, () -> inside.send(ADA, group, NewMessage.forward(origin, 4)));
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();
    assertThat(texts(group)).containsExactly("old", "new", "old");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(bob.texts(group)).containsExactly("old", "new", "old");
              assertThat(eve.texts(group)).containsExactly("old", "new", "old");
            });
    Message shown = eve.messages(group).get(0);
    assertThat(shown.attributes()).isEqualTo("{}");
    assertThat(shown.forwardOf()).as("eve cannot read it").isEqualTo(ForwardOf.ELSEWHERE);
    Message read =
        south.asUser(BOB).history(group, HistoryQuery.around(1).limit(1)).join().messages().get(0);
    assertThat(read.forwardOf()).isEqualTo(ForwardOf.of(origin, 1));

    north.asUser(BOB).deleteMessage(origin, 1).join();
    try (Connection connection = connection()) {
      TransactionalChat late = north.transactional(connection);
      assertThat(late.send(ADA, group, forward).duplicate())
          .as("a retry is answered although the original is gone")
          .isTrue();
      refused(ErrorCode.NOT_FOUND, () -> late.send(ADA, group, NewMessage.forward(origin, 1)));
      connection.rollback();
    }
  }

  @Test
  void whatIsNotPublishedIsFoundByAllNodes() throws SQLException {
    ConversationId old =
        north
            .asApplication()
            .ensureGroup(GroupKey.of("old"), NewGroup.named("old").withMembers(Set.of(ADA, EVE)))
            .join()
            .id();
    RecordingListener ada = connect(north, ADA);
    RecordingListener bob = connect(south, BOB);
    RecordingListener eve = connect(south, EVE);
    ConversationId group;
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = north.transactional(connection);
      group = chat.ensureGroup(KEY, NewGroup.named("new").withMembers(Set.of(ADA, BOB))).id();
      chat.ensureNoMember(old, EVE);
      chat.ensureMember(old, BOB);
      chat.send(old, NewMessage.text("without eve"));
      connection.commit();
    }
    forget(chat);

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(bob.texts(old)).containsExactly("without eve");
              assertThat(ada.texts(old)).containsExactly("without eve");
              assertThat(kinds(eve)).containsExactly(Kind.REMOVED);
              assertThat(kinds(ada)).containsExactly(Kind.REMOVED, Kind.ADDED);
              assertThat(bob.events(ConversationChanged.class))
                  .extracting(event -> event.conversation().id())
                  .contains(group);
            });
    assertThat(eve.texts(old)).isEmpty();
  }

  /** The node dies between the commit and the publication. */
  void forget(TransactionalChat chat) {}

  @Test
  void aTransactionThatIsRolledBackDoesNothing() throws SQLException {
    ConversationId group =
        north
            .asApplication()
            .ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.MEMBER))
            .join()
            .id();
    RecordingListener ada = connect(south, ADA);
    GroupKey other = GroupKey.of("other");
    try (Connection connection = connection()) {
      TransactionalChat chat = north.transactional(connection);
      ConversationId made = chat.ensureGroup(other, NewGroup.named("never")).id();
      chat.send(made, NewMessage.text("never"));
      chat.send(group, NewMessage.text("never"));
      chat.ensureNoMember(group, ADA);
      chat.rename(group, "never");
      connection.rollback();
    }

    assertThat(south.asApplication().find(other).join()).isEmpty();
    SendAck next = north.asUser(ADA).send(group, NewMessage.text("first")).join();
    assertThat(next.seq()).isEqualTo(1);
    assertThat(south.asApplication().conversation(group).join().name()).isEqualTo("g");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(ada.texts(group)).hasSize(1));
    assertThat(kinds(ada)).isEmpty();
  }

  @Test
  void aDeletionIsPartOfTheTransactionToo() throws SQLException {
    ConversationId group =
        north
            .asApplication()
            .ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.MEMBER))
            .join()
            .id();
    north.asUser(ADA).send(group, NewMessage.text("secret")).join();
    RecordingListener ada = connect(south, ADA);
    Conversation next;
    try (Connection connection = connection()) {
      TransactionalChat chat = north.transactional(connection);
      chat.delete(group);
      chat.delete(group);
      refused(ErrorCode.NOT_FOUND, () -> chat.send(group, NewMessage.text("late")));
      next = chat.ensureGroup(KEY, NewGroup.named("next"));
      connection.commit();
      assertThat(chat.publish().join()).isTrue();
    }

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(kinds(ada)).containsExactly(Kind.DELETED));
    assertThat(south.asApplication().find(KEY).join()).contains(next);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(kept(group)).isEmpty());
  }

  @Test
  void limitsRulesAndTheHookHold() throws SQLException {
    ConversationId talk = north.asUser(ADA).openDirect(BOB).join().id();
    NewMessage once = NewMessage.text("once");
    try (Connection connection = connection()) {
      TransactionalChat chat = north.transactional(connection);
      ConversationId group =
          chat.ensureGroup(KEY, NewGroup.named("group").withMember(ADA, Role.MEMBER)).id();
      refused(ErrorCode.TOO_LARGE, () -> chat.send(group, NewMessage.text("x".repeat(1_001))));
      refused(ErrorCode.FORBIDDEN, () -> chat.send(ADA, group, NewMessage.text("rude")));
      refused(ErrorCode.NOT_FOUND, () -> chat.send(EVE, group, NewMessage.text("no member")));
      refused(ErrorCode.NOT_FOUND, () -> chat.send(ConversationId.of(5), NewMessage.text("x")));
      refused(ErrorCode.TOO_LARGE, () -> chat.ensureMembers(group, users(3)));
      refused(
          ErrorCode.TOO_LARGE,
          () -> chat.ensureGroup(GroupKey.of("x"), NewGroup.named("x").withMembers(users(4))));
      refused(ErrorCode.CONFLICT, () -> chat.setRole(group, EVE, Role.ADMIN));
      refused(ErrorCode.BAD_REQUEST, () -> chat.rename(talk, "direct"));
      refused(ErrorCode.BAD_REQUEST, () -> chat.openDirect(ADA, ADA));
      refused(ErrorCode.NOT_FOUND, () -> chat.rename(ConversationId.of(5), "x"));
      chat.send(group, NewMessage.text("rude")); // the application is not asked
      assertThat(chat.send(ADA, group, once).duplicate()).isFalse();
      assertThat(chat.send(ADA, group, once).duplicate()).isTrue();
      refused(ErrorCode.CONFLICT, () -> chat.send(ADA, group, once.withText("another")));
      connection.commit();
      assertThat(chat.publish().join()).isTrue();
      assertThat(texts(group)).containsExactly("rude", "once");
    }
  }

  @Test
  void ofEachKindOfChangeItIsSaidWhetherItIsStored() throws SQLException {
    ConversationId group =
        north
            .asApplication()
            .ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.MEMBER))
            .join()
            .id();
    NewMessage hello = NewMessage.text(ClientMessageId.of("hello"), "hello");
    long seq = north.asUser(ADA).send(group, hello).join().seq();
    Map<String, Consumer<TransactionalChat>> changes = new LinkedHashMap<>();
    changes.put("a message", chat -> chat.send(group, NewMessage.text("more")));
    changes.put("an edit", chat -> chat.editMessage(ADA, group, seq, MessageEdit.text("hi")));
    changes.put("a reaction", chat -> chat.react(ADA, group, seq, THUMB, true));
    changes.put("a member", chat -> chat.ensureMember(group, BOB));
    changes.put("a group", chat -> chat.ensureGroup(GroupKey.of("new"), NewGroup.named("new")));
    for (Map.Entry<String, Consumer<TransactionalChat>> change : changes.entrySet()) {
      try (Connection connection = connection()) {
        TransactionalChat undone = north.transactional(connection);
        change.getValue().accept(undone);
        connection.rollback();
        if (rollsBack()) {
          assertThat(undone.publish().join()).as(change.getKey() + ", rolled back").isFalse();
        }

        TransactionalChat both = north.transactional(connection);
        both.send(ADA, group, hello); // is there already
        change.getValue().accept(both);
        connection.commit();
        assertThat(both.publish().join()).as(change.getKey()).isTrue();
      }
    }
  }

  @Test
  void aUserRenamesInATransactionAsOutsideOfOne() throws SQLException {
    ConversationId group =
        north
            .asApplication()
            .ensureGroup(
                KEY, NewGroup.named("g").withMember(ADA, Role.OWNER).withMember(BOB, Role.MEMBER))
            .join()
            .id();
    RecordingListener ada = connect(south, ADA);
    try (Connection connection = connection()) {
      TransactionalChat chat = north.transactional(connection);
      refused(ErrorCode.NOT_FOUND, () -> chat.rename(EVE, group, "x"));
      refused(ErrorCode.FORBIDDEN, () -> chat.rename(BOB, group, "x"));
      refused(ErrorCode.BAD_REQUEST, () -> chat.rename(ADA, group, " "));
      chat.rename(ADA, group, "hikers");
      connection.commit();
      assertThat(chat.publish().join()).isTrue();
    }
    ConversationChanged changed = ada.awaitNext(ConversationChanged.class);
    assertThat(changed.conversation().name()).isEqualTo("hikers");
    assertThat(changed.change()).isNotNull();
    assertThat(changed.change().actor()).isEqualTo(ADA);
    assertThat(south.asApplication().conversation(group).join().name()).isEqualTo("hikers");
  }

  private static Set<UserId> users(int count) {
    Set<UserId> users = new HashSet<>();
    for (int i = 0; i < count; i++) {
      users.add(UserId.of("u" + i));
    }
    return users;
  }

  @Test
  void aConnectionThatCommitsByItselfIsRefused() throws SQLException {
    try (Connection connection = connection()) {
      TransactionalChat chat = north.transactional(connection);
      connection.setAutoCommit(true);
      assertThatThrownBy(() -> north.transactional(connection))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("auto-commit");
      assertThatThrownBy(() -> chat.ensureGroup(KEY, NewGroup.named("g")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("auto-commit");
    }
    assertThat(north.asApplication().find(KEY).join()).isEmpty();
  }

  @Test
  void anEngineThatIsClosedTakesPartInNothing() throws SQLException {
    south.close();
    try (Connection connection = connection()) {
      refused(ErrorCode.UNAVAILABLE, () -> south.transactional(connection));
    }
  }
}
