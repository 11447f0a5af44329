package chat.engine.postgres.router.link;

import chat.engine.postgres.connection.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A connection that the router keeps. Each statement is a transaction. It waits at most {@link
 * #STATEMENT} for PostgreSQL, and at most {@link #TIMEOUT} for the network. Thread-safe: one call
 * at a time, in the order in which they came.
 */
public final class Link implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(2);
  static final Duration STATEMENT = Duration.ofMillis(1_500);

  /**
   * What a session needs. The tables are unlogged, but a statement may still write WAL that nobody
   * needs to wait for. Tables that grow from nothing have no statistics, and are to be read by
   * their indexes all the same. A server must give up a node that takes nothing, because
   * notifications are kept until all listeners have got them.
   */
  private static final String[] SETTINGS = {
    "statement_timeout", Long.toString(STATEMENT.toMillis()),
    "lock_timeout", "1000",
    "idle_session_timeout", "0",
    "synchronous_commit", "off",
    "enable_seqscan", "off",
    "jit", "off",
    "tcp_user_timeout", "10000",
    "tcp_keepalives_idle", "5",
    "tcp_keepalives_interval", "2",
    "tcp_keepalives_count", "3"
  };

  /** Work on the connection. */
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** How the connection was before. */
  private record Loan(
      boolean autoCommit,
      boolean readOnly,
      int isolation,
      int networkTimeout,
      List<String[]> settings) {}

  private final Connection connection;
  private final PGConnection driver;
  private final Loan loan;
  private final ReentrantLock lock = new ReentrantLock(true);
  private volatile boolean aborted;

  /** What it was aborted for, if a call found it broken. */
  private volatile @Nullable LinkFailure why;

  private Link(Connection connection, PGConnection driver, Loan loan) {
    this.connection = connection;
    this.driver = driver;
    this.loan = loan;
  }

  /**
   * Takes a connection; blocks as long as the data source does.
   *
   * @param schema of the tables; null for what the search path finds
   */
  public static Link open(DataSource dataSource, @Nullable SchemaName schema) {
    try {
      Connection connection = dataSource.getConnection();
      try {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(true);
        boolean readOnly = connection.isReadOnly();
        connection.setReadOnly(false);
        int networkTimeout = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, (int) TIMEOUT.toMillis());
        int isolation = connection.getTransactionIsolation();
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        PGConnection driver = connection.unwrap(PGConnection.class);
        List<String[]> before = set(connection, SETTINGS);
        if (schema != null) {
          before.addAll(set(connection, "search_path", schema.quoted()));
        }
        return new Link(
            connection, driver, new Loan(autoCommit, readOnly, isolation, networkTimeout, before));
      } catch (SQLException | RuntimeException fault) {
        abort(connection);
        throw fault;
      }
    } catch (SQLException fault) {
      throw LinkFailure.of(fault);
    }
  }

  /**
   * @return the values before, with their names
   */
  private static List<String[]> set(Connection connection, String... namesAndValues)
      throws SQLException {
    List<String[]> before = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT current_setting(?), set_config(?, ?, false)")) {
      for (int i = 0; i < namesAndValues.length; i += 2) {
        statement.setString(1, namesAndValues[i]);
        statement.setString(2, namesAndValues[i]);
        statement.setString(3, namesAndValues[i + 1]);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          before.add(new String[] {namesAndValues[i], row.getString(1)});
        }
      }
    }
    return before;
  }

  /**
   * @throws LinkFailure if it did not go through
   */
  public <T> T call(Work<T> work) {
    lock.lock();
    try {
      if (aborted) {
        throw LinkFailure.givenUp(why);
      }
      return work.on(connection);
    } catch (SQLException fault) {
      LinkFailure failure = LinkFailure.of(fault);
      if (failure.isBroken()) {
        why = aborted ? why : failure;
        abort();
      }
      throw failure;
    } finally {
      lock.unlock();
    }
  }

  public void execute(String sql) {
    call(
        on -> {
          try (Statement statement = on.createStatement()) {
            return statement.execute(sql);
          }
        });
  }

  /** Payloads of notifications, as they come; waits for the first. */
  public List<String> notifications(Duration atMost) {
    int millis = (int) Math.max(1, atMost.toMillis()); // 0 would mean for ever
    return call(
        on -> {
          PGNotification[] received = driver.getNotifications(millis);
          List<String> payloads = new ArrayList<>(received == null ? 0 : received.length);
          if (received != null) {
            for (PGNotification notification : received) {
              payloads.add(notification.getParameter());
            }
          }
          return payloads;
        });
  }

  /** Breaks the connection under whatever uses it. Does not wait. Idempotent. */
  public void abort() {
    aborted = true;
    abort(connection);
  }

  private static void abort(Connection connection) {
    try {
      connection.abort(Runnable::run);
      connection.close(); // a pool finds it broken, and makes another one
    } catch (SQLException | RuntimeException gone) {
      // It is broken, which is what was wanted.
    }
  }

  /** Gives the connection back as it was; breaks it if that does not work. */
  @Override
  public void close() {
    if (aborted) {
      return;
    }
    try {
      call(
          on -> {
            try (Statement statement = on.createStatement()) {
              statement.execute("UNLISTEN *");
            }
            driver.getNotifications(); // what nobody will read
            for (String[] setting : loan.settings()) {
              set(on, setting);
            }
            on.setTransactionIsolation(loan.isolation());
            on.setReadOnly(loan.readOnly());
            on.setAutoCommit(loan.autoCommit());
            on.setNetworkTimeout(Runnable::run, loan.networkTimeout());
            aborted = true; // not ours any more
            on.close();
            return true;
          });
    } catch (LinkFailure gone) {
      abort();
    }
  }
}
