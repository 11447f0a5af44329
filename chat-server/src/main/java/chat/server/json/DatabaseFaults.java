package chat.server.json;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away from one that objects, and to what. */
final class DatabaseFaults {
  private static final String CHARACTER_NOT_IN_REPERTOIRE = "22021";

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

  /** PostgreSQL's texts have every character but U+0000; only what a client sent can hold it. */
  static boolean isUnstorableText(Throwable fault) {
    for (@Nullable Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return CHARACTER_NOT_IN_REPERTOIRE.equals(sql.getSQLState());
      }
    }
    return false;
  }
}
