package chat.engine.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole pipeline, briefly; long runs are for the command line. */
@Tag("thorough")
@Timeout(300)
final class FaultCheckTest {
  @TempDir private Path folder;

  @Test
  void aClusterThatLeaksMessagesIsCaught() throws Exception {
    assertThat(
            FaultCheck.run(
                "--seconds",
                "20",
                "--nodes",
                "2",
                "--users",
                "8",
                "--faults",
                "none",
                "--sabotage",
                "leak",
                "--keep",
                folder.toString()))
        .isTrue();
    assertThat(FaultCheck.run("--check", folder.resolve("seed-1-broken.history.gz").toString()))
        .isFalse();
  }

  @Test
  void whatCannotBeRunIsRefused() {
    assertThatThrownBy(() -> FaultCheck.run("--seconds", "5")).hasMessageContaining("20");
    assertThatThrownBy(() -> FaultCheck.run("--fault", "all")).hasMessageContaining("--fault:");
    assertThatThrownBy(() -> FaultCheck.run("--seeds"))
        .hasMessageContaining("--seeds needs a value");
  }
}
