package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.Publication;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.router.Recorder;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Data sources as applications have them. */
@Tag("thorough")
@Timeout(120)
final class DataSourcesTest {
  private static final Topic BOB = new Topic("user:bob");

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final Logged logged = Logged.below("chat.engine.postgres.router");

  @AfterEach
  void close() {
    logged.close();
    database.close();
  }

  private HikariDataSource pool(int size) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(database.jdbcUrl());
    pool.setUsername(database.user());
    pool.setPassword(database.password());
    pool.setMaximumPoolSize(size);
    pool.setConnectionTimeout(500);
    pool.setValidationTimeout(400);
    return pool;
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
  }

  private static void awaitDelivery(PostgresRouter from, Recorder inbox) {
    soon()
        .ignoreException(RouterUnavailableException.class)
        .until(
            () -> {
              from.publish(List.of(new Publication(List.of(BOB), new byte[] {'x'})));
              return !inbox.envelopes.isEmpty();
            });
  }

  private static String setting(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + name)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void aPoolOfTwoIsEnoughWhateverItsConnectionsAreLikeAndGetsThemBackAsTheyWere() throws Exception {
    try (HikariDataSource pool = pool(2);
        PostgresRouter other = PostgresRouter.open(database.dataSource())) {
      pool.setAutoCommit(false);
      pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
      pool.setConnectionInitSql("SET statement_timeout = 77000");
      Recorder recorder = new Recorder();
      PostgresRouter router = PostgresRouter.open(pool);
      router.start("c", recorder);
      router.subscribe(List.of(BOB));
      other.start("c", new Recorder());
      awaitDelivery(other, recorder);
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(2);

      router.close();
      router.close();
      soon().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
      assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isEqualTo(2); // not broken
      try (Connection first = pool.getConnection();
          Connection second = pool.getConnection()) {
        for (Connection connection : List.of(first, second)) {
          assertThat(connection.getAutoCommit()).isFalse();
          assertThat(connection.getNetworkTimeout()).isZero();
          assertThat(setting(connection, "transaction_isolation")).isEqualTo("serializable");
          assertThat(setting(connection, "statement_timeout")).isEqualTo("77s");
          assertThat(setting(connection, "enable_seqscan")).isEqualTo("on");
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery("SELECT count(*) FROM pg_listening_channels()")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
          }
        }
      }
    }
  }

  @Test
  void aPoolWithoutConnectionsIsWaitedFor() throws Exception {
    try (HikariDataSource pool = pool(2);
        PostgresRouter router = PostgresRouter.open(pool)) {
      try (Connection taken = pool.getConnection()) {
        router.start("c", new Recorder());
        assertThat(taken.isValid(1)).isTrue();
        assertThat(router.healthy()).isFalse();
        assertThatThrownBy(() -> router.subscribed(List.of(BOB)))
            .isInstanceOf(RouterUnavailableException.class);
        soon().until(() -> !logged.lines("does not work").isEmpty());
      }
      soon().until(router::healthy);
      assertThat(logged.warnings()).hasSizeLessThan(4);
    }
  }

  @Test
  void aPoolReplacesConnectionsThatBroke() throws Exception {
    try (HikariDataSource pool = pool(3);
        PostgresRouter router = PostgresRouter.open(pool)) {
      Recorder recorder = new Recorder();
      router.start("c", recorder);
      for (int i = 1; i <= 3; i++) {
        soon().until(router::healthy);
        int before = recorder.doubts.get();
        try (Connection connection = database.dataSource().getConnection();
            Statement statement = connection.createStatement()) {
          statement.execute(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                  + " current_database() AND pid <> pg_backend_pid()");
        }
        soon().until(() -> recorder.doubts.get() > before);
      }
      soon().until(router::healthy);
      assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(2);
    }
  }

  @Test
  void missingTablesAreNamedWithWhatToDoAndWaitedFor() {
    try (TestDatabase empty = TestPostgres.freshDatabase();
        PostgresRouter router = PostgresRouter.open(empty.dataSource())) {
      router.start("c", new Recorder());
      assertThat(router.healthy()).isFalse();
      assertThat(logged.lines("are made when a PostgresMessageStore is opened there")).hasSize(1);
      PostgresMessageStore.open(empty.dataSource()).close();
      soon().until(router::healthy);
    }
  }

  @Test
  void aPoolerThatSwallowsNotificationsIsNamed() {
    DataSource pooler =
        withStatements(
            database.dataSource(), sql -> sql.startsWith("LISTEN") ? "SELECT 'lost'" : sql);
    try (PostgresRouter router = PostgresRouter.open(pooler)) {
      router.start("c", new Recorder());
      soon().until(() -> !logged.lines("PgBouncer").isEmpty());
      assertThat(router.healthy()).isFalse();
      assertThat(logged.lines("PgBouncer")).hasSize(1);
    }
  }

  private static DataSource withStatements(DataSource dataSource, UnaryOperator<String> changed) {
    return proxy(DataSource.class, dataSource, changed);
  }

  private static <T> T proxy(Class<T> type, T real, UnaryOperator<String> changed) {
    return type.cast(
        Proxy.newProxyInstance(
            DataSourcesTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, given) -> {
              Object[] arguments = given;
              if (method.getName().equals("execute")) {
                arguments = new Object[] {changed.apply((String) given[0])};
              }
              try {
                Object result = method.invoke(real, arguments);
                return result instanceof Connection connection
                        && method.getName().equals("getConnection")
                    ? proxy(Connection.class, connection, changed)
                    : method.getName().equals("createStatement")
                        ? proxy(Statement.class, (Statement) result, changed)
                        : result;
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            }));
  }

  @Test
  void namesThatDoNotFitAreRefused() {
    for (String wrong : List.of("", "a b", "x".repeat(25), "chat:2", "\"")) {
      assertThatThrownBy(() -> PostgresRouter.open(database.dataSource(), wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 24 letters");
    }
    String longest = Names.of("n".repeat(24), "an epoch:1").channel(-1);
    assertThat(longest).hasSizeLessThanOrEqualTo(63).startsWith("n".repeat(24) + ":");
    assertThat(Names.of("n", "an epoch:1").cluster()).isEqualTo("n:an epoch:1");
    assertThat(Names.of("n", "one").channel(1)).isNotEqualTo(Names.of("n", "two").channel(1));
  }

  @Test
  void namespacesInOneDatabaseShareNothing() {
    try (PostgresRouter north = PostgresRouter.open(database.dataSource(), "north");
        PostgresRouter south = PostgresRouter.open(database.dataSource(), "south")) {
      Recorder recorder = new Recorder();
      north.start("c", recorder);
      south.start("c", new Recorder());
      north.subscribe(List.of(BOB));
      soon()
          .ignoreException(RouterUnavailableException.class)
          .until(() -> south.subscribed(List.of(BOB)).isEmpty());
      south.publish(List.of(new Publication(List.of(BOB), new byte[] {'x'})));
      north.subscribe(List.of(new Topic("later")));
      await().pollDelay(Duration.ofMillis(300)).until(() -> true);
      assertThat(recorder.envelopes).isEmpty();
    }
  }

  @Test
  void itIsStartedOnceAndNotUsedBefore() {
    try (PostgresRouter router = PostgresRouter.open(database.dataSource())) {
      assertThatThrownBy(() -> router.subscribe(List.of(BOB)))
          .isInstanceOf(IllegalStateException.class);
      assertThat(router.healthy()).isFalse();
      router.start("c", new Recorder());
      assertThatThrownBy(() -> router.start("c", new Recorder()))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
