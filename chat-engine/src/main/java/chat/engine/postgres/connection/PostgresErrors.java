package chat.engine.postgres.connection;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What an SQL error means for the caller of the store. By SQLSTATE, see PostgreSQL's documentation,
 * appendix A.
 */
public final class PostgresErrors {
  /**
   * Shut down, crashed, starting up, idle for too long, the statement cancelled, and read-only: a
   * standby that was promoted or demoted.
   */
  private static final Set<String> AWAY =
      Set.of("57P01", "57P02", "57P03", "57P05", "57014", "25006");

  /**
   * Connection exceptions; no disk, memory or connections left; faults of the server's system. None
   * of them is the fault of what was to be stored, and all pass.
   */
  private static final Set<String> AWAY_CLASSES = Set.of("08", "53", "58");

  private static final String IN_FAILED_TRANSACTION = "25P02";

  /**
   * Serialization failure, deadlock, and a transaction that stood idle for too long: because this
   * process stood still. All of them end the transaction before a COMMIT is looked at.
   */
  private static final Set<String> WORTH_ANOTHER_TRY = Set.of("40001", "40P01", "25P03");

  private static final String UNIQUE_VIOLATION = "23505";

  /** What Citus says for any error of an {@code INSERT ... SELECT} on another node. */
  private static final String INTERNAL_ERROR = "XX000";

  private static final String DUPLICATE_SCHEMA = "42P06";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** A prepared statement is there already, or is not there. */
  private static final Set<String> STATEMENT_LOST = Set.of("42P05", "26000");

  private PostgresErrors() {}

  /** Before the commit was sent: whatever happened, nothing was stored. */
  public static RuntimeException beforeCommit(Throwable fault) {
    if (fault instanceof StoreUnavailableException
        || fault instanceof StoreBusyException
        || fault instanceof StoreInDoubtException) {
      return (RuntimeException) fault;
    }
    SQLException sql = sqlException(fault);
    if (sql != null && isAway(sql)) {
      return new StoreUnavailableException("PostgreSQL is away: " + sql.getMessage(), fault);
    }
    if (isStatementLost(sql)) {
      return statementLost(fault);
    }
    if (isLockTimeout(fault)) {
      return new StoreBusyException(
          "another transaction holds what is to be changed: " + fault.getMessage(), fault);
    }
    return asRuntime(fault);
  }

  /**
   * While the commit was under way: a lost connection leaves it open, and so does a server that was
   * out of its depth.
   */
  public static RuntimeException duringCommit(Throwable fault) {
    SQLException sql = sqlException(fault);
    if (sql != null && isAway(sql)) {
      return new StoreInDoubtException(
          "PostgreSQL went away while committing: " + sql.getMessage(), fault);
    }
    // Said before the statement is executed, and so before the COMMIT behind it.
    return isStatementLost(sql) ? statementLost(fault) : asRuntime(fault);
  }

  private static boolean isStatementLost(@Nullable SQLException sql) {
    return sql != null && sql.getSQLState() != null && STATEMENT_LOST.contains(sql.getSQLState());
  }

  private static RuntimeException statementLost(Throwable fault) {
    return new StoreUnavailableException(
        "a pooler in transaction mode mixed up prepared statements; add prepareThreshold=0 to the"
            + " JDBC URL: "
            + rootMessage(fault),
        fault);
  }

  /** In a transaction that the caller's caller ends: nothing of it can be stored any more. */
  public static RuntimeException inTransactionOfAnother(SQLException fault) {
    if (isWorthAnotherTry(fault)) {
      return new StoreBusyException(
          "PostgreSQL asks to repeat the transaction: " + fault.getMessage(), fault);
    }
    if (isInFailedTransaction(fault)) {
      return new IllegalStateException("the transaction has failed before: roll it back", fault);
    }
    return beforeCommit(fault);
  }

  /** Whether PostgreSQL is not to be had, or not able to work at present. */
  public static boolean isAway(Throwable fault) {
    SQLException sql = sqlException(fault);
    return sql != null && isAway(sql);
  }

  /** The answer to any statement in a transaction that failed, and was not ended since. */
  public static boolean isInFailedTransaction(Throwable fault) {
    SQLException sql = sqlException(fault);
    return sql != null && IN_FAILED_TRANSACTION.equals(sql.getSQLState());
  }

  /** Whether the server is there but does not let this user into this database. */
  public static boolean isRefusal(Throwable fault) {
    SQLException sql = sqlException(fault);
    return sql != null
        && sql.getSQLState() != null
        && (sql.getSQLState().startsWith("28") || sql.getSQLState().equals("3D000"));
  }

  /** Whether the user lacks a right. */
  public static boolean isForbidden(Throwable fault) {
    SQLException sql = sqlException(fault);
    return sql != null && INSUFFICIENT_PRIVILEGE.equals(sql.getSQLState());
  }

  /** The answer to one who creates a schema that another created meanwhile. */
  public static boolean isThereAlready(SQLException fault) {
    return DUPLICATE_SCHEMA.equals(fault.getSQLState())
        || UNIQUE_VIOLATION.equals(fault.getSQLState());
  }

  public static String rootMessage(Throwable fault) {
    Throwable root = fault;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** What PostgreSQL said, with its SQLSTATE, on one line. */
  public static String reason(Throwable fault) {
    SQLException sql = sqlException(fault);
    String message = sql == null ? fault.getMessage() : sql.getMessage();
    return (sql == null || sql.getSQLState() == null ? "" : "SQL state " + sql.getSQLState() + ": ")
        + String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  public static boolean isWorthAnotherTry(Throwable fault) {
    SQLException sql = sqlException(fault);
    return sql != null
        && sql.getSQLState() != null
        && WORTH_ANOTHER_TRY.contains(sql.getSQLState());
  }

  public static boolean isLockTimeout(Throwable fault) {
    SQLException sql = sqlException(fault);
    return sql != null && LOCK_NOT_AVAILABLE.equals(sql.getSQLState());
  }

  /** Somebody else holds a lock, or the row is there already: a full append settles it. */
  public static boolean isCollision(Throwable fault) {
    SQLException sql = sqlException(fault);
    return isLockTimeout(fault)
        || isWorthAnotherTry(fault)
        || (sql != null
            && (UNIQUE_VIOLATION.equals(sql.getSQLState())
                || INTERNAL_ERROR.equals(sql.getSQLState())));
  }

  /**
   * Whether a pool had no connection to give, although connections could be made: it waited, and
   * nothing that a server or a network said is among the causes. Pools have no common error for
   * that: HikariCP throws a {@link SQLTransientConnectionException}, others a {@link
   * SQLTimeoutException}, or an error of their own around what their queue threw.
   */
  public static boolean isPoolExhausted(Throwable fault) {
    boolean waited = false;
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException
          || (cause instanceof SQLException sql && sql.getSQLState() != null)) {
        return false;
      }
      waited |=
          cause instanceof SQLTransientConnectionException
              || cause instanceof SQLTimeoutException
              || cause instanceof TimeoutException
              || cause instanceof NoSuchElementException
              || cause.getClass().getSimpleName().contains("PoolExhausted");
    }
    return waited;
  }

  private static boolean isAway(SQLException sql) {
    String state = sql.getSQLState();
    return sql instanceof SQLTransientConnectionException
        || (state != null
            && (AWAY.contains(state)
                || (state.length() == 5 && AWAY_CLASSES.contains(state.substring(0, 2)))));
  }

  private static @Nullable SQLException sqlException(Throwable fault) {
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }

  private static RuntimeException asRuntime(Throwable fault) {
    return fault instanceof RuntimeException runtime ? runtime : new IllegalStateException(fault);
  }
}
