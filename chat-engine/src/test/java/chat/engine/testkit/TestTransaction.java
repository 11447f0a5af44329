package chat.engine.testkit;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A transaction of the application in a test; begins with {@link TestChat#begin()}.
 *
 * <pre>{@code
 * try (TestTransaction transaction = chat.begin()) {
 *   TransactionalChat inside = chat.engine().transactional(transaction.connection());
 *   inside.send(talk, NewMessage.text("Your order is confirmed"));
 *   transaction.commit();
 *   inside.publish();
 * }
 * }</pre>
 *
 * <p>Chat behaves in it as it does on PostgreSQL: what it does is stored by the commit, with or
 * without a later {@code publish()}, and never after a rollback; what it changes is locked until
 * then; after {@code BUSY} and {@code UNAVAILABLE} all that is left is to roll back. Faults {@link
 * Fault#onCommits} make the commit fail. Not thread-safe.
 */
public final class TestTransaction implements AutoCloseable {
  private final Connection connection;

  TestTransaction(Connection connection) {
    this.connection = connection;
  }

  /**
   * What to give to {@link chat.engine.ChatEngine#transactional} of any node, and to the code under
   * test. Its own {@code commit}, {@code rollback} and {@code close} may be used as well; after a
   * commit the next transaction begins. Without a database it takes part in transactions and does
   * nothing else.
   */
  public Connection connection() {
    return connection;
  }

  /**
   * Commits the connection.
   *
   * @throws SQLException if a fault meets it, or if a call of chat failed before
   */
  public void commit() throws SQLException {
    connection.commit();
  }

  /** Rolls the connection back. */
  public void rollback() throws SQLException {
    connection.rollback();
  }

  /** Closes the connection, and rolls back what was not committed. */
  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException fault) {
      throw new IllegalStateException("the connection of the test cannot be closed", fault);
    }
  }
}
