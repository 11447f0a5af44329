package chat.engine.postgres.connection;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source whose connections wait for an answer for as long as it takes, whatever socket
 * time-out the data source below has: a migration may work on a large table for many minutes. A
 * connection has its own time-out again when it is closed. Thread-safe.
 */
public final class PatientDataSource {
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
