package chat.engine.examples.faultcheck.client.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.examples.faultcheck.client.device.Wire.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class WireTest {
  private final ServerSocket node = listen();
  private final List<List<String>> events = new CopyOnWriteArrayList<>();
  private final List<String> closed = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  @AfterEach
  void close() throws IOException {
    node.close();
  }

  /** A node that is asked once, sends these characters and is killed. */
  private void nodeSends(String characters) throws IOException {
    Wire wire = Wire.open(node.getLocalPort(), words -> events.add(List.of(words)), closed::add);
    try (Socket client = node.accept()) {
      wire.ask("history", answer::complete);
      assertThat(client.getInputStream().read()).isEqualTo('1');
      client.getInputStream().readNBytes(" history\n".length());
      client.getOutputStream().write(characters.getBytes(StandardCharsets.UTF_8));
    }
    await().until(() -> closed.size() == 1);
  }

  private Answer answer() throws Exception {
    return answer.get(10, TimeUnit.SECONDS);
  }

  @Test
  void wholeLinesAreEventsItemsAndAnswers() throws Exception {
    nodeSends("* told ada 7\n1 + m 3\n1 + m 4\n1 ok 12\n");
    assertThat(events).containsExactly(List.of("told", "ada", "7"));
    assertThat(answer().ok()).isTrue();
    assertThat(answer().items()).containsExactly(words("m", "3"), words("m", "4"));
    assertThat(answer().words()).containsExactly("12");
  }

  private static String[] words(String... words) {
    return words;
  }

  @Test
  void aLineThatIsCutInItsNumberEndsTheConnection() throws Exception {
    nodeSends("1 + m 3\n-");
    assertThat(answer()).isSameAs(Answer.NONE);
  }

  @Test
  void aLineThatIsCutBehindItsNumberEndsTheConnection() throws Exception {
    nodeSends("1");
    assertThat(answer()).isSameAs(Answer.NONE);
  }

  @Test
  void anAnswerThatIsCutInItsLastWordIsNone() throws Exception {
    nodeSends("1 ok 12"); // perhaps of 123
    assertThat(answer()).isSameAs(Answer.NONE);
  }

  @Test
  void anEventThatIsCutIsNone() throws Exception {
    nodeSends("* told ada 7\n* told ada");
    assertThat(events).containsExactly(List.of("told", "ada", "7"));
  }
}
