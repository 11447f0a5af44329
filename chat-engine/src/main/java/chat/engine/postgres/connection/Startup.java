package chat.engine.postgres.connection;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats what has to be done once at the start, for as long as connections break or cannot be had:
 * a database that restarts, or one connection that breaks, must not end a process that starts at
 * that moment. Stateless; blocks.
 */
public final class Startup {
  private static final Logger log = LoggerFactory.getLogger(Startup.class);
  private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();

  private Startup() {}

  /**
   * @param patience for how long to repeat it
   * @throws StoreUnavailableException with the address, and what to do, if that was not enough
   */
  public static <T> T run(DatabaseLocation location, Duration patience, Supplier<T> attempt) {
    long end = System.nanoTime() + patience.toNanos();
    boolean told = false;
    while (true) {
      try {
        return attempt.get();
      } catch (RuntimeException fault) {
        if (PostgresErrors.isRefusal(fault)) {
          throw new StoreUnavailableException(
              "%s refuses the connection: %s. Check that the database exists and that the user and the password are right"
                  .formatted(location.text(), PostgresErrors.rootMessage(fault)),
              fault);
        }
        if (!isWorthWaiting(fault)) {
          throw fault;
        }
        if (System.nanoTime() - end >= 0 || Thread.currentThread().isInterrupted()) {
          throw new StoreUnavailableException(
              "%s could not be used within %d s: %s. %s"
                  .formatted(
                      location.text(),
                      patience.toSeconds(),
                      PostgresErrors.rootMessage(fault),
                      advice(fault))
                  .strip(),
              fault);
        }
        if (!told) {
          log.info(
              "{} cannot be used yet, trying again for {} s: {}",
              location.text(),
              patience.toSeconds(),
              PostgresErrors.rootMessage(fault));
          told = true;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static String advice(RuntimeException fault) {
    if (fault.getCause() instanceof ReadOnlyDatabaseException) {
      return ""; // it says itself what to do
    }
    return PostgresErrors.isPoolExhausted(fault)
        ? "Opening the store takes 3 connections at once: check the size of the pool, and who uses it"
        : "Check that the server runs, and that host and port are right and can be reached from here";
  }

  private static boolean isWorthWaiting(RuntimeException fault) {
    return fault instanceof StoreUnavailableException
        || fault instanceof StoreBusyException
        || PostgresErrors.isAway(fault)
        || PostgresErrors.isPoolExhausted(fault);
  }
}
