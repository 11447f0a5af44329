package chat.engine.examples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;

final class ViewTest {
  private static List<String> shown(int rows) {
    Ledger.Counts none = new Ledger().read();
    View view =
        new View(
            "http://127.0.0.1:8080",
            List.of(
                new View.Line("1", "node 1", "ready", true, 2),
                new View.Line("2", "node 2", "killed", false, 0),
                new View.Line("3", "node 3", "ready", true, 2),
                new View.Line("p", "PostgreSQL", "running", true, -1),
                new View.Line("r", "Redis", "running", true, -1)),
            none,
            none,
            4,
            4,
            0,
            IntStream.rangeClosed(1, 8).mapToObj(i -> "event " + i).toList());
    return view.screen("2", rows).stream().map(AttributedString::toString).toList();
  }

  @Test
  void onASmallTerminalTheNewestEventsAreSeen() {
    assertThat(shown(24))
        .hasSize(24)
        .contains(" event 8", " event 4", " h  make all whole            q  quit")
        .doesNotContain("");
    assertThat(shown(40)).contains("", " event 1", " event 8");
    assertThat(shown(10)).hasSize(10);
  }

  @Test
  void theChosenPartIsMarked() {
    assertThat(shown(40)).anyMatch(line -> line.startsWith(" > 2  node 2"));
  }
}
