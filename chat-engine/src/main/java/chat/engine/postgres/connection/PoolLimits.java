package chat.engine.postgres.connection;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.sql.DataSource;

/**
 * How many connections a data source gives at most, as far as pools tell (HikariCP, Commons DBCP,
 * Tomcat, c3p0 and Druid by a property, Agroal by its configuration), and how long it lets a caller
 * wait for one (HikariCP). Stateless.
 */
public final class PoolLimits {
  private static final List<String> PROPERTIES =
      List.of("getMaximumPoolSize", "getMaxTotal", "getMaxPoolSize", "getMaxActive");

  /** What a data source without that property has there. */
  private static final Object NONE = new Object();

  private PoolLimits() {}

  /** How long a caller waits for a connection; empty if it is unknown. */
  public static Optional<Duration> patience(DataSource dataSource) {
    return call(dataSource, "getConnectionTimeout") instanceof Long millis
        ? Optional.of(Duration.ofMillis(millis))
        : Optional.empty();
  }

  /** Empty if it is unknown, or without a limit. */
  public static OptionalInt size(DataSource dataSource) {
    for (String property : PROPERTIES) {
      if (call(dataSource, property) instanceof Integer size) {
        return size > 0 ? OptionalInt.of(size) : OptionalInt.empty();
      }
    }
    Object agroal =
        call(call(call(dataSource, "getConfiguration"), "connectionPoolConfiguration"), "maxSize");
    return agroal instanceof Integer size ? OptionalInt.of(size) : OptionalInt.empty();
  }

  private static Object call(Object on, String getter) {
    if (on == NONE) {
      return NONE;
    }
    try {
      Method method = on.getClass().getMethod(getter);
      Object value = method.invoke(on);
      return value == null ? NONE : value;
    } catch (ReflectiveOperationException | RuntimeException notThisWay) {
      return NONE;
    }
  }
}
