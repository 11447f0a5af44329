package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.postgres.connection.DatabaseLocation;
import chat.engine.postgres.router.PostgresRouter;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools as applications set them up. */
@Tag("thorough")
@Timeout(120)
final class HostPoolTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final Logged logged = Logged.below("chat.engine.postgres");

  @AfterEach
  void close() {
    logged.close();
    database.close();
  }

  private HikariDataSource pool(int size) {
    HikariDataSource pool = new HikariDataSource();
    pool.setDataSource(database.dataSource());
    pool.setMaximumPoolSize(size);
    pool.setConnectionTimeout(10_000);
    return pool;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void talk(ChatEngine engine) {
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    List<CompletableFuture<?>> sends = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      sends.add(engine.asUser(ADA).send(talk, NewMessage.text("text " + i)));
      sends.add(engine.asUser(BOB).history(talk, HistoryQuery.newest()));
    }
    sends.forEach(CompletableFuture::join);
    engine.asUser(BOB).markRead(talk, 50).join();
    assertThat(engine.asUser(BOB).history(talk, HistoryQuery.newest()).join().messages())
        .hasSize(50);
  }

  private static List<String> settings(HikariDataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('transaction_isolation'), current_setting('search_path'),"
                    + " current_setting('lock_timeout'),"
                    + " current_setting('idle_in_transaction_session_timeout')")) {
      row.next();
      List<String> found = new ArrayList<>();
      for (int column = 1; column <= 4; column++) {
        found.add(row.getString(column));
      }
      found.add("auto-commit " + connection.getAutoCommit());
      found.add("read-only " + connection.isReadOnly());
      connection.rollback();
      return found;
    }
  }

  private void noteIsolationOfWrites() throws SQLException {
    execute("CREATE TABLE seen (isolation text)");
    execute(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO"
            + " public.seen VALUES (current_setting('transaction_isolation')); RETURN NULL; END $$");
    for (String table : List.of("chat_messages", "chat_members", "chat_conversations")) {
      execute(
          "CREATE TRIGGER note AFTER INSERT OR UPDATE ON chat."
              + table
              + " FOR EACH STATEMENT EXECUTE FUNCTION note()");
    }
  }

  private List<String> notedIsolation() throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT DISTINCT isolation FROM seen")) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TRANSACTION_REPEATABLE_READ", "TRANSACTION_SERIALIZABLE"})
  void whateverThePoolHasSetTheEngineWorksAndGivesConnectionsBackAsTheyWere(String isolation)
      throws SQLException {
    try (HikariDataSource pool = pool(4)) {
      pool.setAutoCommit(false);
      pool.setReadOnly(true);
      pool.setTransactionIsolation(isolation);
      List<String> before = settings(pool);
      assertThat(before).contains("auto-commit false", "read-only true");
      PostgresMessageStore store = PostgresMessageStore.builder(pool).schema("chat").open();
      noteIsolationOfWrites();
      try (ChatEngine engine = ChatEngine.builder().store(store).build()) {
        talk(engine);
      }
      assertThat(notedIsolation()).containsExactly("read committed");
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
      for (int i = 0; i < 8; i++) {
        assertThat(settings(pool)).isEqualTo(before);
      }
    }
  }

  @Test
  void aDatabaseThatIsReadOnlyIsNamed() throws SQLException {
    execute("ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
    DatabaseLocation location = DatabaseLocation.of(database.dataSource());
    // what opening a store repeats for some seconds, since a standby can be promoted
    assertThatThrownBy(() -> new StoreSchema(database.dataSource(), location, null, false).open())
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContainingAll("is read-only", "primary");
  }

  @Test
  void makingTheTablesTakesThreeConnectionsAndWhateverFollowsOne() {
    try (TestDatabase empty = TestPostgres.freshDatabase();
        HikariDataSource pool = pool(1)) {
      pool.setDataSource(empty.dataSource());
      assertThatThrownBy(() -> PostgresMessageStore.open(pool))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("takes 3 connections at once, and the pool gives at most 1");
      PostgresMessageStore.open(empty.dataSource()).close();
      try (ChatEngine engine =
          ChatEngine.builder().store(PostgresMessageStore.open(pool)).build()) {
        talk(engine);
      }
    }
  }

  @Test
  void aPoolThatIsSmallerThanTheEngineIsToldOnceAndWorks() {
    try (HikariDataSource pool = pool(5);
        ChatEngine engine =
            ChatEngine.builder()
                .store(PostgresMessageStore.open(pool))
                .router(PostgresRouter.open(pool))
                .lanes(4)
                .build()) {
      await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().router());
      talk(engine);
      assertThat(logged.lines("at most 5 connections, and this engine uses up to 12")).hasSize(1);
      assertThat(logged.lines("keeps 2 of the 5 connections")).hasSize(1);
    }
  }

  @Test
  void aPoolThatTheRouterTakesWholeIsWarnedOf() {
    try (HikariDataSource storage = pool(12);
        HikariDataSource own = pool(2);
        ChatEngine engine =
            ChatEngine.builder()
                .store(PostgresMessageStore.open(storage))
                .router(PostgresRouter.open(own))
                .build()) {
      await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().router());
      assertThat(logged.lines("keeps all 2 connections of its pool")).hasSize(1);
    }
  }

  @Test
  void aPoolThatIsTooSmallForTheRouterIsRefused() {
    try (HikariDataSource pool = pool(1)) {
      assertThatThrownBy(
              () ->
                  ChatEngine.builder()
                      .store(PostgresMessageStore.open(pool))
                      .router(PostgresRouter.open(pool))
                      .build())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("keeps 2 connections, and its pool has no more than 1");
    }
  }

  @Test
  void aPoolThatLetsCallersWaitForLongIsMentioned() {
    try (HikariDataSource pool = pool(12)) {
      pool.setConnectionTimeout(30_000);
      ChatEngine.builder().store(PostgresMessageStore.open(pool)).lanes(4).build().close();
      assertThat(logged.lines("wait 30000 ms for a connection")).hasSize(1);
    }
  }

  @Test
  void aPoolThatIsLargeEnoughIsNotMentioned() {
    try (HikariDataSource pool = pool(12);
        ChatEngine engine =
            ChatEngine.builder().store(PostgresMessageStore.open(pool)).lanes(4).build()) {
      talk(engine);
      assertThat(logged.lines("The pool gives")).isEmpty();
    }
  }

  @Test
  void requestsThatHoldTheWholePoolWhileTheyWaitForASendAreBusyAndNotAnOutage()
      throws SQLException {
    try (HikariDataSource pool = pool(4)) {
      pool.setConnectionTimeout(500);
      try (ChatEngine engine =
          ChatEngine.builder()
              .store(PostgresMessageStore.open(pool))
              .sendTimeout(Duration.ofSeconds(2))
              .build()) {
        ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
        List<Connection> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          held.add(pool.getConnection());
        }
        assertThatThrownBy(() -> engine.asUser(ADA).send(talk, NewMessage.text("late")).join())
            .cause()
            .isInstanceOfSatisfying(
                ChatException.class,
                refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BUSY));
        for (Connection connection : held) {
          connection.close();
        }
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .untilAsserted(() -> engine.asUser(ADA).send(talk, NewMessage.text("now")).join());
      }
    }
  }

  // ---- the application's own transactions

  @Test
  void aTransactionWithAnOldSnapshotIsToldToRepeat() throws SQLException {
    try (ChatEngine engine =
            ChatEngine.builder().store(PostgresMessageStore.open(database.dataSource())).build();
        Connection connection = database.dataSource().getConnection()) {
      ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.createStatement().executeQuery("SELECT count(*) FROM pg_class");
      engine.asUser(BOB).send(talk, NewMessage.text("in between")).join();
      assertThatThrownBy(
              () -> engine.transactional(connection).send(ADA, talk, NewMessage.text("a")))
          .isInstanceOfSatisfying(
              ChatException.class, refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BUSY));
      connection.rollback();
      TransactionalChat again = engine.transactional(connection);
      again.send(ADA, talk, NewMessage.text("a"));
      connection.commit();
      assertThat(again.publish().join()).isTrue();
    }
  }

  @Test
  void aReadOnlyTransactionIsRefused() throws SQLException {
    try (ChatEngine engine =
            ChatEngine.builder().store(PostgresMessageStore.open(database.dataSource())).build();
        Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      assertThatThrownBy(() -> engine.transactional(connection))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("read-only");
    }
  }
}
