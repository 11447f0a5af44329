package consumer;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Takes orders, and tells each customer about it in the chat of the order: both, or neither. */
public final class Orders {
  private static final int MOST_ATTEMPTS = 3;
  private static final String REPEAT_THE_TRANSACTION = "40001";
  private static final String OUTCOME_UNKNOWN = "08007";

  private final DataSource database;
  private final ChatEngine chat;

  public Orders(DataSource database, ChatEngine chat) {
    this.database = database;
    this.chat = chat;
  }

  /** What every member of this conversation may talk about: one order. */
  private static GroupKey key(int order) {
    return GroupKey.of("order:" + order);
  }

  /** Places an order. Repeats the transaction where that helps. */
  public void place(int order, UserId customer) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        placeOnce(order, customer);
        return;
      } catch (ChatException refusal) {
        if (refusal.code() != ErrorCode.BUSY || attempt == MOST_ATTEMPTS) {
          throw refusal;
        }
      } catch (SQLException fault) {
        if (OUTCOME_UNKNOWN.equals(fault.getSQLState())) {
          if (exists(order)) {
            return; // stored with its message, which the engine finds and shows
          }
        } else if (!REPEAT_THE_TRANSACTION.equals(fault.getSQLState())) {
          throw fault;
        }
        if (attempt == MOST_ATTEMPTS) {
          throw fault;
        }
      }
    }
  }

  private void placeOnce(int order, UserId customer) throws SQLException {
    TransactionalChat inside;
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      inside = chat.transactional(connection);
      try {
        ConversationId talk =
            inside.ensureGroup(key(order), NewGroup.named("Order " + order)).id();
        inside.ensureMember(talk, customer);
        inside.send(talk, NewMessage.text("Thank you for order " + order));
        insert(connection, order, customer);
        connection.commit();
      } catch (ChatException | SQLException fault) {
        if (!connection.isClosed()) {
          connection.rollback();
        }
        throw fault;
      }
    }
    inside.publish();
  }

  private static void insert(Connection connection, int order, UserId customer)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO orders (id, customer) VALUES (?, ?)")) {
      insert.setInt(1, order);
      insert.setString(2, customer.value());
      insert.executeUpdate();
    }
  }

  /** Whether an order was stored. */
  public boolean exists(int order) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement find =
            connection.prepareStatement("SELECT 1 FROM orders WHERE id = ?")) {
      find.setInt(1, order);
      return find.executeQuery().next();
    }
  }
}
