package chat.engine.spi;

import java.sql.Connection;
import java.time.Duration;

/**
 * Optional part of a {@link MessageStore} that takes part in transactions of the application: what
 * is done there is stored together with the application's own rows, or not at all.
 */
public interface TransactionalStore {
  /**
   * Takes part in the transaction that is open on a connection. Does not touch the connection yet.
   *
   * @param transaction with auto-commit off, on the database of the store if it has one
   * @param idleLimit for how long the transaction may stand idle between two statements, once it
   *     has locked something, before it is ended, so that a process that hangs does not keep a
   *     conversation; a lower limit that is in force stays
   */
  StoreTransaction join(Connection transaction, Duration idleLimit);
}
