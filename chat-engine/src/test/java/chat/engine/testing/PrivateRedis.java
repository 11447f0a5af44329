package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server that belongs to one test. It keeps its port but, having no persistence, none of
 * its data when it is killed and started again: what an engine must be able to survive.
 *
 * <p>Thread-safe; every method but {@link #pause(Duration)} blocks until the server is in the state
 * that it names.
 */
public final class PrivateRedis implements AutoCloseable {
  private static final Duration START_WAIT = Duration.ofSeconds(30);

  private final ServerDirectory directory = ServerDirectory.create("chat-test-redis-");
  private final int port = LocalPorts.free();
  private final Path binary;
  private final List<String> options;
  private @Nullable ServerProcess process;
  private boolean closed;

  private PrivateRedis(Path binary, List<String> options) {
    this.binary = binary;
    this.options = List.copyOf(options);
  }

  static PrivateRedis start(Path binary, List<String> options) {
    PrivateRedis redis = new PrivateRedis(binary, options);
    Runtime.getRuntime().addShutdownHook(new Thread(redis::close, "chat-test-redis-" + redis.port));
    redis.start();
    return redis;
  }

  public int port() {
    return port;
  }

  public URI uri() {
    return URI.create("redis://" + LocalPorts.LOOPBACK + ":" + port);
  }

  /** Starts the server after a kill, on its old port. */
  public synchronized void start() {
    if (closed || process != null) {
      throw new IllegalStateException(closed ? "already closed" : "already running");
    }
    try {
      Process started =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
      process = new ServerProcess(started.toHandle());
      awaitReady(started);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the process (SIGKILL): clients see their connections reset, and all data is gone. */
  public synchronized void kill() {
    running().kill();
    process = null;
  }

  /** Freezes the process until {@link #resume()}: connections stay open but nothing answers. */
  public synchronized void pause() {
    running().pause();
  }

  /**
   * Freezes the process and returns at once; it runs on by itself after the given time.
   *
   * @return completes when the process runs again
   */
  public CompletableFuture<Void> pause(Duration duration) {
    pause();
    return CompletableFuture.runAsync(
        this::resumeIfRunning,
        CompletableFuture.delayedExecutor(duration.toNanos(), TimeUnit.NANOSECONDS));
  }

  /** Lets a frozen process run on. */
  public synchronized void resume() {
    running().resume();
  }

  /** Deletes every key, as an operator's mistake or a replacement of the server would. */
  public void flushAll() {
    ask("FLUSHALL");
  }

  public synchronized boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** Ends the server for good. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (process != null) {
      kill();
    }
    directory.delete();
  }

  /** Sends one command on a connection of its own and returns the reply as text. */
  public String ask(String... words) {
    try {
      return RedisConsole.ask(port, words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void resumeIfRunning() {
    if (process != null) {
      process.resume();
    }
  }

  private ServerProcess running() {
    if (process == null) {
      throw new IllegalStateException("not running");
    }
    return process;
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(binary.toString(), "--port", Integer.toString(port)));
    command.addAll(List.of("--bind", LocalPorts.LOOPBACK, "--dir", directory.path().toString()));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(options);
    return command;
  }

  private void awaitReady(Process started) {
    Awaitility.await("start of Redis, whose log is " + log())
        .atMost(START_WAIT)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .failFast(() -> failIfDead(started))
        .until(this::answers);
  }

  private void failIfDead(Process started) throws IOException {
    if (!started.isAlive()) {
      throw new IllegalStateException("Redis ended at once: " + Files.readString(log()));
    }
  }

  private boolean answers() {
    try {
      return RedisConsole.ask(port, "PING").equals("PONG");
    } catch (IOException notYet) {
      return false;
    }
  }

  private Path log() {
    return directory.resolve("redis.log");
  }
}
