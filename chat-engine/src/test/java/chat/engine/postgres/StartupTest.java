package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.postgres.connection.DatabaseLocation;
import chat.engine.postgres.connection.PatientDataSource;
import chat.engine.postgres.connection.ReadOnlyDatabaseException;
import chat.engine.postgres.connection.Startup;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** A database that cannot be used when the store is opened. */
@Timeout(120)
final class StartupTest {
  private static final DatabaseLocation HERE = new DatabaseLocation("the database");

  private static StoreUnavailableException away() {
    return new StoreUnavailableException("away", null);
  }

  @Test
  void whatFailsForWantOfAConnectionIsTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    String result =
        Startup.run(
            HERE,
            Duration.ofSeconds(60),
            () -> {
              if (attempts.incrementAndGet() < 3) {
                throw away();
              }
              return "opened";
            });
    assertThat(result).isEqualTo("opened");
  }

  @Test
  void inTheEndTheMessageNamesTheDatabaseTheCauseAndWhatToDo() {
    AtomicInteger attempts = new AtomicInteger();
    assertThatThrownBy(
            () ->
                Startup.run(
                    HERE,
                    Duration.ZERO,
                    () -> {
                      attempts.incrementAndGet();
                      throw away();
                    }))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContainingAll("the database", "away", "Check that the server runs")
        .cause()
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void aDatabaseThatAnswersIsNotSaidToBeOutOfReach() {
    assertThatThrownBy(
            () ->
                Startup.run(
                    HERE,
                    Duration.ZERO,
                    () -> {
                      throw ReadOnlyDatabaseException.unavailable();
                    }))
        .hasMessageContaining("give the address of the primary")
        .hasMessageNotContaining("Check that the server runs");
  }

  @Test
  void whatWillNotPassIsNotTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    IllegalStateException fault = new IllegalStateException("a broken migration");
    assertThatThrownBy(
            () ->
                Startup.run(
                    HERE,
                    Duration.ofSeconds(60),
                    () -> {
                      attempts.incrementAndGet();
                      throw fault;
                    }))
        .isSameAs(fault);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void anInterruptEndsTheWaiting() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () ->
                Startup.run(
                    HERE,
                    Duration.ofDays(1),
                    () -> {
                      throw away();
                    }))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aDatabaseThatDoesNotExistIsToldAtOnceWithItsNameAndWithoutThePassword() {
    try (TestDatabase database = TestPostgres.freshDatabase()) {
      String url = database.jdbcUrl() + "_missing?password=hidden";
      // after its patience it would say that the database could not be used for so long
      assertThatThrownBy(() -> PostgresMessageStore.open(url, database.user(), "secret"))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContainingAll(
              "127.0.0.1:",
              "database " + database.name() + "_missing",
              "user " + database.user(),
              "refuses the connection",
              "Check that the database exists")
          .satisfies(fault -> assertThat(fault.getMessage()).doesNotContain("hidden", "secret"));
    }
  }

  @Test
  void oneConnectionThatBreaksDoesNotEndTheStart() {
    try (TestDatabase database = TestPostgres.freshDatabase()) {
      for (int broken = 1; broken <= 6; broken++) {
        AtomicInteger connections = new AtomicInteger();
        int last = broken;
        DataSource breaking =
            InterceptedDataSource.of(
                database.dataSource(),
                (connection, sql) -> {},
                () -> {
                  if (connections.incrementAndGet() == last) {
                    throw new SQLException("broken on purpose", "08006");
                  }
                });
        PostgresMessageStore.open(breaking).close();
        assertThat(connections.get()).isGreaterThan(broken);
      }
    }
  }

  @Test
  void aPoolThatIsTooSmallIsRefused() {
    assertThatThrownBy(
            () -> PostgresMessageStore.open("jdbc:postgresql://localhost/x", "u", "p", 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 3");
  }

  // ---- where a database is

  @Test
  void theLocationIsToldWithoutAPassword() {
    assertThat(DatabaseLocation.of("jdbc:postgresql://db1:5433,db2/chat?password=p&x=y", "ada"))
        .isEqualTo(new DatabaseLocation("PostgreSQL at db1:5433,db2, database chat, user ada"));
    assertThat(DatabaseLocation.of("jdbc:postgresql://db1/", null).text())
        .isEqualTo("PostgreSQL at db1");
    assertThat(DatabaseLocation.of("jdbc:postgresql:chat", "").text())
        .isEqualTo("PostgreSQL at localhost, database chat");
    assertThat(DatabaseLocation.of("jdbc:postgresql:///chat", "ada").text())
        .isEqualTo("PostgreSQL at localhost, database chat, user ada");
    assertThat(DatabaseLocation.of("jdbc:other:secret", "ada").text()).doesNotContain("secret");
  }

  @Test
  void theLocationIsAskedOfDriverAndPool() {
    PGSimpleDataSource driver = new PGSimpleDataSource();
    driver.setServerNames(new String[] {"db1"});
    driver.setDatabaseName("chat");
    driver.setUser("ada");
    driver.setPassword("secret");
    assertThat(DatabaseLocation.of(driver).text())
        .contains("db1", "database chat", "user ada")
        .doesNotContain("secret");
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl("jdbc:postgresql://db2/talk");
      pool.setUsername("bob");
      assertThat(DatabaseLocation.of(pool).text())
          .isEqualTo("PostgreSQL at db2, database talk, user bob");
    }
    assertThat(DatabaseLocation.of(InterceptedDataSource.of(driver, (c, sql) -> {})).text())
        .contains("the data source of class");
  }

  @Test
  void tablesThatAnotherNodeMakesMeanwhileAreNotThoseOfAnotherApplication() throws SQLException {
    try (TestDatabase database = TestPostgres.freshDatabase()) {
      AtomicInteger looks = new AtomicInteger();
      DataSource late =
          InterceptedDataSource.of(
              database.dataSource(),
              (connection, sql) -> {
                if (sql.contains("string_agg(relname") && looks.incrementAndGet() == 2) {
                  PostgresMessageStore.open(database.dataSource()).close();
                }
              });
      PostgresMessageStore.open(late).close();
      assertThat(looks).hasValueGreaterThanOrEqualTo(2);
    }
  }

  // ---- migrations that take long

  @Test
  void aConnectionForMigrationsWaitsAsLongAsItTakesAndIsAsBeforeAfterwards() throws SQLException {
    try (TestDatabase database = TestPostgres.freshDatabase();
        HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(database.jdbcUrl() + "?socketTimeout=7");
      pool.setUsername(database.user());
      pool.setPassword(database.password());
      pool.setMaximumPoolSize(1);
      try (Connection patient = PatientDataSource.of(pool).getConnection()) {
        assertThat(patient.getNetworkTimeout()).isZero();
      }
      try (Connection usual = pool.getConnection()) {
        assertThat(usual.getNetworkTimeout()).isEqualTo(7_000);
      }
    }
  }
}
