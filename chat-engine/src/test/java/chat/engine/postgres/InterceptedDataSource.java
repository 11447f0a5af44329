package chat.engine.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;

/** A data source that tells a test of each statement before it is prepared. */
final class InterceptedDataSource {
  /** May wait, or throw what the statement, or {@link #END}, is to fail with. */
  interface Interceptor {
    void before(Connection connection, String sql) throws Exception;
  }

  /** May throw, and then there is no connection. */
  interface Opening {
    void before() throws Exception;
  }

  /** Told in the place of a statement when a transaction is over: back to autocommit. */
  static final String END = "autocommit on";

  private InterceptedDataSource() {}

  static DataSource of(DataSource dataSource, Interceptor interceptor) {
    return of(dataSource, interceptor, () -> {});
  }

  static DataSource of(DataSource dataSource, Interceptor interceptor, Opening opening) {
    return proxy(
        DataSource.class,
        (self, method, arguments) -> {
          if (method.getName().equals("getConnection")) {
            opening.before();
          }
          Object result = call(dataSource, method, arguments);
          return result instanceof Connection connection
              ? intercepted(connection, interceptor)
              : result;
        });
  }

  private static Connection intercepted(Connection connection, Interceptor interceptor) {
    return proxy(
        Connection.class,
        (self, method, arguments) -> {
          if (method.getName().equals("prepareStatement")) {
            interceptor.before(connection, (String) arguments[0]);
          } else if (method.getName().equals("setAutoCommit") && (boolean) arguments[0]) {
            interceptor.before(connection, END);
          }
          return call(connection, method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            InterceptedDataSource.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Object on, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException fault) {
      throw fault.getCause();
    }
  }
}
