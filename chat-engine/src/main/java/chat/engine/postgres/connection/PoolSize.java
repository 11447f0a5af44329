package chat.engine.postgres.connection;

import java.lang.reflect.Method;
import java.util.List;
import java.util.OptionalInt;
import javax.sql.DataSource;

/**
 * How many connections a data source gives at most, as far as pools tell: HikariCP, Commons DBCP,
 * Tomcat, c3p0 and Druid by a property, Agroal by its configuration. Stateless.
 */
public final class PoolSize {
  private static final List<String> PROPERTIES =
      List.of("getMaximumPoolSize", "getMaxTotal", "getMaxPoolSize", "getMaxActive");

  /** What a data source without that property has there. */
  private static final Object NONE = new Object();

  private PoolSize() {}

  /** Empty if it is unknown, or without a limit. */
  public static OptionalInt of(DataSource dataSource) {
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
