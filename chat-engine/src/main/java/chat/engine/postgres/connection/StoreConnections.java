package chat.engine.postgres.connection;

import java.lang.reflect.InvocationHandler;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections of the application's data source, as the store needs them, whatever the pool has set:
 * they commit by themselves until a transaction begins, may write, and know the schema of the
 * tables. When they are closed they are as they were. All of that is done in the driver and costs
 * no round trip. The isolation level is set by each transaction for itself; see {@link
 * Transactions}.
 *
 * <p>Thread-safe.
 */
public final class StoreConnections {
  /** A connection from {@link #of}. */
  private interface Taken extends Connection {
    Connection given();
  }

  private StoreConnections() {}

  /**
   * @param schema null if no statement names a table without its schema
   */
  public static DataSource of(DataSource dataSource, @Nullable SchemaName schema) {
    return SchemaName.proxy(
        DataSource.class,
        (self, method, arguments) -> {
          Object result = SchemaName.invoke(dataSource, method, arguments);
          return result instanceof Connection connection ? taken(connection, schema) : result;
        });
  }

  private static Connection taken(Connection connection, @Nullable SchemaName schema)
      throws SQLException {
    Modes before;
    try {
      before = Modes.of(connection);
      new Modes(true, false).set(connection);
    } catch (SQLException | RuntimeException fault) {
      connection.close();
      throw fault;
    }
    InvocationHandler handler =
        (self, method, arguments) -> {
          if (method.getDeclaringClass() == Taken.class) {
            return connection;
          }
          if (method.getName().equals("close") && !connection.isClosed()) {
            giveBack(connection, before);
            return null;
          }
          return schema == null
              ? SchemaName.invoke(connection, method, arguments)
              : schema.call(connection, method, arguments);
        };
    return SchemaName.proxy(Taken.class, handler);
  }

  /**
   * The connection as the data source gave it, for statements of the application: tables of the
   * application may have any name.
   */
  public static Connection given(Connection connection) {
    return connection instanceof Taken taken ? taken.given() : connection;
  }

  private static void giveBack(Connection connection, Modes before) throws SQLException {
    try (connection) {
      before.set(connection);
    } catch (SQLException | RuntimeException broken) {
      connection.close(); // the pool finds out by itself
    }
  }

  /** What a pool may have set for its connections. */
  private record Modes(boolean autoCommit, boolean readOnly) {
    static Modes of(Connection connection) throws SQLException {
      return new Modes(connection.getAutoCommit(), connection.isReadOnly());
    }

    void set(Connection connection) throws SQLException {
      if (connection.getAutoCommit() != autoCommit) {
        connection.setAutoCommit(autoCommit);
      }
      if (connection.isReadOnly() != readOnly) {
        connection.setReadOnly(readOnly);
      }
    }
  }
}
