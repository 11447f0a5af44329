package chat.engine.examples.server;

import chat.engine.examples.local.LocalServers;
import chat.engine.examples.local.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A chat-server.jar that runs as a separate process, as one node of a cluster, lets any user in
 * with a token of ours, and limits no rates. Not thread-safe.
 */
public final class ServerProcess implements AutoCloseable {
  /** With which the server lets this program sign tokens. */
  public static final String ISSUER_SECRET = "the examples sign their tokens with this";

  private static final long STOP_SECONDS = 20;

  private final List<String> command;
  private final Path log;
  private final int httpPort;
  private final int socketPort;
  private volatile Process process;

  private ServerProcess(List<String> command, Path log, int httpPort, int socketPort)
      throws IOException {
    this.command = command;
    this.log = log;
    this.httpPort = httpPort;
    this.socketPort = socketPort;
    this.process = launch();
  }

  /**
   * Returns at once; {@link ServerApi#awaitReady} waits.
   *
   * @param options further ones of the server
   */
  static ServerProcess start(Path jar, LocalServers servers, List<String> options) {
    try {
      List<String> all = new ArrayList<>();
      all.addAll(List.of("--database-url", servers.postgresUrl()));
      all.addAll(List.of("--redis-url", servers.redisUrl()));
      all.addAll(options);
      Path log = Files.createTempFile("chat-server-", ".log");
      return start(jar, List.of(), log, all);
    } catch (IOException fault) {
      throw new UncheckedIOException("chat-server could not be started", fault);
    }
  }

  /**
   * Returns at once.
   *
   * @param log takes what it writes to its terminal
   * @param more options, with those that name PostgreSQL and Redis
   */
  public static ServerProcess start(
      Path jar, List<String> javaOptions, Path log, List<String> more) {
    if (!Files.isReadable(jar)) {
      throw new IllegalArgumentException(jar + " is not there; mvn package makes it");
    }
    try {
      int httpPort = LocalServers.freePort();
      int socketPort = LocalServers.freePort();
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(javaOptions);
      command.addAll(List.of("-jar", jar.toString()));
      command.addAll(List.of("--http-port", Integer.toString(httpPort)));
      command.addAll(List.of("--ws-port", Integer.toString(socketPort)));
      command.addAll(List.of("--messages-per-second", "1000000"));
      // all users of a measurement have one address
      command.addAll(List.of("--registrations-per-address", "0"));
      command.addAll(List.of("--calls-per-second-per-address", "0"));
      command.addAll(List.of("--calls-per-second-per-user", "0"));
      command.addAll(List.of("--direct-policy", "anyone"));
      command.addAll(List.of("--issuer", ServerApi.ISSUER, "--issuer-provision", "true"));
      command.addAll(more);
      return new ServerProcess(command, log, httpPort, socketPort);
    } catch (IOException fault) {
      throw new UncheckedIOException("chat-server could not be started", fault);
    }
  }

  private Process launch() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CHAT_ISSUER_SECRET", ISSUER_SECRET);
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  public int httpPort() {
    return httpPort;
  }

  public int socketPort() {
    return socketPort;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + httpPort);
  }

  long pid() {
    return process.pid();
  }

  /** What it wrote to its terminal. */
  public Path log() {
    return log;
  }

  /** Ends it without a warning, as {@code kill -9} does. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Stops it where it is, as {@code kill -STOP} does, or lets it go on. */
  public void pause(boolean paused) {
    Stream<ProcessHandle> itself = Stream.of(process.toHandle());
    if (paused) {
      Signals.stop(itself);
    } else {
      Signals.resume(itself);
    }
  }

  /** Starts it again, on the same ports. */
  public void restart() {
    try {
      process.waitFor();
      process = launch();
    } catch (IOException fault) {
      throw new UncheckedIOException("chat-server could not be started again", fault);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops it in order, or by force when that takes too long. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
