package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThatCode;

import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

  private static void haveATableOfTheApplication(TestDatabase database) throws Exception {
    try (Connection connection =
        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
      connection.createStatement().execute("create table application (id int)");
    }
  }
}
