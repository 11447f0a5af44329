package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** Several processes meet at a database that is new to them. */
@Tag("thorough")
@Timeout(120)
final class SchemaMigrationsTest {
  private static final int PROCESSES = 4;

  @Test
  void storesThatOpenTogetherAllFindTheTables() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(PROCESSES);
    try {
      for (int round = 0; round < 12; round++) {
        try (TestDatabase database = TestPostgres.freshDatabase()) {
          if (round % 2 == 0) {
            haveATableOfTheApplication(database);
          }
          List<Future<?>> opened = new ArrayList<>();
          for (int i = 0; i < PROCESSES; i++) {
            opened.add(
                threads.submit(
                    () ->
                        PostgresMessageStore.open(
                                database.jdbcUrl(), database.user(), database.password(), 4)
                            .close()));
          }
          for (Future<?> store : opened) {
            assertThatCode(() -> store.get(60, TimeUnit.SECONDS)).doesNotThrowAnyException();
          }
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aMigrationMayTakeLongerThanTheNetworkTimeOutAndAnotherProcessSaysThatItWaits(
      @TempDir Path folder) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (TestDatabase database = TestPostgres.freshDatabase();
        MigrationFiles migrations = new MigrationFiles(folder);
        Logged log = Logged.below(SchemaMigrations.class.getName())) {
      migrations.write(
          "V1__slow.sql",
          "CREATE TABLE begun (n int); SELECT pg_sleep(2.5); CREATE TABLE done (n int)");
      PGSimpleDataSource impatient = new PGSimpleDataSource();
      impatient.setURL(database.jdbcUrl());
      impatient.setUser(database.user());
      impatient.setSocketTimeout(1);
      Future<?> first = threads.submit(() -> migrations.runOn(impatient));
      await().atMost(Duration.ofSeconds(60)).until(() -> runs(database, "%pg_sleep(2.5)%"));
      assertThat(log.lines()).isEmpty();
      Future<?> second = threads.submit(() -> migrations.runOn(impatient));
      assertThatCode(() -> first.get(60, TimeUnit.SECONDS)).doesNotThrowAnyException();
      assertThatCode(() -> second.get(60, TimeUnit.SECONDS)).doesNotThrowAnyException();
      assertThat(log.lines())
          .containsExactly(
              "INFO another process brings the tables of this database up to date; waiting for it (test_history)",
              "INFO the other process has ended its work on the tables (test_history)");
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean runs(TestDatabase database, String statement) throws SQLException {
    String sql =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE ?";
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement count = connection.prepareStatement(sql)) {
      count.setString(1, statement);
      try (ResultSet row = count.executeQuery()) {
        row.next();
        return row.getInt(1) > 0;
      }
    }
  }

  private static void haveATableOfTheApplication(TestDatabase database) throws Exception {
    try (Connection connection =
        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
      connection.createStatement().execute("create table application (id int)");
    }
  }
}
