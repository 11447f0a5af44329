package chat.engine.postgres.connection;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Decides whether a pool throws a broken connection away, of which it warns with a stack trace. One
 * that breaks because the pool closes under a statement is expected, and not worth a warning.
 * Thread-safe.
 */
public final class BrokenConnections implements SQLExceptionOverride {
  private volatile boolean expected;

  /** To be called before the pool is closed. */
  public void expect() {
    expected = true;
  }

  @java.lang.Override // the interface declares its own Override
  public SQLExceptionOverride.Override adjudicate(SQLException fault) {
    return expected
        ? SQLExceptionOverride.Override.DO_NOT_EVICT
        : SQLExceptionOverride.Override.CONTINUE_EVICT;
  }
}
