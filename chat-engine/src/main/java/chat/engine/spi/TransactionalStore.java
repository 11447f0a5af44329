package chat.engine.spi;

import java.sql.Connection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Optional part of a {@link MessageStore} that takes part in transactions of the application: what
 * is done there is stored together with the application's own rows, or not at all.
 */
public interface TransactionalStore {
  /**
   * Takes part in the transaction that is open on a connection. Executes nothing yet.
   *
   * @param transaction with auto-commit off, on the database of the store if it has one
   * @param idleLimit how long the transaction may be idle between two statements, once it has
   *     locked something, before it is ended, so that a process that hangs does not keep a
   *     conversation; a lower limit that is in force stays
   * @throws IllegalStateException if the store cannot write in this transaction
   * @throws StoreUnavailableException if the connection is broken
   */
  StoreTransaction join(Connection transaction, Duration idleLimit);

  /**
   * Runs work in a transaction of the store, which commits when the work returns, and is rolled
   * back when it throws. A statement sees what was committed before it began. Errors as for {@link
   * MessageStore}; the work may be repeated as a whole if the transaction lost against another one.
   *
   * @param limit how long a statement may run, and how long the transaction may be idle between
   *     two, before it is ended
   * @return what the work returned
   */
  <T> T transact(Duration limit, Work<T> work);

  /** What is done in a transaction of the store. */
  @FunctionalInterface
  interface Work<T> {
    /**
     * @param connection of the transaction, for statements of the application; null if the store
     *     has none. If it is aborted, the work must throw
     */
    T run(StoreTransaction transaction, @Nullable Connection connection);
  }
}
