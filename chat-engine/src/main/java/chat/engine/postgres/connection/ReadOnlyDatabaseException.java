package chat.engine.postgres.connection;

import chat.engine.spi.StoreUnavailableException;

/** The database answers, and takes no writes; it may later, as a standby that is promoted does. */
public final class ReadOnlyDatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private ReadOnlyDatabaseException() {
    super(
        "the database is read-only (a standby, or default_transaction_read_only is on), and chat"
            + " writes: give the address of the primary, for example with"
            + " targetServerType=primary");
  }

  /** What a store throws for it: this is the cause. */
  public static StoreUnavailableException unavailable() {
    ReadOnlyDatabaseException cause = new ReadOnlyDatabaseException();
    return new StoreUnavailableException(String.valueOf(cause.getMessage()), cause);
  }
}
