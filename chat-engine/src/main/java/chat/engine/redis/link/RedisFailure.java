package chat.engine.redis.link;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Redis could not be reached, or refused a command. The message is the cause in the words of Redis
 * or of the network.
 */
public final class RedisFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What a failure is about, and so what helps against it. */
  public enum Kind {
    /** The network, or a server that does not answer: connect again. */
    UNREACHABLE,
    /** This server, which is none to write to: leave it, and find the one that is. */
    WRONG_SERVER,
    /** The command at this time, or this user or key: try again later. */
    REFUSED,
    /** A key that holds something else than it should: delete it. */
    WRONG_TYPE
  }

  /** The code of all that the network can do: one cause, in whatever words. */
  private static final String UNREACHABLE = "unreachable";

  private static final Set<String> ABOUT_THE_SERVER = Set.of("READONLY", "MASTERDOWN", "LOADING");

  private final Kind kind;
  private final String code;

  private RedisFailure(Kind kind, String code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.code = code;
  }

  public static RedisFailure refused(String message) {
    return new RedisFailure(Kind.REFUSED, firstWord(message), message, null);
  }

  public static RedisFailure unreachable(String message) {
    return new RedisFailure(Kind.UNREACHABLE, UNREACHABLE, message, null);
  }

  /** The same, of a server at the given address. */
  public RedisFailure at(Object address) {
    return kind == Kind.UNREACHABLE
        ? new RedisFailure(kind, code, getMessage() + " (" + address + ")", getCause())
        : this;
  }

  public static RedisFailure of(JedisException fault) {
    Throwable telling = telling(fault);
    String message = messageOf(telling);
    if (telling instanceof JedisDataException) {
      String code = firstWord(message);
      Kind kind =
          ABOUT_THE_SERVER.contains(code)
              ? Kind.WRONG_SERVER
              : code.equals("WRONGTYPE") ? Kind.WRONG_TYPE : Kind.REFUSED;
      return new RedisFailure(kind, code, message, fault);
    }
    return new RedisFailure(Kind.UNREACHABLE, UNREACHABLE, message, fault);
  }

  /**
   * The part of a chain of exceptions that says what happened: an answer of Redis, or else the
   * innermost cause. Jedis wraps it in others that only say that there is no connection.
   */
  private static Throwable telling(Throwable fault) {
    Throwable at = fault;
    while (!(at instanceof JedisDataException)) {
      Throwable inner = at.getCause();
      if (inner == null && at.getSuppressed().length > 0 && isWrapper(at)) {
        inner = at.getSuppressed()[0];
      }
      if (inner == null || inner == at) {
        return at;
      }
      at = inner;
    }
    return at;
  }

  private static boolean isWrapper(Throwable fault) {
    return fault instanceof JedisConnectionException
        || fault instanceof JedisClusterOperationException;
  }

  private static String messageOf(Throwable fault) {
    String text = fault.getMessage();
    return fault instanceof JedisException && text != null
        ? text
        : fault.getClass().getSimpleName() + (text == null ? "" : ": " + text);
  }

  private static String firstWord(String message) {
    int end = message.indexOf(' ');
    return end < 0 ? message : message.substring(0, end);
  }

  public Kind kind() {
    return kind;
  }

  /** Equal for failures with the same cause, such as {@code OOM} or {@code NOPERM}. */
  public String code() {
    return code;
  }
}
