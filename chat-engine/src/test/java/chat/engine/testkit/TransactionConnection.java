package chat.engine.testkit;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.StoreUnavailableException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose commit stores what chat did in its transaction too, over a connection of the
 * application or over none. Where commits fail, they fail with the SQLSTATEs of PostgreSQL. Not
 * thread-safe, as connections are.
 */
final class TransactionConnection implements InvocationHandler {
  private static final String IN_FAILED_TRANSACTION = "25P02";
  private static final String SERIALIZATION_FAILURE = "40001";
  private static final String CONNECTION_DOES_NOT_EXIST = "08003";
  private static final String CONNECTION_FAILURE = "08006";
  private static final String OUTCOME_UNKNOWN = "08007";
  private static final String NO_ACTIVE_TRANSACTION = "25P01";

  /** Finds the way back from a connection that the engine is given. */
  private interface Marked extends Connection {
    TransactionConnection marked();
  }

  private final @Nullable Connection database;
  private final Set<ActiveFaults> faults = new LinkedHashSet<>();
  private final ActiveFaults common;
  private boolean autoCommit;
  private boolean closed;
  private @Nullable OpenTransaction chat;

  private TransactionConnection(
      ActiveFaults common, @Nullable Connection database, boolean autoCommit) {
    this.common = common;
    this.database = database;
    this.autoCommit = autoCommit;
    faults.add(common);
  }

  /** A connection without a database, in a transaction. */
  static Connection withoutDatabase(ActiveFaults common) {
    return proxy(new TransactionConnection(common, null, false));
  }

  /** Over a connection of the application, with its auto-commit mode. */
  static Connection over(Connection database, ActiveFaults common) throws SQLException {
    return proxy(new TransactionConnection(common, database, database.getAutoCommit()));
  }

  private static Connection proxy(TransactionConnection handler) {
    return (Connection)
        Proxy.newProxyInstance(
            TransactionConnection.class.getClassLoader(), new Class<?>[] {Marked.class}, handler);
  }

  /**
   * @param connection of the kit, or one that wraps such a connection
   * @throws IllegalStateException if it is none
   */
  static TransactionConnection of(Connection connection) {
    try {
      if (connection instanceof Marked marked) {
        return marked.marked();
      }
      if (connection.isWrapperFor(Marked.class)) {
        return connection.unwrap(Marked.class).marked();
      }
    } catch (SQLException broken) {
      throw new StoreUnavailableException("the connection is broken", broken);
    }
    throw new IllegalStateException(
        "an engine of TestChat takes part in transactions on connections of TestChat.begin() or"
            + " TestChat.dataSource(...) only, not on "
            + connection);
  }

  /** Takes part in the transaction that is open. */
  StoreTransaction join(SharedStore store, List<ActiveFaults> faultsOfNode) {
    if (chat == null) {
      StoreTransaction work = store.messages().join(proxy(this), Duration.ZERO);
      chat = new OpenTransaction(store, work);
    }
    faults.addAll(faultsOfNode);
    return new JoinedTransaction(chat, faultsOfNode);
  }

  // ---- as a connection

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    Object first = arguments == null || arguments.length == 0 ? null : arguments[0];
    switch (method.getName()) {
      case "marked":
        return this;
      case "hashCode":
        return System.identityHashCode(proxy);
      case "equals":
        return proxy == first;
      case "toString":
        return "connection of TestChat" + (database == null ? "" : " over " + database);
      case "isWrapperFor":
        return first instanceof Class<?> type
            && (type.isInstance(proxy) || (database != null && database.isWrapperFor(type)));
      case "unwrap":
        if (first instanceof Class<?> type && type.isInstance(proxy)) {
          return proxy;
        }
        return onDatabase(method, arguments);
      case "close":
        close();
        return null;
      case "isClosed":
        return closed;
      case "isValid":
        return !closed && (database == null || (boolean) onDatabase(method, arguments));
      default:
        requireOpen();
        return invokeOpen(method, arguments, first);
    }
  }

  private @Nullable Object invokeOpen(
      Method method, Object @Nullable [] arguments, @Nullable Object first) throws Throwable {
    switch (method.getName()) {
      case "getAutoCommit":
        return autoCommit;
      case "setAutoCommit":
        setAutoCommit(Boolean.TRUE.equals(first));
        return null;
      case "commit":
        commit();
        return null;
      case "rollback":
        if (first == null) {
          rollback();
          return null;
        }
        throw new SQLFeatureNotSupportedException("chat cannot be rolled back to a savepoint");
      case "setSavepoint":
        throw new SQLFeatureNotSupportedException("chat cannot be rolled back to a savepoint");
      default:
        return onDatabase(method, arguments);
    }
  }

  private Object onDatabase(Method method, Object @Nullable [] arguments) throws Throwable {
    if (database != null) {
      try {
        return method.invoke(database, arguments);
      } catch (InvocationTargetException fault) {
        throw fault.getTargetException();
      }
    }
    throw new SQLFeatureNotSupportedException(
        method.getName()
            + ": there is no database behind this connection; give a connection of yours to"
            + " TestChat.begin(connection)");
  }

  private void requireOpen() throws SQLException {
    if (closed) {
      throw new SQLException("the connection is closed or broken", CONNECTION_DOES_NOT_EXIST);
    }
  }

  private void setAutoCommit(boolean wanted) throws SQLException {
    if (wanted && !autoCommit) {
      commit();
    }
    if (database != null) {
      database.setAutoCommit(wanted);
    }
    autoCommit = wanted;
  }

  private void commit() throws SQLException {
    if (autoCommit) {
      throw new SQLException("no commit in auto-commit mode", NO_ACTIVE_TRANSACTION);
    }
    if (chat != null && chat.hasFailed()) {
      rollback();
      throw new SQLException(
          "a call of chat failed in the transaction, which was rolled back", IN_FAILED_TRANSACTION);
    }
    try {
      ActiveFaults.call(new ArrayList<>(faults), StoreCall.COMMIT, this::commitAll);
      end();
    } catch (StoreBusyException busy) {
      rollback();
      throw new SQLException(
          "repeat the transaction: " + busy.getMessage(), SERIALIZATION_FAILURE, busy);
    } catch (StoreUnavailableException away) {
      throw broken(away, CONNECTION_FAILURE);
    } catch (StoreInDoubtException doubt) {
      throw broken(doubt, OUTCOME_UNKNOWN);
    }
  }

  private boolean commitAll() throws SQLException {
    try {
      if (database != null) {
        database.commit();
      }
    } catch (SQLException refused) {
      end();
      throw refused;
    }
    if (chat != null) {
      chat.commit();
    }
    return true;
  }

  /** What was not committed is rolled back, and the connection cannot be used any more. */
  private SQLException broken(RuntimeException cause, String state) {
    SQLException fault = new SQLException(cause.getMessage(), state, cause);
    try {
      close();
    } catch (SQLException alsoFailed) {
      fault.addSuppressed(alsoFailed);
    }
    return fault;
  }

  private void rollback() throws SQLException {
    end();
    if (database != null) {
      database.rollback();
    }
  }

  /** Of what chat did, what was not committed is void. */
  private void end() {
    if (chat != null) {
      chat.rollback();
      chat = null;
    }
    faults.clear();
    faults.add(common);
  }

  private void close() throws SQLException {
    if (closed) {
      return;
    }
    try {
      if (!autoCommit) {
        rollback();
      }
    } finally {
      closed = true;
      if (database != null) {
        database.close();
      }
    }
  }
}
