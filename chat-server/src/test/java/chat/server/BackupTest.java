package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** From a running embedded PostgreSQL to a plain one, and back. */
@Tag("thorough")
@Timeout(180)
final class BackupTest {
  @TempDir Path directory;

  private static void fill(ChatServer server) throws Exception {
    ChatClient ada = ChatClient.registered(server, "ada");
    ChatClient bob = ChatClient.registered(server, "bob");
    ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
    ada.call("POST", "/v1/groups", JsonObjects.object().put("name", "hikers"));
    ada.connect();
    bob.connect();
    for (int i = 0; i < 20; i++) {
      ada.send("bob", "m" + i, "text\t" + i + "\n\\N \uD83D\uDC4D");
    }
    ObjectNode reaction = JsonObjects.object().put("type", "react").put("seq", 1).put("on", true);
    String conversation = ada.send("bob", "last", "last").get("conversation_id").asString();
    bob.ask(reaction.put("conversation_id", conversation).put("emoji", "\uD83D\uDC4D"));
    bob.ask(
        JsonObjects.object()
            .put("type", "report")
            .put("conversation_id", conversation)
            .put("seq", 2)
            .put("reason", "spam"));
  }

  private static void keepForEver(String target) {
    AdminShell.Result set = AdminShell.run("retention", "--forever", "--reason=policy", target);
    assertThat(set.code()).as(set.err()).isZero();
  }

  private static Map<String, Long> rows(Connection connection) throws SQLException {
    Map<String, Long> rows = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      for (String table :
          new String[] {
            "chat_messages",
            "chat_members",
            "chat_conversations",
            "chat_reactions",
            "chat_reports",
            "server_account",
            "server_contact",
            "server_general_retention",
            "server_group",
            "server_login",
            "server_secret"
          }) {
        ResultSet row =
            statement.executeQuery(
                "select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from "
                    + table
                    + " t");
        row.next();
        rows.put(table, row.getLong(1));
        assertThat(row.getLong(1)).as(table).isPositive();
      }
    }
    return rows;
  }

  private static String epoch(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select epoch from chat_epoch")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void whatWasInAnEmbeddedDatabaseIsInAPlainOneAfterwards() throws Exception {
    String data = "--data-dir=" + directory.resolve("data");
    Path files = directory.resolve("backup");
    String epochBefore;
    try (ChatServer server = TestServer.start(data)) {
      fill(server);
      keepForEver(data);
      AdminShell.Result written = AdminShell.run("backup", files.toString(), data);
      assertThat(written.code()).as(written.err()).isZero();
      ChatClient ada = new ChatClient(server);
      ada.logIn("ada@example.org", "correct horse");
      epochBefore = ada.connect().get("epoch").asString();
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files)))
        .isEqualTo("rwx------");
    assertThat(AdminShell.run("backup", files.toString(), data).err()).contains("must be empty");

    try (EmbeddedPostgres plain = TestServer.postgres().start()) {
      String url = plain.getJdbcUrl("postgres", "postgres");
      String target = "--database-url=" + url;
      AdminShell.Result restored = AdminShell.run("restore", files.toString(), target);
      assertThat(restored.code()).as(restored.err()).isZero();
      try (Connection connection = DriverManager.getConnection(url)) {
        assertThat(rows(connection).get("chat_messages")).isEqualTo(21);
        assertThat(epoch(connection)).isNotEqualTo(epochBefore);
      }
      AdminShell.Result full = AdminShell.run("restore", files.toString(), target);
      assertThat(full.code()).isEqualTo(1);
      assertThat(full.err()).contains("restore into an empty database");
      assertThat(lastOfLog(target)).isEqualTo("restore refused conflict");
      assertThat(AdminShell.run("restore", directory.toString(), target).code()).isEqualTo(1);
      assertThat(lastOfLog(target)).isEqualTo("restore failed internal");
      try (ChatServer server = TestServer.start(target)) {
        ChatClient ada = new ChatClient(server);
        assertThat(ada.logIn("ada@example.org", "correct horse").status()).isEqualTo(201);
        assertThat(ada.connect().get("epoch").asString()).isNotEqualTo(epochBefore);
        JsonNode messages =
            ada.call("GET", "/v1/messages/friend?friendUsername=bob", "").body().get("message");
        assertThat(messages).hasSize(21);
        assertThat(messages.get(3).get("content").asString())
            .isEqualTo("text\t3\n\\N \uD83D\uDC4D");
        assertThat(ada.send("bob", "m3", "text\t3\n\\N \uD83D\uDC4D").get("duplicate").asBoolean())
            .as("a retry of before")
            .isTrue();
        assertThat(ada.send("bob", "new", "new").get("seq").asLong()).isEqualTo(22);
        ChatClient cleo = ChatClient.registered(server, "cleo");
        assertThat(cleo.username).as("with the next number of accounts").isEqualTo("cleo");
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () ->
                    assertThat(
                            ada.ask(JsonObjects.object().put("type", "search").put("query", "last"))
                                .get("messages"))
                        .isNotEmpty());
      }
    }

    AdminShell.Result again =
        AdminShell.run("restore", files.toString(), "--data-dir=" + directory.resolve("anew"));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(AdminShell.run("users", "--data-dir=" + directory.resolve("anew")).out())
        .contains("ada@example.org");
  }

  private static String lastOfLog(String target) {
    JsonNode entry =
        JsonObjects.parse(AdminShell.run("audit", "--limit=1", "--json", target).out())
            .at("/entries/0");
    return String.join(
        " ",
        entry.get("action").asString(),
        entry.get("outcome").asString(),
        entry.get("error").asString());
  }

  @Test
  void aBackupGoesIntoAnEmptyDirectoryOnly() throws Exception {
    String target = "--database-url=" + TestServer.freshDatabase();
    TestServer.start(target).close();
    Path file = Files.writeString(directory.resolve("file"), "x");
    AdminShell.Result full = AdminShell.run("backup", directory.toString(), target);
    assertThat(full.code()).isEqualTo(1);
    assertThat(full.err()).startsWith("conflict: " + directory + " must be empty, or not exist");
    assertThat(lastOfLog(target)).isEqualTo("backup refused conflict");
    assertThat(AdminShell.run("backup", file.toString(), target).err())
        .startsWith("conflict: " + file + " is there, and is no directory");
    assertThat(AdminShell.run("backup", file + "/below", target).err())
        .startsWith("a backup cannot be written to " + file + "/below: ");
    assertThat(directory).isDirectoryContaining(path -> path.equals(file));
  }

  @Test
  void aDamagedBackupChangesNothing() throws Exception {
    String database = TestServer.freshDatabase();
    try (ChatServer server = TestServer.start("--database-url=" + database)) {
      fill(server);
    }
    Path files = directory.resolve("backup");
    AdminShell.Result written =
        AdminShell.run("backup", files.toString(), "--database-url=" + database);
    assertThat(written.code()).as(written.err()).isZero();
    String target = "--database-url=" + TestServer.freshDatabase();
    assertThat(AdminShell.run("restore", directory.toString(), target).err())
        .contains("no complete backup");
    Files.write(files.resolve("chat_messages.copy.gz"), new byte[] {1}, StandardOpenOption.APPEND);
    AdminShell.Result refused = AdminShell.run("restore", files.toString(), target);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("damaged");
    assertThat(AdminShell.run("users", target).out()).contains("none");
  }
}
