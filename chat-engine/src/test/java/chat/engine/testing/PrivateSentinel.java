package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A Redis Sentinel that belongs to one test. Alone it decides, after a second, that its master is
 * gone, and makes a replica the master. Thread-safe; blocks until it is in the state that is named.
 */
public final class PrivateSentinel implements AutoCloseable {
  private static final Duration START_WAIT = Duration.ofSeconds(30);

  private final ServerDirectory directory = ServerDirectory.create("chat-test-sentinel-");
  private final int port = LocalPorts.free();
  private final ServerProcess process;

  private PrivateSentinel(Path binary, String master, PrivateRedis redis) throws IOException {
    Path config = directory.resolve("sentinel.conf");
    Files.write(
        config,
        List.of(
            "port " + port,
            "bind " + LocalPorts.LOOPBACK,
            "dir " + directory.path(),
            "sentinel monitor " + master + " " + LocalPorts.LOOPBACK + " " + redis.port() + " 1",
            "sentinel down-after-milliseconds " + master + " 1000",
            "sentinel failover-timeout " + master + " 3000"));
    process =
        new ServerProcess(
            new ProcessBuilder(binary.toString(), config.toString(), "--sentinel")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("sentinel.log").toFile())
                .start()
                .toHandle());
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "chat-test-sentinel-" + port));
  }

  static PrivateSentinel start(Path binary, String master, PrivateRedis redis) {
    try {
      PrivateSentinel sentinel = new PrivateSentinel(binary, master, redis);
      Awaitility.await("start of a Sentinel")
          .atMost(START_WAIT)
          .ignoreExceptions()
          .until(() -> sentinel.ask("PING").equals("PONG"));
      return sentinel;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String address() {
    return LocalPorts.LOOPBACK + ":" + port;
  }

  /** Sends one command and returns the reply as text. */
  public String ask(String... words) {
    try {
      return RedisConsole.ask(port, words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    if (process.isAlive()) {
      process.kill();
    }
    directory.delete();
  }
}
