package chat.server.process;

import static org.awaitility.Awaitility.await;

import chat.server.ChatServerMain;
import chat.server.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A {@code java ... ChatServerMain} whose output is kept in a file. For one thread. */
final class ChildServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final Process process;
  private final Path log;
  private final int httpPort;
  private final int wsPort;

  private ChildServer(Process process, Path log, int httpPort, int wsPort) {
    this.process = process;
    this.log = log;
    this.httpPort = httpPort;
    this.wsPort = wsPort;
  }

  /** Starts it and does not wait. */
  static ChildServer launch(
      Path folder, List<String> jvm, Map<String, String> environment, String... flags)
      throws IOException {
    int httpPort = FreePort.find();
    int wsPort = FreePort.find();
    List<String> words = new ArrayList<>(List.of(flags));
    words.add("--http-port=" + httpPort);
    words.add("--ws-port=" + wsPort);
    Path log = Files.createTempFile(folder, "server", ".log");
    return new ChildServer(process(log, jvm, environment, words), log, httpPort, wsPort);
  }

  /** A command of {@code admin}, or anything else that ends by itself. */
  static ChildServer command(
      Path folder, List<String> jvm, Map<String, String> environment, String... words)
      throws IOException {
    Path log = Files.createTempFile(folder, "command", ".log");
    return new ChildServer(process(log, jvm, environment, List.of(words)), log, 0, 0);
  }

  private static Process process(
      Path log, List<String> jvm, Map<String, String> environment, List<String> words)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.add("-Dlogback.configurationFile=logback.xml"); // the one of production
    command.addAll(jvm);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ChatServerMain.class.getName()));
    command.addAll(words);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** The same, and waits until it is ready. */
  static ChildServer start(
      Path folder, List<String> jvm, Map<String, String> environment, String... flags)
      throws IOException {
    ChildServer server = launch(folder, jvm, environment, flags);
    try {
      server.awaitSaid("is ready");
    } catch (RuntimeException | AssertionError late) {
      server.close();
      throw late;
    }
    return server;
  }

  /** Waits until it has said something, or has ended. */
  void awaitSaid(String words) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> said().contains(words) || !process.isAlive());
    if (!said().contains(words)) {
      throw new AssertionError("it ended and said: " + said());
    }
  }

  /** All that it has said. */
  String said() {
    try {
      return Files.readString(log);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  Process process() {
    return process;
  }

  int httpPort() {
    return httpPort;
  }

  int wsPort() {
    return wsPort;
  }

  /** Waits for its end, and gives its exit code. */
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it does not end; it said: " + said());
    }
    return process.exitValue();
  }

  void stopOnceReady() {
    try (this) {
      awaitSaid("is ready");
    }
  }

  /** Ends it politely, as SIGTERM does. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
