package chat.engine.postgres;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Decides whether a pool throws a broken connection away, of which it warns with a stack trace. One
 * that breaks because the pool closes under a statement is no news, and of no use to anybody.
 * Thread-safe.
 */
final class BrokenConnections implements SQLExceptionOverride {
  private volatile boolean expected;

  /** To be called before the pool is closed. */
  void expect() {
    expected = true;
  }

  @java.lang.Override // the interface has an Override of its own
  public SQLExceptionOverride.Override adjudicate(SQLException fault) {
    return expected
        ? SQLExceptionOverride.Override.DO_NOT_EVICT
        : SQLExceptionOverride.Override.CONTINUE_EVICT;
  }
}
