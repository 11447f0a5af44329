package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands of operators beside a server that has its own PostgreSQL. */
@Tag("thorough")
@Timeout(180)
final class OperatorsOfAnEmbeddedDatabaseTest {
  @TempDir Path directory;

  @Test
  void theDataDirectoryIsEnoughWhetherOrNotTheServerRuns() throws Exception {
    String data = "--data-dir=" + directory.resolve("data");
    AdminShell.Result nothing = AdminShell.run("users", data);
    assertThat(nothing.code()).isEqualTo(1);
    assertThat(nothing.err()).contains("there is no chat-server in");
    assertThat(directory.resolve("data")).doesNotExist();
    try (ChatServer server = TestServer.start(data)) {
      ChatClient ada = ChatClient.registered(server, "ada");
      AdminShell.Result running = AdminShell.run("make-administrator", "ada", data);
      assertThat(running.code()).as(running.err()).isZero();
      assertThat(ada.call("GET", "/v1/admin/users", "").status()).isEqualTo(200);
    }
    AdminShell.Result stopped = AdminShell.run(data, "users");
    assertThat(stopped.code()).as(stopped.err()).isZero();
    assertThat(stopped.out()).contains("ada@example.org");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(AdminShell.run("check", data).out())
                    .contains("MiB are free", "none runs"));
  }

  @Test
  void whatIsNoCommandIsSaid() {
    AdminShell.Result unknown = AdminShell.run("uesrs");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("uesrs");
    AdminShell.Result help = AdminShell.run("--help");
    assertThat(help.code()).isZero();
    assertThat(help.out()).contains("reset-password", "connections", "delete-message", "check");
    assertThat(AdminShell.run("help", "suspend").out()).contains("--until", "--reason");
    assertThat(AdminShell.run("suspend", "--help").out()).contains("--until", "--reason");
  }
}
