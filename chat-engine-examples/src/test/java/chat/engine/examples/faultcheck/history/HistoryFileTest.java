package chat.engine.examples.faultcheck.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryFileTest {
  @TempDir private Path folder;

  @Test
  void aHistoryIsReadBackAsItWasWritten() throws IOException {
    History history =
        new History(
            List.of(
                new Event.Opened(1, "ada#1", "ada", "n0.1"),
                new Event.Called(
                    2, 7, "ada#1", "ada", Event.Verb.ADD, 100, 0, List.of("bob", "cleo"), ""),
                new Event.Answered(3, 7, "ada#1", Event.Outcome.OK, 0, 0, false, ""),
                new Event.ChangeTold(
                    4, "ada#1", 100, 1, 0, Fact.Kind.ADDED, List.of("bob", "cleo"), "friends"),
                new Event.Faulted(5, "node-kill", true, "n1"),
                new Event.Settled(6)),
            List.of(
                new Fact.Member(100, "ada", "O", 3, 4),
                new Fact.Change(100, 1, 0, Fact.Kind.RENAMED, List.of(), "ada", 0)));
    Path file = folder.resolve("history.gz");
    HistoryFile.write(file, history);
    assertThat(HistoryFile.read(file)).isEqualTo(history);
  }

  @Test
  void whatIsNoLineOfAHistoryIsRefused() {
    assertThatThrownBy(() -> LineCodec.decode("Settled")).hasMessageContaining("Settled");
    assertThatThrownBy(() -> LineCodec.decode("Elected\t5")).hasMessageContaining("Elected");
  }
}
