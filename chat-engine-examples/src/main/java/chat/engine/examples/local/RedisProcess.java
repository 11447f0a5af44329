package chat.engine.examples.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.embedded.RedisServer;

/** A real Redis without persistence. Not thread-safe. */
public final class RedisProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisProcess.class);
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int START_ATTEMPTS = 10;
  private static final long RETRY_NANOS = 300_000_000;

  private final int port;
  private @Nullable RedisServer server;
  private long pid;

  private RedisProcess(int port) {
    this.port = port;
  }

  public static RedisProcess start(int port) {
    RedisProcess process = new RedisProcess(port);
    process.start();
    return process;
  }

  /** Starts it, empty. */
  public void start() {
    for (int attempt = 1; ; attempt++) {
      try {
        server =
            RedisServer.newRedisServer()
                .port(port)
                .setting("bind 127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        server.start();
        tell(jedis -> pid = infoNumber(jedis, "server", "process_id"));
        return;
      } catch (IOException fault) {
        // a program that is just being unpacked cannot run while another process is forked
        if (attempt == START_ATTEMPTS) {
          throw new UncheckedIOException("Redis could not be started", fault);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  /** Answers nobody, or everybody again. */
  public void pause(boolean paused) {
    if (pid != 0 && paused) {
      Signals.stop(ProcessHandle.of(pid).stream());
    } else if (pid != 0) {
      Signals.resume(ProcessHandle.of(pid).stream());
    }
  }

  /** Ends it without a warning, and with all that it knew. */
  public void kill() {
    if (pid != 0) {
      Signals.kill(ProcessHandle.of(pid).stream());
    }
    stop();
  }

  public void stop() {
    try {
      if (server != null) {
        server.stop();
      }
    } catch (IOException fault) {
      throw new UncheckedIOException("Redis could not be stopped", fault);
    }
    server = null;
    pid = 0;
  }

  public int port() {
    return port;
  }

  /** Tells it something directly, past all proxies; it may not be there. */
  public void tell(Consumer<Jedis> command) {
    try (Jedis jedis = new Jedis("127.0.0.1", port, TIMEOUT_MILLIS)) {
      command.accept(jedis);
    } catch (JedisException away) {
      log.info("Redis on port {} was not told: {}", port, away.toString());
    }
  }

  /** A number of {@code INFO}. */
  public static long infoNumber(Jedis jedis, String section, String field) {
    return jedis
        .info(section)
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.substring(field.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("Redis does not tell its " + field));
  }

  /** As it was at the start, but for its data. */
  public void restoreSettings() {
    tell(
        jedis -> {
          jedis.replicaofNoOne();
          jedis.configSet("maxmemory", "0");
          jedis.configSet("maxmemory-policy", "noeviction");
          jedis.configSet("replica-serve-stale-data", "yes");
        });
  }

  @Override
  public void close() {
    stop();
  }
}
