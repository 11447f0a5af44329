package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
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
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.hook.SendHook;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

@Timeout(60)
final class TransactionalChatTest {
  private static final UserId SHOP = UserId.of("shop");
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final PostgresMessageStore store =
      PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password());
  private final SonyflakeIdGenerator ids = SonyflakeIdGenerator.create(store.machineIdLeases());
  private final ChatEngine engine =
      ChatEngine.builder().store(store).ids(ids).sendTimeout(Duration.ofSeconds(1)).build();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private ConversationId talk;

  @BeforeEach
  void connectAda() throws SQLException {
    talk = engine.asUser(SHOP).openDirect(ADA).join().id();
    engine
        .connect(
            ADA,
            DeviceId.of("d"),
            new ChatListener() {
              @Override
              public void onMessage(ChatSession session, Message message) {
                heard.add(message.text());
              }
            })
        .join();
    try (Connection connection = connection()) {
      connection.createStatement().execute("CREATE TABLE orders (id int)");
      connection.commit();
    }
  }

  @AfterEach
  void close() {
    engine.close();
    database.close();
  }

  private Connection connection() throws SQLException {
    Connection connection = database.dataSource().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private List<String> stored() {
    return engine.asUser(SHOP).history(talk, HistoryQuery.newest()).join().messages().stream()
        .map(Message::text)
        .toList();
  }

  @Test
  void whatIsCommittedOneAfterTheOtherIsShownInThatOrder() throws SQLException {
    Set<ConversationId> added = ConcurrentHashMap.newKeySet();
    engine
        .connect(
            BOB,
            DeviceId.of("d"),
            new ChatListener() {
              @Override
              public void onConversation(ChatSession session, ConversationChanged changed) {
                ConversationChange change = changed.change();
                if (change != null && change.subjects().contains(BOB)) {
                  added.add(change.conversation());
                }
              }
            })
        .join();
    Set<ConversationId> groups = new HashSet<>();
    for (int round = 0; round < 100; round++) {
      try (Connection connection = connection()) {
        TransactionalChat chat = engine.transactional(connection);
        Conversation group =
            chat.ensureGroup(GroupKey.of("group" + round), NewGroup.named("group"));
        groups.add(group.id());
        connection.commit();
        chat.publish();
        for (UserId member : List.of(BOB, ADA)) {
          TransactionalChat next = engine.transactional(connection);
          next.ensureMember(group.id(), member, Role.MEMBER);
          connection.commit();
          next.publish();
        }
      }
    }
    await().untilAsserted(() -> assertThat(added).containsExactlyInAnyOrderElementsOf(groups));
  }

  @Test
  void theMessageIsStoredWithTheApplicationsRowsAndPublishedAfterTheCommit() throws SQLException {
    TransactionalChat chat;
    try (Connection connection = connection()) {
      connection.createStatement().execute("INSERT INTO orders VALUES (1)");
      chat = engine.transactional(connection);
      chat.send(SHOP, talk, NewMessage.text("ordered"));
      assertThat(stored()).isEmpty();
      assertThat(chat.publish().join()).isFalse();
      connection.commit();
    }
    assertThat(chat.publish().join()).isTrue();
    await().untilAsserted(() -> assertThat(heard).containsExactly("ordered"));
    await().untilAsserted(() -> assertThat(store.unpublished(Duration.ZERO, 10)).isEmpty());
  }

  @Test
  void aRollbackStoresNothingAndLeavesNoGap() throws SQLException {
    try (Connection connection = connection()) {
      engine.transactional(connection).send(SHOP, talk, NewMessage.text("never"));
      connection.rollback();
    }
    SendAck ack = engine.asUser(SHOP).send(talk, NewMessage.text("first")).join();
    assertThat(ack.seq()).isEqualTo(1);
    assertThat(stored()).containsExactly("first");
  }

  @Test
  void aForgottenPublicationIsMadeByTheEngine() throws SQLException {
    try (Connection connection = connection()) {
      engine.transactional(connection).send(SHOP, talk, NewMessage.text("forgotten"));
      connection.commit();
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(heard).containsExactly("forgotten"));
    await().untilAsserted(() -> assertThat(store.unpublished(Duration.ZERO, 10)).isEmpty());
  }

  @Test
  void aTransactionThatHangsHoldsUpItsOwnConversationOnly() throws SQLException {
    ConversationId other = engine.asUser(SHOP).openDirect(BOB).join().id();
    try (Connection hanging = connection()) {
      engine.transactional(hanging).send(SHOP, talk, NewMessage.text("hanging"));
      CompletableFuture<SendAck> refused =
          engine.asUser(ADA).send(talk, NewMessage.text("waits in vain"));
      for (int i = 0; i < 50; i++) {
        engine.asUser(SHOP).send(other, NewMessage.text("goes on")).join();
      }
      assertThatThrownBy(refused::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              ChatException.class, fault -> assertThat(fault.code()).isEqualTo(ErrorCode.BUSY));
      CompletableFuture<SendAck> patient = engine.asUser(ADA).send(talk, NewMessage.text("waits"));
      hanging.commit();
      assertThat(patient.join().seq()).isEqualTo(2);
    }
  }

  private static void set(Connection connection, String scope) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET " + scope + " lock_timeout = '750ms'; SET " + scope + " enable_seqscan = off");
    }
  }

  /** An engine of the same cluster with a hook. */
  private void withHook(SendHook.Blocking hook, HookTest test) throws SQLException {
    PostgresMessageStore own =
        PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 4);
    SonyflakeIdGenerator ownIds = SonyflakeIdGenerator.create(own.machineIdLeases());
    try (ChatEngine hooked =
            ChatEngine.builder().store(own).ids(ownIds).sendHook(SendHook.blocking(hook)).build();
        Connection connection = connection()) {
      test.run(hooked, connection);
    }
  }

  private interface HookTest {
    void run(ChatEngine hooked, Connection connection) throws SQLException;
  }

  private static ThrowingConsumer<Throwable> refusedWith(ErrorCode code) {
    return fault ->
        assertThat(fault)
            .isInstanceOfSatisfying(
                ChatException.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
  }

  @Test
  void aTextBeyondTheEnginesLimitIsRefused() throws SQLException {
    try (Connection connection = connection()) {
      assertThatThrownBy(
              () ->
                  engine
                      .transactional(connection)
                      .send(SHOP, talk, NewMessage.text("x".repeat(5_000_000))))
          .satisfies(refusedWith(ErrorCode.TOO_LARGE));
      assertThatThrownBy(
              () ->
                  engine
                      .transactional(connection)
                      .send(UserId.SYSTEM, talk, NewMessage.text("x".repeat(16 * 1024 + 1))))
          .satisfies(refusedWith(ErrorCode.TOO_LARGE));
      connection.commit();
    }
    assertThat(stored()).isEmpty();
  }

  @Test
  void whatTheSendHookRefusesIsNotStored() throws SQLException {
    withHook(
        (sender, conversation, message) -> {
          throw ChatException.forbidden("not in this shop");
        },
        (hooked, connection) -> {
          assertThatThrownBy(
                  () ->
                      hooked.transactional(connection).send(SHOP, talk, NewMessage.text("refused")))
              .satisfies(refusedWith(ErrorCode.FORBIDDEN));
          hooked
              .transactional(connection)
              .send(UserId.SYSTEM, talk, NewMessage.text("the system is not asked"));
          connection.commit();
        });
    assertThat(stored()).containsExactly("the system is not asked");
  }

  @Test
  void whatTheSendHookMakesOfTheTextIsStoredAndARetryIsStillRecognised() throws SQLException {
    NewMessage message = NewMessage.text("rude");
    withHook(
        (sender, conversation, given) ->
            new NewMessage(given.clientMessageId(), "polite", null, List.of(), null),
        (hooked, connection) -> {
          hooked.transactional(connection).send(SHOP, talk, message);
          connection.commit();
          assertThat(hooked.transactional(connection).send(SHOP, talk, message).duplicate())
              .isTrue();
          connection.commit();
        });
    assertThat(stored()).containsExactly("polite");
  }

  // ---- transactions that wait, fail or die

  private static final GroupKey KEY = GroupKey.of("order:7");

  @Test
  void aKeyThatATransactionCreatesIsWaitedForByAllOthers() throws SQLException {
    CompletableFuture<Conversation> waiting;
    Conversation made;
    try (Connection connection = connection()) {
      made = engine.transactional(connection).ensureGroup(KEY, NewGroup.named("in mine"));
      waiting = engine.asApplication().ensureGroup(KEY, NewGroup.named("in no transaction"));
      await().until(this::somebodyWaitsForALock);
      connection.commit();
    }
    assertThat(waiting.join()).isEqualTo(made);
    assertThat(waiting.join().name()).isEqualTo("in mine");

    GroupKey other = GroupKey.of("order:8");
    try (Connection connection = connection()) {
      engine.transactional(connection).ensureGroup(other, NewGroup.named("never"));
      waiting = engine.asApplication().ensureGroup(other, NewGroup.named("then this one"));
      await().until(this::somebodyWaitsForALock);
      connection.rollback();
    }
    assertThat(waiting.join().name()).isEqualTo("then this one");
  }

  private boolean somebodyWaitsForALock() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND wait_event_type = 'Lock'")) {
      row.next();
      return row.getLong(1) > 0;
    }
  }

  @Test
  void whatATransactionOfAnotherHoldsIsRefusedAsBusyAndTheTransactionIsAborted()
      throws SQLException {
    try (ChatEngine patient = engineWithIdleLimit(Duration.ofMinutes(2));
        Connection holding = connection();
        Connection refused = connection()) {
      patient.transactional(holding).send(SHOP, talk, NewMessage.text("held"));
      TransactionalChat chat = engine.transactional(refused);
      assertThatThrownBy(() -> chat.send(SHOP, talk, NewMessage.text("refused")))
          .satisfies(refusedWith(ErrorCode.BUSY));
      assertThatThrownBy(() -> chat.send(SHOP, talk, NewMessage.text("too late")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("roll it back");
      refused.rollback();
      holding.commit();
      engine.transactional(refused).send(SHOP, talk, NewMessage.text("anew"));
      refused.commit();
    }
    assertThat(stored()).containsExactly("held", "anew");
  }

  @Test
  void aTransactionWhoseConnectionDiesLeavesNothing() throws SQLException {
    ConversationId group =
        engine
            .asApplication()
            .ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.MEMBER))
            .join()
            .id();
    TransactionalChat chat;
    try (Connection dying = connection()) {
      chat = engine.transactional(dying);
      chat.ensureNoMember(group, ADA);
      chat.ensureMember(group, BOB);
      chat.send(group, NewMessage.text("never"));
      terminate(dying);
      assertThatThrownBy(() -> chat.send(group, NewMessage.text("never")))
          .satisfies(refusedWith(ErrorCode.UNAVAILABLE));
    }
    assertThat(chat.publish().join()).isFalse();
    assertThat(engine.asApplication().members(group, PageQuery.first()).join().users())
        .containsExactly(ADA);
    assertThat(engine.asUser(ADA).send(group, NewMessage.text("goes on")).join().seq())
        .isEqualTo(1);
  }

  private void terminate(Connection connection) throws SQLException {
    int process = connection.unwrap(PGConnection.class).getBackendPID();
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      statement.execute("SELECT pg_terminate_backend(" + process + ", 10000)");
    }
  }

  @Test
  void aChangeThatWasRolledBackIsShownToNobodyEvenIfItIsPublished() throws SQLException {
    ConversationId group =
        engine
            .asApplication()
            .ensureGroup(KEY, NewGroup.named("g").withMember(ADA, Role.MEMBER))
            .join()
            .id();
    TransactionalChat chat;
    try (Connection connection = connection()) {
      chat = engine.transactional(connection);
      chat.ensureNoMember(group, ADA);
      assertThat(chat.publish().join()).as("before the end").isFalse();
      connection.rollback();
    }
    assertThat(chat.publish().join()).as("after the rollback").isFalse();
    engine.asApplication().send(group, NewMessage.text("to ada too")).join();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(heard).containsExactly("to ada too"));
  }

  @Test
  void aTransactionThatGoesSilentFreesTheGroupThatItChanged() throws SQLException {
    ConversationId group = engine.asApplication().ensureGroup(KEY, NewGroup.named("g")).join().id();
    try (ChatEngine impatient = engineWithIdleLimit(Duration.ofMillis(300));
        Connection silent = connection()) {
      impatient.transactional(silent).ensureMember(group, ADA);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  engine
                      .asApplication()
                      .ensureMember(group, BOB)
                      .handle((done, fault) -> fault == null)
                      .join());
      assertThatThrownBy(silent::commit).isInstanceOf(SQLException.class);
    }
    assertThat(engine.asApplication().members(group, PageQuery.first()).join().users())
        .containsExactly(BOB);
  }

  // ---- transactions that stand idle

  private static String idleLimit(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('idle_in_transaction_session_timeout')")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void aSendLimitsForHowLongItsTransactionMayStandIdle() throws SQLException {
    try (Connection connection = connection()) {
      engine.transactional(connection).send(SHOP, talk, NewMessage.text("no limit before"));
      assertThat(idleLimit(connection)).isEqualTo("5s");
      connection.commit();
      assertThat(idleLimit(connection)).isEqualTo("0");
      for (String[] limit :
          new String[][] {{"0", "5s"}, {"1min", "5s"}, {"5001ms", "5s"}, {"750ms", "750ms"}}) {
        connection
            .createStatement()
            .execute("SET LOCAL idle_in_transaction_session_timeout = '" + limit[0] + "'");
        engine.transactional(connection).send(SHOP, talk, NewMessage.text("limited"));
        assertThat(idleLimit(connection)).as("after " + limit[0]).isEqualTo(limit[1]);
        connection.commit();
      }
    }
    assertThatThrownBy(() -> ChatEngine.builder().transactionIdleLimit(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private ChatEngine engineWithIdleLimit(Duration limit) {
    return ChatEngine.builder()
        .store(
            PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password(), 4))
        .transactionIdleLimit(limit)
        .build();
  }

  @Test
  void theIdleLimitCanBeSet() throws SQLException {
    try (ChatEngine patient = engineWithIdleLimit(Duration.ofMinutes(2));
        Connection connection = connection()) {
      patient.transactional(connection).send(SHOP, talk, NewMessage.text("patient"));
      assertThat(idleLimit(connection)).isEqualTo("2min");
      connection.rollback();
    }
  }

  @Test
  void aTransactionThatGoesSilentFreesTheConversation() throws SQLException {
    try (ChatEngine impatient = engineWithIdleLimit(Duration.ofMillis(300));
        Connection silent = connection()) {
      impatient.transactional(silent).send(SHOP, talk, NewMessage.text("never committed"));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  engine
                      .asUser(ADA)
                      .send(talk, NewMessage.text("goes on"))
                      .handle((ack, fault) -> ack != null)
                      .join());
      assertThatThrownBy(silent::commit).isInstanceOf(SQLException.class);
    }
    assertThat(stored()).containsExactly("goes on");
  }

  private static List<String> settings(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('lock_timeout'), current_setting('enable_seqscan')")) {
      row.next();
      return List.of(row.getString(1), row.getString(2));
    }
  }

  @Test
  void theSettingsOfTheApplicationAreAsTheyWereAfterASend() throws SQLException {
    NewMessage message = NewMessage.text("once");
    try (Connection connection = connection()) {
      engine.transactional(connection).send(SHOP, talk, message);
      assertThat(settings(connection)).containsExactly("0", "on");
      connection.commit();

      set(connection, "LOCAL");
      engine.transactional(connection).send(SHOP, talk, NewMessage.text("new"));
      assertThat(settings(connection)).containsExactly("750ms", "off");
      engine.transactional(connection).send(SHOP, talk, message);
      assertThat(settings(connection)).containsExactly("750ms", "off");
      assertThatThrownBy(
              () -> engine.transactional(connection).send(BOB, talk, NewMessage.text("no member")))
          .isInstanceOf(ChatException.class);
      assertThat(settings(connection)).containsExactly("750ms", "off");
      connection.commit();

      set(connection, "SESSION");
      connection.commit();
      engine.transactional(connection).send(SHOP, talk, NewMessage.text("newer"));
      assertThat(settings(connection)).containsExactly("750ms", "off");
      connection.commit();
      assertThat(settings(connection)).containsExactly("750ms", "off");
    }
  }

  @Test
  void aConnectionThatCommitsByItselfIsRefused() throws SQLException {
    try (Connection connection = connection()) {
      connection.setAutoCommit(true);
      assertThatThrownBy(
              () -> engine.transactional(connection).send(SHOP, talk, NewMessage.text("x")))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
