package chat.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands of operators that start a PostgreSQL for themselves, and are ended before its end. */
@Timeout(180)
@Tag("thorough")
final class InterruptedCommandTest {
  @TempDir Path folder;

  private Path data(String name) {
    return folder.resolve("data/postgres").resolve(name);
  }

  private boolean isReady() throws IOException {
    return Files.exists(data("postmaster.pid"))
        && Files.readString(data("postmaster.pid")).contains("ready");
  }

  private boolean happened(String moment) throws IOException {
    return moment.equals("ready") ? isReady() : Files.exists(data(moment));
  }

  private List<String> postgresProcesses() {
    return ProcessHandle.allProcesses()
        .filter(this::isOfThisTest)
        .flatMap(process -> process.info().commandLine().stream())
        .toList();
  }

  private boolean isOfThisTest(ProcessHandle process) {
    return process.info().commandLine().filter(l -> l.contains(folder.toString())).isPresent();
  }

  @AfterEach
  void leaveNothing() {
    ProcessHandle.allProcesses().filter(this::isOfThisTest).forEach(ProcessHandle::destroyForcibly);
  }

  /** Waits for ever for the list of a backup. */
  private ChildServer restore() throws IOException, InterruptedException {
    Path backup = Files.createDirectory(folder.resolve("backup"));
    String pipe = backup.resolve("backup.json").toString();
    assertThat(new ProcessBuilder("mkfifo", pipe).start().waitFor()).isZero();
    return ChildServer.command(
        folder,
        List.of(),
        Map.of(),
        "admin",
        "restore",
        backup.toString(),
        "--data-dir=" + folder.resolve("data"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PG_VERSION", "ready"})
  void aSignalLeavesNoPostgresBehind(String moment) throws Exception {
    ChildServer command = restore();
    await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> happened(moment));
    command.process().destroy(); // SIGTERM
    command.awaitEnd();
    assertThat(postgresProcesses()).as(command.said()).isEmpty();
    assertThat(data("postmaster.pid")).doesNotExist();
  }
}
