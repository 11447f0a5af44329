package chat.engine.redis.link;

import org.jspecify.annotations.Nullable;

/**
 * Refuses a Jedis that is too old, in one sentence: frameworks manage its version, also down, and
 * the links would fail with a {@link NoClassDefFoundError} at their first use. Stateless.
 */
public final class JedisVersion {
  private static final String NEEDED = "redis.clients.jedis.RedisClient";
  private static final String ALWAYS_THERE = "redis.clients.jedis.Protocol";

  private JedisVersion() {}

  /**
   * Call it before any other class of this package is used.
   *
   * @throws IllegalStateException if Jedis is missing, or older than 7.2
   */
  public static void requireSupported() {
    if (find(NEEDED) != null) {
      return;
    }
    Class<?> old = find(ALWAYS_THERE);
    throw new IllegalStateException(
        "RedisRouter and RedisMachineIdLeases need Jedis 7.2 or newer, but "
            + (old == null ? "there is no Jedis" : "Jedis is " + version(old) + " here")
            + " (no class "
            + NEEDED
            + "): set the version of redis.clients:jedis, with Spring Boot the property"
            + " jedis.version");
  }

  private static String version(Class<?> ofJedis) {
    String version = ofJedis.getPackage().getImplementationVersion();
    return version == null ? "older" : version;
  }

  private static @Nullable Class<?> find(String name) {
    try {
      return Class.forName(name, false, JedisVersion.class.getClassLoader());
    } catch (ClassNotFoundException missing) {
      return null;
    }
  }
}
