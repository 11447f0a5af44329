package chat.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.server.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts with a PostgreSQL of the server's own that are ended before the server is ready. */
@Timeout(300)
@Tag("thorough")
final class InterruptedStartTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  private ChildServer launch() throws IOException {
    return ChildServer.launch(folder, List.of(), Map.of(), "--data-dir=" + folder.resolve("data"));
  }

  private Path data(String name) {
    return folder.resolve("data").resolve(name);
  }

  private static void when(Callable<Boolean> there) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(there);
  }

  /** Something of the program is there, and more has to come. */
  private boolean unpacks() throws IOException {
    if (!Files.exists(data("binaries"))) {
      return false;
    }
    try (Stream<Path> tree = Files.walk(data("binaries"))) {
      return tree.anyMatch(path -> path.endsWith("bin/postgres"));
    } catch (java.io.UncheckedIOException stillMoving) {
      return false;
    }
  }

  private List<String> postgresProcesses() {
    return ProcessHandle.allProcesses()
        .flatMap(process -> process.info().commandLine().stream())
        .filter(line -> line.contains("postgres") && line.contains(folder.toString()))
        .filter(line -> !line.contains("ChatServerMain"))
        .toList();
  }

  @AfterEach
  void leaveNothing() {
    ProcessHandle.allProcesses()
        .filter(
            process ->
                process.info().commandLine().filter(l -> l.contains(folder.toString())).isPresent())
        .forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void aFirstStartThatIsKilledWhileItUnpacksIsMadeAnew() throws Exception {
    ChildServer first = launch();
    when(this::unpacks);
    first.process().destroyForcibly();
    first.awaitEnd();
    try (ChildServer second = launch()) {
      second.awaitSaid("is ready");
    }
  }

  /** What makes the data is a process of its own, which outlives the server. */
  @Test
  void aFirstStartThatIsKilledWhileItMakesItsDataIsMadeAnew() throws Exception {
    ChildServer first = launch();
    when(() -> maker().isPresent());
    ProcessHandle maker = maker().orElseThrow();
    new ProcessBuilder("kill", "-STOP", Long.toString(maker.pid())).start().waitFor();
    first.process().destroyForcibly();
    first.awaitEnd();
    try (ChildServer second = launch()) {
      second.awaitSaid("is ready");
      assertThat(Processes.runs(maker)).as("it could go on, and remove the new data").isFalse();
    }
  }

  private Optional<ProcessHandle> maker() {
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process
                    .info()
                    .command()
                    .filter(one -> one.startsWith(folder.toString()) && one.endsWith("initdb"))
                    .isPresent())
        .findFirst();
  }

  @Test
  void aSignalAtAnyMomentOfTheStartLeavesNoPostgresBehind() throws Exception {
    List<Callable<Boolean>> moments =
        List.of(
            this::unpacks,
            () -> Files.exists(data("postgres/PG_VERSION")),
            () -> Files.exists(data("postgres/postmaster.pid")),
            () -> Files.exists(data("postgres/postmaster.opts")),
            () ->
                Files.exists(data("postgres/postmaster.pid"))
                    && Files.readString(data("postgres/postmaster.pid")).contains("ready"));
    for (int moment = 0; moment < moments.size(); moment++) {
      ChildServer server = launch();
      when(moments.get(moment));
      server.process().destroy();
      server.awaitEnd();
      assertThat(server.said()).doesNotContain("is ready", "cannot start");
      when(() -> postgresProcesses().stream().noneMatch(line -> line.contains(" -D ")));
      assertThat(data("postgres/postmaster.pid")).as("moment %d", moment).doesNotExist();
    }
    try (ChildServer server = launch()) {
      server.awaitSaid("is ready");
    }
    assertThat(postgresProcesses()).isEmpty();
  }

  @Test
  void itSaysWhyPostgresDoesNotStart() throws Exception {
    launch().stopOnceReady();
    Files.writeString(data("postgres/postgresql.conf"), "no_such_setting = 1\n");
    long begun = System.nanoTime();
    ChildServer broken = launch();
    assertThat(broken.awaitEnd()).isEqualTo(1);
    assertThat(broken.said()).contains("chat-server cannot start", "no_such_setting");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(50));
  }
}
