package chat.server.json;

import chat.engine.ChatException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Tells a database that is away from one that objects, and to what. */
public final class DatabaseFaults {
  /**
   * Beginnings of SQLSTATEs. 08: the connection broke; 53: no disk, memory or connections left; 57P
   * and 57014: the server shuts down, starts, or cancelled the statement; 58: a fault of its
   * system; 25006: it only reads.
   */
  private static final List<String> AWAY = List.of("08", "53", "57P", "57014", "58", "25006");

  static final String AWAY_NOW = "the database cannot be reached now";

  private static final String CHARACTER_NOT_IN_REPERTOIRE = "22021";

  private DatabaseFaults() {}

  /**
   * Answers a question of the engine from the database. If that is away the engine is told so: it
   * takes everything else for a fault of the program.
   */
  public static <T> T forEngine(Supplier<T> answer) {
    try {
      return answer.get();
    } catch (JdbiException fault) {
      if (isUnavailable(fault)) {
        throw ChatException.unavailable(AWAY_NOW, fault);
      }
      throw fault;
    }
  }

  /**
   * An error without an SQLSTATE is none of PostgreSQL and its driver: it comes from the pool,
   * which is closed, or whose caller was interrupted because the server stops.
   */
  static boolean isUnavailable(Throwable fault) {
    boolean ofPool = false;
    for (@Nullable Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException) {
        return true; // the pool has no connection to give
      }
      if (cause instanceof SQLException sql) {
        String state = sql.getSQLState();
        if (state != null) {
          return AWAY.stream().anyMatch(state::startsWith);
        }
        ofPool = true;
      }
    }
    return ofPool;
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
