package chat.engine.redis.link;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * What an address of Redis says: where, whether with TLS, as whom, and which database. Its text has
 * no password. Immutable.
 */
public final class ServerUri {
  private static final int SENTINEL_PORT = 26_379;

  private final HostAndPort address;
  private final boolean tls;
  private final @Nullable String user;
  private final @Nullable String password;
  private final int database;

  private ServerUri(HostAndPort address, URI uri) {
    this.address = address;
    this.tls = JedisURIHelper.isRedisSSLScheme(uri);
    this.user = JedisURIHelper.getUser(uri);
    this.password = JedisURIHelper.getPassword(uri);
    this.database = JedisURIHelper.getDBIndex(uri);
  }

  /** Such as {@code redis://host:6379} or {@code rediss://user:password@host:6379/0}. */
  public static ServerUri parse(String text) {
    URI uri = uri(text);
    if (!JedisURIHelper.isValid(uri) || !hasRedisScheme(uri)) {
      throw new IllegalArgumentException(
          "a Redis address looks like redis://host:6379 or rediss://user:password@host:6379/0");
    }
    return new ServerUri(JedisURIHelper.getHostAndPort(uri), uri);
  }

  /** As {@link #parse}, or just {@code host:port}, or just {@code host}. */
  public static ServerUri parseSentinel(String text) {
    URI uri = uri(text.contains("://") ? text : "redis://" + text);
    if (uri.getHost() == null || !hasRedisScheme(uri)) {
      throw new IllegalArgumentException(
          "a Sentinel's address looks like host:26379 or redis://user:password@host:26379");
    }
    int port = uri.getPort() < 0 ? SENTINEL_PORT : uri.getPort();
    return new ServerUri(new HostAndPort(uri.getHost(), port), uri);
  }

  /**
   * The name of a master that Sentinels know, or an address such as {@code
   * rediss://user:password@name/0} that has the name in the place of a host.
   */
  public static ServerUri parseMaster(String text) {
    URI uri = uri(text.contains("://") ? text : "redis://" + text);
    String authority = uri.getRawAuthority();
    if (authority == null || !hasRedisScheme(uri)) {
      throw new IllegalArgumentException(
          "a master is given by its name or as redis://user:password@name/0");
    }
    // A name may have characters that no host has.
    String name = authority.substring(authority.lastIndexOf('@') + 1);
    return new ServerUri(new HostAndPort(name, 0), uri);
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException malformed) {
      // Neither the address nor the cause goes into the message: it may hold a password.
      throw new IllegalArgumentException(
          "the address of Redis is no URI; in a password, characters such as @, /, %, # and : are"
              + " written as %40, %2F, %25, %23 and %3A");
    }
  }

  private static boolean hasRedisScheme(URI uri) {
    return JedisURIHelper.isRedisScheme(uri) || JedisURIHelper.isRedisSSLScheme(uri);
  }

  public HostAndPort address() {
    return address;
  }

  public JedisClientConfig config(int timeoutMillis) {
    return DefaultJedisClientConfig.builder()
        .user(user)
        .password(password)
        .database(database)
        .ssl(tls)
        .timeoutMillis(timeoutMillis)
        .build();
  }

  @Override
  public String toString() {
    return (tls ? "rediss://" : "redis://") + address;
  }
}
