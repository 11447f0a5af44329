package chat.engine.examples.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;

/**
 * A real PostgreSQL 18 and a real Redis, started for an example and ended with it; or those that
 * the environment, or a system property of that name, tells in {@code CHAT_POSTGRES_URL} (with user
 * and password) and {@code CHAT_REDIS_URL}. Not thread-safe.
 */
public final class LocalServers implements AutoCloseable {
  /** Names the PostgreSQL to use. */
  public static final String POSTGRES = "CHAT_POSTGRES_URL";

  private static final String REDIS = "CHAT_REDIS_URL";
  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 10_000;

  /** Begins anywhere, since several programs may look for ports at once. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

  private final @Nullable EmbeddedPostgres postgres;
  private final int redisPort;
  private @Nullable RedisServer redis;

  private LocalServers(@Nullable EmbeddedPostgres postgres, int redisPort) {
    this.postgres = postgres;
    this.redisPort = redisPort;
  }

  private static @Nullable String given(String name) {
    return System.getProperty(name, System.getenv(name));
  }

  public static LocalServers start() {
    try {
      EmbeddedPostgres postgres =
          given(POSTGRES) != null
              ? null
              : EmbeddedPostgres.builder()
                  .setServerConfig("listen_addresses", "127.0.0.1")
                  .setServerConfig("max_connections", "100")
                  .setServerConfig("shared_buffers", "256MB")
                  .setServerConfig("max_wal_size", "4GB")
                  // the embedded server's own default is off, and then no commit would mean
                  // anything
                  .setServerConfig("fsync", "on")
                  .setServerConfig("synchronous_commit", "on")
                  .setServerConfig("full_page_writes", "on")
                  // not the locale of this machine: the server takes only what knows all letters
                  .setLocaleConfig("locale", "C")
                  .setLocaleConfig("locale-provider", "builtin")
                  .setLocaleConfig("builtin-locale", "C.UTF-8")
                  .setPGStartupWait(Duration.ofSeconds(60))
                  .start();
      LocalServers servers = new LocalServers(postgres, freePort());
      servers.startRedis();
      return servers;
    } catch (IOException fault) {
      throw new UncheckedIOException("the local servers could not be started", fault);
    }
  }

  /**
   * A port of 127.0.0.1 on which nobody listens, that this program was not given before, and that
   * no outgoing connection uses: systems choose those above 20,000. It stays free until the process
   * for which it was chosen has started, so another call must not give it again.
   */
  public static int freePort() throws IOException {
    while (true) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (BindException taken) {
        // the next one
      }
    }
  }

  public String postgresUrl() {
    return postgres == null
        ? String.valueOf(given(POSTGRES))
        : postgres.getJdbcUrl("postgres", "postgres");
  }

  public String redisUrl() {
    String given = given(REDIS);
    return given != null ? given : "redis://127.0.0.1:" + redisPort;
  }

  /** Starts the Redis of this program; it begins empty, on the same port as ever. */
  public void startRedis() {
    if (given(REDIS) == null) {
      try {
        redis =
            RedisServer.newRedisServer()
                .port(redisPort)
                .setting("bind 127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        redis.start();
      } catch (IOException fault) {
        throw new UncheckedIOException("Redis could not be started", fault);
      }
    }
  }

  /** Ends the Redis of this program without a warning, and with all that it knew. */
  public void killRedis() {
    if (redis == null) {
      throw new IllegalStateException("only a Redis that this program started can be killed by it");
    }
    try {
      redis.stop();
    } catch (IOException fault) {
      throw new UncheckedIOException("Redis could not be killed", fault);
    }
    redis = null;
  }

  @Override
  public void close() {
    try {
      if (redis != null) {
        redis.stop();
      }
      if (postgres != null) {
        postgres.close();
      }
    } catch (IOException fault) {
      throw new UncheckedIOException("the local servers could not be stopped", fault);
    }
  }
}
