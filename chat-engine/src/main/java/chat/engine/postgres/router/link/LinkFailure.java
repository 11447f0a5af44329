package chat.engine.postgres.router.link;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A call to PostgreSQL that did not go through; some of it may be done. */
public final class LinkFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Shut down, crashed, starting up, idle for too long. */
  private static final Set<String> GONE = Set.of("57P01", "57P02", "57P03", "57P05");

  /** A server was demoted: the data source may lead to another one. */
  private static final String READ_ONLY = "25006";

  /** All ways in which a connection can be lost are one cause for the log. */
  private static final String CONNECTION = "connection";

  private static final String NO_SUCH_TABLE = "42P01";

  private final String code;
  private final boolean broken;

  /**
   * @param code tells causes apart, for the log
   */
  public LinkFailure(String code, String message, boolean broken) {
    super(message);
    this.code = code;
    this.broken = broken;
  }

  private LinkFailure(String code, String message, boolean broken, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.broken = broken;
  }

  static LinkFailure of(SQLException fault) {
    String state = fault.getSQLState() == null ? "unknown" : fault.getSQLState();
    if (state.equals(NO_SUCH_TABLE)) {
      return new LinkFailure(
          state,
          fault.getMessage() + " (the tables are made when a PostgresMessageStore is opened there)",
          false,
          fault);
    }
    boolean gone = isGone(fault);
    String why = fault.getCause() instanceof IOException io ? " (" + io.getMessage() + ")" : "";
    return new LinkFailure(
        gone ? CONNECTION : state,
        fault.getMessage() + why,
        gone || state.equals(READ_ONLY),
        fault);
  }

  /** Of a call over a connection that was given up before. */
  static LinkFailure givenUp(@Nullable LinkFailure why) {
    return why == null
        ? new LinkFailure(CONNECTION, "the connection was given up", true)
        : new LinkFailure(why.code, String.valueOf(why.getMessage()), true, why);
  }

  private static boolean isGone(SQLException fault) {
    String state = fault.getSQLState();
    if (state == null || state.startsWith("08") || GONE.contains(state)) {
      return true;
    }
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /** What the failure has in common with others of the same cause, for the log. */
  public String code() {
    return code;
  }

  /**
   * Whether the connection is of no use any more; otherwise the server only refused a statement.
   */
  public boolean isBroken() {
    return broken;
  }
}
