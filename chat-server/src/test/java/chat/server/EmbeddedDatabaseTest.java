package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.server.database.DatabaseAddress;
import chat.server.database.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The PostgreSQL that comes with the server, and the directory that it lives in. */
@Timeout(120)
final class EmbeddedDatabaseTest {
  @TempDir Path directory;

  private static Connection connect(DatabaseAddress address, String password) throws SQLException {
    return DriverManager.getConnection(address.jdbcUrl(), address.user(), password);
  }

  @Test
  void nobodyElseOnTheMachineCanReadIt() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      DatabaseAddress address = database.address();
      assertThatThrownBy(() -> connect(address, "")).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> connect(address, "guess")).isInstanceOf(SQLException.class);
      connect(address, address.password()).close();
      Path password = directory.resolve("database-password");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void commitsAreOnDiskBeforeTheyAreAnswered() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory);
        Connection connection = connect(database.address(), database.address().password());
        Statement statement = connection.createStatement()) {
      for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
        ResultSet row = statement.executeQuery("show " + setting);
        row.next();
        assertThat(row.getString(1)).as(setting).isEqualTo("on");
      }
    }
  }

  /** Whatever the locale of who starts it, so that names are unique whatever the case. */
  @Test
  void itKnowsCapitalLettersThatAreNotEnglish() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory);
        Connection connection = connect(database.address(), database.address().password());
        Statement statement = connection.createStatement()) {
      ResultSet row =
          statement.executeQuery(
              "select lower('ÄΣЖ'), datlocprovider, datlocale from pg_database"
                  + " where datname = current_database()");
      row.next();
      assertThat(row.getString(1)).isEqualTo("äσж");
      assertThat(row.getString(2)).as("PostgreSQL's own, the same everywhere").isEqualTo("b");
      assertThat(row.getString(3)).isEqualTo("C.UTF-8");
    }
  }

  @Test
  void aDatabaseThatDoesNotKnowThemIsRefused() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      DatabaseAddress address = database.address();
      try (Connection connection = connect(address, address.password());
          Statement statement = connection.createStatement()) {
        statement.execute(
            "create database english template template0 encoding 'UTF8'"
                + " locale_provider libc locale 'C'");
      }
      assertThatThrownBy(
              () ->
                  TestServer.start(
                      Map.of("CHAT_DATABASE_PASSWORD", address.password()),
                      "--database-url=" + address.jdbcUrl().replaceFirst("/postgres$", "/english")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("create database chat");
    }
  }

  @Test
  void dataOfAnotherPostgresIsRefusedAtOnceWithWhatToDo() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      try (Connection connection = connect(database.address(), database.address().password());
          Statement statement = connection.createStatement()) {
        ResultSet row = statement.executeQuery("show server_version_num");
        row.next();
        assertThat(Files.readString(directory.resolve("postgres/PG_VERSION")).strip())
            .as("the one that the code names")
            .isEqualTo("18")
            .isEqualTo(Integer.toString(row.getInt(1) / 10_000));
      }
    }
    Files.writeString(directory.resolve("postgres/PG_VERSION"), "17\n");
    assertThatThrownBy(() -> EmbeddedDatabase.start(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("made by PostgreSQL 17")
        .hasMessageContaining("admin backup")
        .hasMessageContaining("admin restore");
    Files.writeString(directory.resolve("postgres/PG_VERSION"), "18\n");
    EmbeddedDatabase.start(directory).close();
  }

  @Test
  void aFirstStartThatWasCutOffIsMadeAnew() throws Exception {
    Path halfMade = Files.createDirectories(directory.resolve("postgres"));
    Files.writeString(halfMade.resolve("PG_VERSION"), "18\n");
    Files.writeString(halfMade.resolve("postgresql.conf"), "");
    Files.createFile(directory.resolve("unfinished"));
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      connect(database.address(), database.address().password()).close();
    }
    assertThat(directory.resolve("unfinished")).doesNotExist();
  }

  @Test
  void aPidFileThatNamesAnotherProcessByNowHarmsNobody() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      assertThat(database.address().password()).isNotEmpty();
    }
    Process stranger = new ProcessBuilder("sleep", "100").start();
    try {
      Files.writeString(
          directory.resolve("postgres/postmaster.pid"), stranger.pid() + "\n/elsewhere\n");
      try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
        connect(database.address(), database.address().password()).close();
      }
      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroy();
    }
  }

  /** As in a container whose first process does not collect what ended. */
  @Test
  void aPidFileThatNamesAProcessThatEndedAndIsStillListedStopsNoStart() throws Exception {
    EmbeddedDatabase.start(directory).close();
    Process careless = new ProcessBuilder("sh", "-c", "sleep 0 & exec sleep 100").start();
    try {
      await()
          .until(
              () ->
                  careless.children().findFirst().isPresent()
                      && careless.children().noneMatch(Processes::runs));
      long ended = careless.children().findFirst().orElseThrow().pid();
      Files.writeString(directory.resolve("postgres/postmaster.pid"), ended + "\n/elsewhere\n");
      try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
        connect(database.address(), database.address().password()).close();
      }
      assertThat(careless.children()).as("it was listed until now").isNotEmpty();
    } finally {
      careless.destroy();
    }
  }

  /** It creates the file a moment before it writes into it. */
  @Test
  void aPostgresThatWasKilledBeforeItSaidItsNumberStopsNoStart() throws Exception {
    EmbeddedDatabase.start(directory).close();
    Files.createFile(directory.resolve("postgres/postmaster.pid"));
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      connect(database.address(), database.address().password()).close();
    }
  }

  /** As with a long recovery: if it were ended, it would have to read its log again. */
  @Test
  @Tag("thorough")
  void aStartThatTakesLongIsWaitedFor() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(directory)) {
      long first = postmaster().orElseThrow().pid();
      signal("KILL", first);
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(1))
          .until(() -> postmaster().filter(one -> one.pid() != first).isPresent());
      long second = postmaster().orElseThrow().pid();
      signal("STOP", second);
      Thread.sleep(17_000); // longer than the 15 s after which a start was once given up
      signal("CONT", second);
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() -> connect(database.address(), database.address().password()).close());
      assertThat(postmaster().orElseThrow().pid()).isEqualTo(second);
    }
  }

  @Test
  @Tag("thorough")
  void aPasswordThatIsNotTheDatabasesIsSaid() throws Exception {
    EmbeddedDatabase.start(directory).close();
    Files.writeString(directory.resolve("database-password"), "guess");
    assertThatThrownBy(() -> EmbeddedDatabase.start(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("password authentication failed");
    assertThat(programs()).isEmpty();
  }

  private Optional<ProcessHandle> postmaster() throws IOException {
    Path pidFile = directory.resolve("postgres/postmaster.pid");
    List<String> lines = Files.exists(pidFile) ? Files.readAllLines(pidFile) : List.of();
    return lines.isEmpty()
        ? Optional.empty()
        : ProcessHandle.of(Long.parseLong(lines.get(0))).filter(Processes::runs);
  }

  private static void signal(String name, long pid) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }

  /** As by a test with a time limit, or by the end of a server that was starting it again. */
  @Test
  @Tag("thorough")
  void aStartThatIsInterruptedLeavesNothingRunning() throws Exception {
    EmbeddedDatabase.start(directory).close();
    for (int delayMillis : List.of(0, 10, 30, 60, 100, 200)) {
      Thread starter =
          new Thread(
              () -> {
                try {
                  EmbeddedDatabase.start(directory).close();
                } catch (IOException | RuntimeException interrupted) {
                  // as is to be expected
                }
              });
      starter.start();
      Thread.sleep(delayMillis);
      starter.interrupt();
      starter.join();
      await().untilAsserted(() -> assertThat(programs()).as("after %s ms", delayMillis).isEmpty());
    }
    EmbeddedDatabase.start(directory).close();
  }

  private List<String> programs() {
    return ProcessHandle.allProcesses()
        .flatMap(process -> process.info().commandLine().stream())
        .filter(line -> line.contains(directory.toString()))
        .toList();
  }
}
