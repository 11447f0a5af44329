package chat.engine.postgres.connection;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands between a connection and PostgreSQL. Stateless; blocks. */
public final class Poolers {
  private static final Logger log = LoggerFactory.getLogger(Poolers.class);

  private Poolers() {}

  /**
   * Whether a pooler such as PgBouncer is in between, in whatever mode: it gives its clients
   * process ids that are not the server's.
   */
  public static boolean isBehindPooler(Connection connection) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return false; // not known
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
    }
  }

  /** Warns if the driver prepares statements on the server, and a pooler is in between. */
  public static void warnOfPreparedStatements(Connection connection) throws SQLException {
    if (isBehindPooler(connection)
        && connection.unwrap(PGConnection.class).getPrepareThreshold() > 0) {
      log.warn(
          "Connections go through a pooler such as PgBouncer: in transaction mode add"
              + " prepareThreshold=0 to the JDBC URL, or set max_prepared_statements in PgBouncer"
              + " 1.21 or newer");
    }
  }
}
