package chat.engine.postgres.connection;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source for migrations. Its connections wait for an answer for as long as it takes,
 * whatever socket time-out the data source below has: a migration may work on a large table for
 * many minutes. A connection has its own time-out again when it is closed. And Flyway cannot change
 * the search path of a session, which behind a pooler in transaction mode would stay changed for
 * others. Thread-safe.
 */
public final class PatientDataSource {
  private static final String SET_SEARCH_PATH = "SELECT set_config('search_path', ?, false)";
  private static final String NOT_FOR_THE_SESSION = "SELECT set_config('search_path', ?, true)";

  private PatientDataSource() {}

  public static DataSource of(DataSource dataSource) {
    return proxy(
        DataSource.class,
        (self, method, arguments) -> {
          Object result = call(dataSource, method, arguments);
          return result instanceof Connection connection ? patient(connection) : result;
        });
  }

  private static Connection patient(Connection connection) throws Exception {
    int timeout = connection.getNetworkTimeout();
    connection.setNetworkTimeout(Runnable::run, 0);
    return proxy(
        Connection.class,
        (self, method, arguments) -> {
          if (method.getName().equals("close") && !connection.isClosed()) {
            connection.setNetworkTimeout(Runnable::run, timeout);
          }
          if (arguments != null && arguments.length > 0 && SET_SEARCH_PATH.equals(arguments[0])) {
            arguments[0] = NOT_FOR_THE_SESSION;
          }
          return call(connection, method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            PatientDataSource.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object call(Object on, Method method, @Nullable Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException fault) {
      throw fault.getCause();
    }
  }
}
