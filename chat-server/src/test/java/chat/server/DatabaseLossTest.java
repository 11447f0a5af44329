package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.protocol.JsonObjects;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** PostgreSQL is killed under a running server, and comes back. */
@Tag("thorough")
@Timeout(120)
final class DatabaseLossTest {
  private static EmbeddedPostgres postgres(Path directory, int port) throws IOException {
    return TestServer.postgres()
        .setDataDirectory(directory)
        .setCleanDataDirectory(false)
        .setPort(port)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setRegisterShutdownHook(false)
        .start();
  }

  private static String databaseUrl(EmbeddedPostgres postgres) {
    return "--database-url=" + postgres.getJdbcUrl("postgres", "postgres");
  }

  /** As {@code kill -9} of the postmaster; its children follow it when they notice. */
  private static void kill(Path directory) throws Exception {
    List<String> lines = Files.readAllLines(directory.resolve("postmaster.pid"));
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(lines.get(0))).orElseThrow();
    List<ProcessHandle> children = postmaster.children().toList();
    postmaster.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !Processes.runs(postmaster) && children.stream().noneMatch(Processes::runs));
  }

  @Test
  void sendsAreRefusedAsUnavailableAndWorkAgainWhenItIsBack(@TempDir Path directory)
      throws Exception {
    int port = FreePort.find();
    Path data = directory.resolve("postgres");
    EmbeddedPostgres first = postgres(data, port);
    ListAppender<ILoggingEvent> sweeps = new ListAppender<>();
    sweeps.start();
    Logger sweeper = (Logger) LoggerFactory.getLogger(Sweeper.class);
    sweeper.addAppender(sweeps);
    try (ChatServer server = TestServer.start(databaseUrl(first))) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ChatClient bob = ChatClient.registered(server, "bob");
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      ada.connect();
      bob.connect();
      assertThat(ada.send("bob", "1", "before").get("type").asString()).isEqualTo("ok");

      kill(data);
      first.close(); // finds nothing to stop, and lets go of the directory
      // the dead process may be listed for long where nobody collects it, and would bar the start
      Files.delete(data.resolve("postmaster.pid"));
      ObjectNode refused = ada.send("bob", "2", "during");
      assertThat(refused.get("code").asString()).isEqualTo("unavailable");
      assertThat(ada.call("GET", "/readyz", "").status()).isEqualTo(503);
      assertThat(ada.call("GET", "/healthz", "").status()).isEqualTo(200);
      ChatClient.Reply login = ada.logIn("ada@example.org", "correct horse");
      assertThat(login.status()).isEqualTo(503);
      assertThat(login.error()).isEqualTo("unavailable");
      assertThat(login.body().toString()).doesNotContain("postgres", "jdbc", "Exception");
      await().atMost(Duration.ofSeconds(20)).until(() -> !sweeps.list.isEmpty());

      try (EmbeddedPostgres second = postgres(data, port)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> ada.send("bob", "2", "during").path("type").asString("").equals("ok"));
        assertThat(second.getPort()).isEqualTo(port);
        assertThat(bob.next("message").get("text").asString()).isEqualTo("before");
        assertThat(bob.next("message").get("text").asString()).isEqualTo("during");
        assertThat(ada.call("GET", "/readyz", "").status()).isEqualTo(200);
        kill(data);
      }
      server.close(); // parts with the clients all the same
      assertThat(bob.next("bye").get("reason").asString()).isEqualTo("draining");
      assertThat(bob.closeCode()).isEqualTo(1012);
      long warned = sweeps.list.get(0).getTimeStamp();
      assertThat(sweeps.list)
          .allMatch(event -> event.getLevel() == Level.WARN)
          .filteredOn(event -> event.getTimeStamp() - warned < 50_000)
          .hasSize(1);
    } finally {
      sweeper.detachAppender(sweeps);
    }
  }

  @Test
  void whileTheDiskIsFullTheNodeIsNotReadyAndComesBackByItself(@TempDir Path directory)
      throws Exception {
    int port = FreePort.find();
    try (EmbeddedPostgres postgres = postgres(directory.resolve("postgres"), port)) {
      try (ChatServer server = TestServer.start(databaseUrl(postgres))) {
        ChatClient ada = ChatClient.registered(server, "ada");
        ChatClient.registered(server, "bob");
        ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
        ada.connect();
        assertThat(ada.send("bob", "1", "before").get("type").asString()).isEqualTo("ok");
        sql(
            postgres,
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$;"
                + " CREATE TRIGGER refuse BEFORE INSERT ON chat_messages"
                + " FOR EACH ROW EXECUTE FUNCTION refuse();"
                + " CREATE TRIGGER refuse BEFORE INSERT ON server_account"
                + " FOR EACH ROW EXECUTE FUNCTION refuse()");
        assertThat(ada.send("bob", "2", "during").get("code").asString()).isEqualTo("unavailable");
        ChatClient.Reply readiness = ada.call("GET", "/readyz", "");
        assertThat(readiness.status()).isEqualTo(503);
        assertThat(readiness.body().get("database").asBoolean()).isFalse();
        ObjectNode carl = JsonObjects.object().put("username", "carl");
        carl.put("email", "carl@example.org").put("password", "correct horse");
        assertThat(ada.call("POST", "/v1/auth/register", carl).error()).isEqualTo("unavailable");
        sql(
            postgres,
            "DROP TRIGGER refuse ON chat_messages; DROP TRIGGER refuse ON server_account");
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> ada.call("GET", "/readyz", "").status() == 200);
        assertThat(ada.send("bob", "2", "during").get("type").asString()).isEqualTo("ok");
      }
    }
  }

  private static void sql(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void theEmbeddedOneThatIsKilledIsStartedAgainAndNothingIsLost(@TempDir Path directory)
      throws Exception {
    try (ChatServer server = TestServer.start("--data-dir=" + directory)) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ChatClient bob = ChatClient.registered(server, "bob");
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      ada.connect();
      bob.connect();
      assertThat(ada.send("bob", "1", "before").get("seq").asLong()).isEqualTo(1);

      kill(directory.resolve("postgres"));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> ada.send("bob", "2", "after").path("type").asString("").equals("ok"));
      assertThat(bob.next("message").get("text").asString()).isEqualTo("before");
      assertThat(bob.next("message").get("text").asString()).isEqualTo("after");
      assertThat(ada.call("GET", "/readyz", "").status()).isEqualTo(200);
    }
  }
}
