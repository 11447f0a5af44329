package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/**
 * Where tests get Redis. One server a JVM serves them all: an embedded one that starts at the first
 * call, or the server that the environment variable {@value #URL_VARIABLE} names. Tests keep apart
 * by prefixes of their keys and channels, and never flush it; one that wants to break its server
 * starts a {@link PrivateRedis}.
 *
 * <p>Thread-safe. The first call blocks until the server answers.
 */
public final class TestRedis {
  /** The URL ({@code redis://host:port}) of a server that the tests may write to. */
  public static final String URL_VARIABLE = "CHAT_TEST_REDIS_URL";

  private TestRedis() {}

  /** The address of the shared server. */
  public static URI sharedUri() {
    return SharedServer.URI;
  }

  /** Starts a server that belongs to the caller, who may kill, pause and flush it. */
  public static PrivateRedis startPrivate() {
    return startPrivate(List.of());
  }

  /**
   * As {@link #startPrivate()}.
   *
   * @param options more arguments of the server, such as {@code --maxmemory 4mb}
   */
  public static PrivateRedis startPrivate(List<String> options) {
    return PrivateRedis.start(EmbeddedBinary.PATH, options);
  }

  /**
   * Starts a Sentinel that belongs to the caller.
   *
   * @param master the name under which it knows the server
   */
  public static PrivateSentinel startSentinel(String master, PrivateRedis redis) {
    return PrivateSentinel.start(EmbeddedBinary.PATH, master, redis);
  }

  /** Makes the JVM start the shared server once, and only if a test asks for it. */
  private static final class SharedServer {
    static final URI URI = find();

    private static URI find() {
      String external = System.getenv(URL_VARIABLE);
      if (external != null && !external.isBlank()) {
        return java.net.URI.create(external);
      }
      return startPrivate().uri();
    }
  }

  /** Unpacks the server's program once a JVM. */
  private static final class EmbeddedBinary {
    static final Path PATH = unpack();

    private static Path unpack() {
      ServerDirectory directory = ServerDirectory.create("chat-test-redis-binary-");
      Runtime.getRuntime().addShutdownHook(new Thread(directory::delete, "chat-test-redis-binary"));
      try {
        return ExecutableProvider.newJarResourceProvider(directory.path().toFile()).get().toPath();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
