package chat.engine.postgres.connection;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Runs work in transactions and tells apart how they fail: before the commit, when nothing was
 * stored, or in the middle of it, when nobody knows. Thread-safe.
 */
public final class Transactions {
  private static final int MAX_ATTEMPTS = 5;
  private static final Duration POLL = Duration.ofMillis(5);

  /**
   * What a pool may have set otherwise. Each transaction says it again, because a level that a
   * connection was told once stays with another client behind a pooler.
   */
  private static final String ISOLATION = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

  /**
   * The beginning of every transaction that locks: its isolation level, and for how long it may
   * stand idle between two statements before the server ends it, so that a node that vanishes in
   * the middle does not keep its locks.
   */
  public static final String BEGINNING =
      ISOLATION + "; SET LOCAL idle_in_transaction_session_timeout = 5000; ";

  private static final String LIMITS = BEGINNING + "SET LOCAL lock_timeout = 5000";

  /** Work on a connection; may throw what JDBC and Jdbi throw. */
  public interface Work<T> {
    T in(Handle handle) throws SQLException;
  }

  /** The last statement, with the COMMIT behind it. */
  public interface Last<T> {
    void commit(Handle handle, T result) throws SQLException;
  }

  private final Jdbi jdbi;

  /** Connections in use here. */
  private final AtomicInteger open = new AtomicInteger();

  /** When the database last did what it was asked, in nanoseconds. */
  private volatile long answered = System.nanoTime();

  public Transactions(DataSource dataSource) {
    this.jdbi = Jdbi.create(dataSource);
  }

  /** One transaction, repeated if it lost against another one. Read committed. */
  public <T> T write(Work<T> work) {
    return repeated(() -> writeOnce(work));
  }

  private static <T> T repeated(Supplier<T> attempted) {
    for (int attempt = 1; ; attempt++) {
      try {
        return attempted.get();
      } catch (RuntimeException fault) {
        if (attempt >= MAX_ATTEMPTS || !PostgresErrors.isWorthAnotherTry(fault)) {
          throw fault;
        }
      }
    }
  }

  /**
   * One transaction whose last statement carries the COMMIT with it, which saves a round trip.
   *
   * @param work all but the last statement; begins with {@link #BEGINNING}
   * @param last executes the last statement, and the COMMIT
   */
  public <T> T writeAndCommit(Work<T> work, Last<T> last) {
    try (Handle handle = open()) {
      T result;
      try {
        handle.getConnection().setAutoCommit(false);
        result = work.in(handle);
      } catch (SQLException | RuntimeException fault) {
        rollBack(handle, fault);
        throw PostgresErrors.beforeCommit(fault);
      }
      try {
        last.commit(handle, result);
      } catch (SQLException | RuntimeException fault) {
        boolean beforeCommit = PostgresErrors.isAway(fault) && neverCameToCommit(handle);
        rollBack(handle, fault);
        throw beforeCommit
            ? PostgresErrors.beforeCommit(fault)
            : PostgresErrors.duringCommit(fault);
      }
      leave(handle);
      return result;
    }
  }

  /**
   * Whether the last statement itself failed, so that the server skipped the COMMIT behind it and
   * still is in the failed transaction. After a COMMIT, good or bad, it would be in none.
   */
  private static boolean neverCameToCommit(Handle handle) {
    try (Statement statement = handle.getConnection().createStatement()) {
      statement.execute("SELECT 1");
      return false;
    } catch (SQLException | RuntimeException fault) {
      return PostgresErrors.isInFailedTransaction(fault);
    }
  }

  private <T> T writeOnce(Work<T> work) {
    try (Handle handle = open()) {
      T result;
      try {
        Connection connection = handle.getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          statement.execute(LIMITS);
        }
        result = work.in(handle);
      } catch (SQLException | RuntimeException fault) {
        rollBack(handle, fault);
        throw PostgresErrors.beforeCommit(fault);
      }
      try {
        handle.getConnection().commit();
      } catch (SQLException | RuntimeException fault) {
        rollBack(handle, fault);
        throw PostgresErrors.duringCommit(fault);
      }
      leave(handle);
      return result;
    }
  }

  /**
   * Statements that only read, each seeing what was committed before it began; repeated if they
   * lost against a transaction, as they can where a pool asks for serializable ones.
   */
  public <T> T read(Work<T> work) {
    return repeated(() -> readOnce(work));
  }

  private <T> T readOnce(Work<T> work) {
    try (Handle handle = open()) {
      T result = work.in(handle);
      answered = System.nanoTime();
      return result;
    } catch (SQLException | RuntimeException fault) {
      throw PostgresErrors.beforeCommit(fault);
    }
  }

  /**
   * As {@link #read}, for results that are too large to be held in memory: with a fetch size they
   * are read page by page.
   */
  public <T> T readInPages(Work<T> work) {
    try (Handle handle = open()) {
      try {
        handle.getConnection().setAutoCommit(false);
        try (Statement statement = handle.getConnection().createStatement()) {
          statement.execute(ISOLATION);
        }
        T result = work.in(handle);
        handle.getConnection().commit();
        leave(handle);
        return result;
      } catch (SQLException | RuntimeException fault) {
        rollBack(handle, fault);
        throw PostgresErrors.beforeCommit(fault);
      }
    }
  }

  /**
   * Waits until no connection is in use here, but not for longer than told.
   *
   * @return whether it came to that
   */
  public boolean awaitIdle(Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    while (open.get() > 0) {
      if (System.nanoTime() - end >= 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  private Handle open() {
    long begun = System.nanoTime();
    try {
      Handle handle = jdbi.open();
      open.incrementAndGet();
      handle.addCleanable(open::decrementAndGet);
      return handle;
    } catch (RuntimeException fault) {
      if (PostgresErrors.isPoolExhausted(fault) && databaseWorks(begun)) {
        throw new StoreBusyException(
            "no connection from the pool within %d ms; the pool is exhausted: %s"
                .formatted(
                    (System.nanoTime() - begun) / 1_000_000, PostgresErrors.rootMessage(fault)),
            fault);
      }
      throw new StoreUnavailableException(
          "no connection to PostgreSQL: " + PostgresErrors.rootMessage(fault), fault);
    }
  }

  /**
   * Whether the database works, as far as is known, though the pool has nothing to give: all
   * connections are in the hands of others, or one that was in use here was answered since.
   */
  private boolean databaseWorks(long since) {
    return open.get() == 0 || answered - since > 0;
  }

  private static void rollBack(Handle handle, Throwable fault) {
    try {
      handle.getConnection().rollback();
      handle.getConnection().setAutoCommit(true);
    } catch (SQLException | RuntimeException broken) {
      fault.addSuppressed(broken); // the pool will find the connection broken
    }
  }

  private void leave(Handle handle) {
    answered = System.nanoTime();
    try {
      handle.getConnection().setAutoCommit(true);
    } catch (SQLException committedAllTheSame) {
      // The pool finds out by itself; the transaction is over.
    }
  }
}
