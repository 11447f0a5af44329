package chat.engine.postgres.connection;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A data source for migrations. Its connections wait for an answer for as long as it takes,
 * whatever socket time-out the data source below has: a migration may work on a large table for
 * many minutes. No statement is prepared on the server, where a pooler in transaction mode might
 * lose it. A connection is as it was when it is closed. And Flyway cannot change the search path of
 * a session, which behind such a pooler would stay changed for others. Thread-safe.
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
    int threshold = prepareThreshold(connection, 0);
    return proxy(
        Connection.class,
        (self, method, arguments) -> {
          if (method.getName().equals("close") && !connection.isClosed()) {
            connection.setNetworkTimeout(Runnable::run, timeout);
            prepareThreshold(connection, threshold);
          }
          if (arguments != null && arguments.length > 0 && SET_SEARCH_PATH.equals(arguments[0])) {
            arguments[0] = NOT_FOR_THE_SESSION;
          }
          return call(connection, method, arguments);
        });
  }

  /**
   * @return the value before; as given where the driver is another one
   */
  private static int prepareThreshold(Connection connection, int threshold) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return threshold;
    }
    PGConnection driver = connection.unwrap(PGConnection.class);
    int before = driver.getPrepareThreshold();
    driver.setPrepareThreshold(threshold);
    return before;
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
