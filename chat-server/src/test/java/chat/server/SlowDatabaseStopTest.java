package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A server is stopped while its database does not answer: its clients are parted with as ever, and
 * nothing looks like a fault of the server. As SIGTERM does, by {@link ChatServer#close}.
 */
@Tag("thorough")
@Timeout(180)
final class SlowDatabaseStopTest {
  /** Those that say that the message may or may not be stored, or is not, and nothing else. */
  private static final List<String> HONEST = List.of("unavailable", "in_doubt", "busy");

  @TempDir Path directory;

  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger everything = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final List<ProcessHandle> postgres = new ArrayList<>();

  @BeforeEach
  void listen() {
    logged.start();
    everything.addAppender(logged);
  }

  @AfterEach
  void stopListening() throws Exception {
    everything.detachAppender(logged);
    for (ProcessHandle process : postgres) { // one that was left behind must not stand still
      if (Processes.runs(process)) {
        signal("CONT", process);
      }
    }
  }

  private static void signal(String name, ProcessHandle process) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor(10, TimeUnit.SECONDS))
        .isTrue();
  }

  private ProcessHandle postmaster() throws IOException {
    List<String> lines = Files.readAllLines(directory.resolve("postgres/postmaster.pid"));
    return ProcessHandle.of(Long.parseLong(lines.get(0))).orElseThrow();
  }

  @Test
  void whilePostgresStandsStill() throws Exception {
    ChatServer server = TestServer.start("--data-dir=" + directory, "--drain-seconds=2");
    ChatClient ada = ChatClient.registered(server, "ada");
    ChatClient bob = ChatClient.registered(server, "bob");
    ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
    ada.connect();
    bob.connect();
    assertThat(ada.send("bob", "first", "before").get("type").asString()).isEqualTo("ok");
    assertThat(bob.next("message").get("text").asString()).isEqualTo("before");
    postgres.add(postmaster());
    postmaster().descendants().forEach(postgres::add);
    logged.list.clear();

    for (ProcessHandle process : postgres) {
      signal("STOP", process);
    }
    for (int i = 0; i < 20; i++) {
      ada.text(
          JsonObjects.object()
              .put("type", "send")
              .put("id", "s" + i)
              .put("to", "bob")
              .put("client_message_id", "m" + i)
              .put("text", "during")
              .toString());
      String question = i % 2 == 0 ? "sync" : "contacts";
      bob.text(JsonObjects.object().put("type", question).put("id", "q" + i).toString());
    }
    server.close();

    for (ChatClient client : List.of(ada, bob)) {
      assertThat(client.closeCode()).isEqualTo(1012);
      assertThat(client.errorCodes()).isSubsetOf(HONEST);
    }
    assertThat(logged.list)
        .filteredOn(event -> event.getLevel() == Level.ERROR || event.getThrowableProxy() != null)
        .isEmpty();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(postgres.stream().filter(Processes::runs)).isEmpty());
  }
}
