package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs {@code java -jar chat-server.jar} as an operator would. */
@Timeout(180)
final class PackagedJarIT {
  private static final Pattern REST = Pattern.compile("REST +http://127\\.0\\.0\\.1:(\\d+)/");
  private static final Pattern SOCKET = Pattern.compile("WebSocket +ws://127\\.0\\.0\\.1:(\\d+)/");

  @TempDir Path directory;

  private record Running(Process process, int httpPort, int wsPort) {}

  private Process launch(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // it ends before the second compiler would pay for
                // itself
                "-jar",
                System.getProperty("chat.server.jar"),
                "--http-port=0",
                "--ws-port=0",
                "--data-dir=" + directory.resolve("data")));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private Running start() throws IOException {
    Process process = launch();
    int http = 0;
    BufferedReader out =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder seen = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      seen.append(line).append('\n');
      Matcher rest = REST.matcher(line);
      if (rest.find()) {
        http = Integer.parseInt(rest.group(1));
      }
      Matcher socket = SOCKET.matcher(line);
      if (socket.find()) {
        return new Running(process, http, Integer.parseInt(socket.group(1)));
      }
    }
    throw new AssertionError("the server did not start:\n" + seen);
  }

  @Test
  void whatWasAcknowledgedOutlivesAKillAndASecondServerIsRefused() throws Exception {
    Running first = start();
    try {
      ChatClient ada = new ChatClient(first.httpPort(), first.wsPort()).register("ada");
      ChatClient bob = new ChatClient(first.httpPort(), first.wsPort()).register("bob");
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      bob.connect();
      ada.connect();
      for (int i = 1; i <= 50; i++) {
        assertThat(ada.send("bob", "m" + i, "message " + i).get("seq").asLong()).isEqualTo(i);
      }

      Process second = launch();
      String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(second.exitValue()).isEqualTo(1);
      assertThat(said).contains("another chat-server uses the data directory");
    } finally {
      first.process().destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }

    Running again = start();
    try {
      ChatClient bob = new ChatClient(again.httpPort(), again.wsPort());
      bob.logIn("bob@example.org", "correct horse");
      bob.connect();
      JsonNode state =
          bob.ask(JsonObjects.object().put("type", "sync")).get("conversations").get(0);
      assertThat(state.get("last_seq").asLong()).isEqualTo(50);
      again.process().destroy(); // as Ctrl-C would
      assertThat(bob.next("bye").get("reason").asString()).isEqualTo("draining");
      assertThat(bob.closeCode()).isEqualTo(1012);
      assertThat(again.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.exists(directory.resolve("data/postgres/postmaster.pid"))).isFalse();
    } finally {
      again.process().destroyForcibly();
    }
  }

  @Test
  void aWrongSettingStopsTheStartWithASentence() throws Exception {
    Process process = launch("--redis-url=localhost");
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(said.lines()).hasSize(1);
    assertThat(said).startsWith("--redis-url must look like redis://host:6379 (");
  }
}
