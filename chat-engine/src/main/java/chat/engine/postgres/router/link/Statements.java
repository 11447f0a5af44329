package chat.engine.postgres.router.link;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;

/** Runs statements over links, each a transaction of its own, and counts them. Thread-safe. */
public final class Statements {
  /** What is done with a statement. */
  public interface Execution<T> {
    T of(PreparedStatement statement) throws SQLException;
  }

  private final AtomicLong sent = new AtomicLong();

  /** How many were sent so far. */
  public long sent() {
    return sent.get();
  }

  /**
   * @throws LinkFailure if it does not go through
   */
  public <T> T execute(Link link, String sql, Execution<T> execution) {
    sent.incrementAndGet();
    return link.call(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return execution.of(statement);
          }
        });
  }

  /**
   * @return how many rows were changed
   * @throws LinkFailure if it does not go through
   */
  public int update(Link link, String sql, Object... parameters) {
    return execute(
        link,
        sql,
        statement -> {
          set(statement, parameters);
          return statement.executeUpdate();
        });
  }

  /**
   * The number that a query gives.
   *
   * @throws LinkFailure if it does not go through
   */
  public long number(Link link, String sql, Object... parameters) {
    return execute(
        link,
        sql,
        statement -> {
          set(statement, parameters);
          try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
          }
        });
  }

  /** A collection of strings is an array in SQL. */
  private static void set(PreparedStatement statement, Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i] instanceof Collection<?> texts) {
        statement.setArray(i + 1, texts(statement, texts));
      } else {
        statement.setObject(i + 1, parameters[i]);
      }
    }
  }

  public static Array texts(PreparedStatement statement, Collection<?> texts) throws SQLException {
    return statement.getConnection().createArrayOf("text", texts.toArray());
  }
}
