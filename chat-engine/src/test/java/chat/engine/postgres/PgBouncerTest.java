package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.postgres.router.PostgresRouter;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPgBouncer;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** Through PgBouncer in transaction mode; skipped where it is not installed. */
@Tag("thorough")
@Timeout(120)
@EnabledIf("chat.engine.testing.TestPgBouncer#isInstalled")
final class PgBouncerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final TestDatabase database = TestPostgres.freshDatabase();
  private final Logged logged = Logged.below("chat.engine.postgres");
  private TestPgBouncer pooler;

  @BeforeEach
  void start() throws SQLException {
    pooler = TestPgBouncer.before(database);
    List<Connection> together = new ArrayList<>();
    for (int i = 0; i < 6; i++) { // so that the pooler has several connections to the server
      Connection connection = pooler.dataSource("prepareThreshold=0").getConnection();
      connection.setAutoCommit(false);
      connection.createStatement().execute("SELECT 1");
      together.add(connection);
    }
    for (Connection connection : together) {
      connection.commit(); // the pooler would close one that is left inside a transaction
      connection.close();
    }
  }

  @AfterEach
  void close() {
    logged.close();
    pooler.close();
    database.close();
  }

  private HikariDataSource pool(String parameters) {
    HikariDataSource pool = new HikariDataSource();
    pool.setDataSource(pooler.dataSource(parameters));
    pool.setMaximumPoolSize(12);
    return pool;
  }

  /** Each setting that any of the pooler's connections has. */
  private static TreeSet<String> settings(DataSource dataSource, String name) throws SQLException {
    TreeSet<String> values = new TreeSet<>();
    for (int i = 0; i < 32; i++) {
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SHOW " + name)) {
        row.next();
        values.add(row.getString(1));
      }
    }
    return values;
  }

  @Test
  void anEngineWithASchemaOfItsOwnWorksAndLeavesNothingBehindInThePoolersConnections()
      throws SQLException {
    try (HikariDataSource pool = pool("prepareThreshold=0")) {
      PostgresMessageStore store = PostgresMessageStore.builder(pool).schema("chat").open();
      try (ChatEngine engine = ChatEngine.builder().store(store).build()) {
        ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
        for (int i = 0; i < 50; i++) {
          engine.asUser(ADA).send(talk, NewMessage.text("text " + i)).join();
        }
        engine.asUser(BOB).markReceived(talk, 50).join();
        try (Connection connection = pool.getConnection()) {
          connection.setAutoCommit(false);
          TransactionalChat chat = engine.transactional(connection);
          chat.send(ADA, talk, NewMessage.text("in a transaction"));
          connection.commit();
          chat.publish().join();
        }
        assertThat(engine.asUser(BOB).history(talk, HistoryQuery.newest()).join().messages())
            .hasSize(50)
            .last()
            .satisfies(message -> assertThat(message.text()).isEqualTo("in a transaction"));
      }
      assertThat(settings(pool, "search_path")).containsExactly("\"$user\", public");
      assertThat(settings(pool, "transaction_isolation")).containsExactly("read committed");
      assertThat(settings(pool, "lock_timeout")).containsExactly("0");
      assertThat(logged.lines("prepareThreshold")).isEmpty();
    }
  }

  @Test
  void preparedStatementsAreWarnedOfAtTheStart() {
    try (HikariDataSource pool = pool("prepareThreshold=5")) {
      PostgresMessageStore.open(pool).close();
      assertThat(logged.lines("prepareThreshold=0")).hasSize(1);
    }
  }

  @Test
  void aPreparedStatementThatThePoolerLostIsNamedWithWhatToDo() {
    PostgresMessageStore.open(database.dataSource()).close();
    try (HikariDataSource pool = pool("prepareThreshold=1");
        PostgresMessageStore store = PostgresMessageStore.open(pool)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) {
                  store.lastSeen().record(Map.of(ADA, Instant.ofEpochSecond(i)));
                }
              })
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("add prepareThreshold=0 to the JDBC URL");
    }
  }

  private ChatEngine engine(DataSource storage, DataSource direct) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.builder(storage).schema("chat").open())
        .router(PostgresRouter.builder(direct).schema("chat").open())
        .build();
  }

  @Test
  void aRouterNeedsADataSourceThatGoesPastThePooler() throws SQLException {
    try (HikariDataSource pool = pool("prepareThreshold=0")) {
      try (ChatEngine engine = engine(pool, pool)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> !logged.lines("leads to PostgreSQL itself").isEmpty());
        assertThat(engine.health().router()).isFalse();
      }
      assertThat(settings(pool, "statement_timeout")).containsExactly("0");
      try (ChatEngine engine = engine(pool, database.dataSource())) {
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().router());
      }
    }
  }
}
