package chat.engine.postgres.router.link;

import chat.engine.postgres.connection.Poolers;
import chat.engine.postgres.connection.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where links come from. Immutable; blocks as long as the data source does.
 *
 * @param schema of the tables; null for what the search path of the data source finds
 */
public record Links(DataSource dataSource, @Nullable SchemaName schema) {
  /** Of transactions of another client, by which a shared connection should have been met. */
  private static final int ROUNDS = 64;

  private static final String MARK = "SELECT set_config('chat.session', ?, false)";
  private static final String MARKED = "SELECT coalesce(current_setting('chat.session', true), '')";

  /**
   * Opens a link, unless it would lead through a pooler in transaction mode: nothing that it
   * listens for would arrive, and what it sets for its session would be set for others.
   *
   * @throws LinkFailure if that is so, or if there is no connection
   */
  public Link openListening() {
    requireSession();
    return open();
  }

  public Link open() {
    return Link.open(dataSource, schema);
  }

  private void requireSession() {
    try (Connection one = dataSource.getConnection()) {
      boolean autoCommit = one.getAutoCommit();
      one.setAutoCommit(true);
      if (Poolers.isBehindPooler(one) && !isSession(one)) {
        throw new LinkFailure(
            "pooler",
            "the connections of PostgresRouter go through a pooler such as PgBouncer in"
                + " transaction mode, in which no notification arrives: give it a data source that"
                + " leads to PostgreSQL itself",
            false);
      }
      one.setAutoCommit(autoCommit);
    } catch (SQLException fault) {
      throw LinkFailure.of(fault);
    }
  }

  /** Whether what is set for the session stays with this client, and only with it. */
  private boolean isSession(Connection one) throws SQLException {
    String token = UUID.randomUUID().toString();
    mark(one, token);
    try (Connection other = dataSource.getConnection()) {
      boolean autoCommit = other.getAutoCommit();
      other.setAutoCommit(false);
      boolean isShared = false;
      for (int i = 0; i < ROUNDS && !isShared; i++) { // a pooler may take its connections in turn
        isShared = mark(other).equals(token);
        other.rollback();
      }
      boolean isKept = mark(one).equals(token);
      other.setAutoCommit(autoCommit);
      mark(one, "");
      return isKept && !isShared;
    }
  }

  private static void mark(Connection connection, String token) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MARK)) {
      statement.setString(1, token);
      statement.execute();
    }
  }

  private static String mark(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MARKED);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }
}
