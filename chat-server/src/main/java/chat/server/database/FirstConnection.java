package chat.server.database;

import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether a database lets the server in before there is a pool, and says why it does not: a
 * wrong password is told at once, and a PostgreSQL that does not answer is given time to come up.
 * Stateless; blocks.
 */
final class FirstConnection {
  private static final String SECONDS = "2";
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final String NO_SUCH_DATABASE = "3D000";
  private static final String LOGIN_REFUSED = "28"; // a class of SQLSTATE
  private static final String NOT_REACHED = "08"; // a class, too

  private FirstConnection() {}

  /**
   * @param patience how long one that does not answer is asked again
   * @throws IOException if it cannot be used; the message says why, and which setting to look at
   */
  static void make(DatabaseAddress address, Duration patience) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("user", address.user());
    properties.setProperty("password", address.password());
    properties.setProperty("connectTimeout", SECONDS);
    properties.setProperty("loginTimeout", SECONDS);
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try (Connection connection = DriverManager.getConnection(address.jdbcUrl(), properties)) {
        return;
      } catch (SQLException fault) {
        if (!mayPass(fault) || System.nanoTime() - end >= 0) {
          throw failed(address, fault);
        }
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static boolean mayPass(SQLException fault) {
    String state = String.valueOf(fault.getSQLState());
    return !state.startsWith(LOGIN_REFUSED) && !state.equals(NO_SUCH_DATABASE);
  }

  /** In words for the operator. */
  static IOException failed(DatabaseAddress address, Throwable fault) {
    String state = sqlState(fault);
    String shown = address.shownUrl();
    String why = rootMessage(fault);
    String words;
    if (state.startsWith(LOGIN_REFUSED)) {
      words =
          "the database %s does not let %s in (%s); check --database-user and CHAT_DATABASE_PASSWORD"
              .formatted(shown, address.user(), why);
    } else if (state.equals(NO_SUCH_DATABASE)) {
      words =
          "the database %s does not exist (%s); create it, or check --database-url"
              .formatted(shown, why);
    } else if (state.isEmpty() || state.startsWith(NOT_REACHED)) {
      words =
          "the database %s cannot be reached (%s); check --database-url, and that PostgreSQL runs there"
              .formatted(shown, why);
    } else {
      words =
          "the database %s takes no connection at present (SQL state %s: %s)"
              .formatted(shown, state, why);
    }
    return new IOException(words, fault);
  }

  private static String sqlState(Throwable fault) {
    for (@Nullable Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return "";
  }

  private static String rootMessage(Throwable fault) {
    Throwable root = fault;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    boolean nameAlone = root instanceof UnknownHostException;
    return nameAlone ? "unknown host " + root.getMessage() : String.valueOf(root.getMessage());
  }
}
