package chat.server.json;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away from one that objects. */
final class DatabaseFaults {
  private DatabaseFaults() {}

  static boolean isUnavailable(Throwable fault) {
    for (@Nullable Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException) {
        return true; // the pool has no connection to give
      }
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        // class 08: connection exceptions; 57P: the server shuts down or starts
        return sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57P");
      }
    }
    return false;
  }
}
