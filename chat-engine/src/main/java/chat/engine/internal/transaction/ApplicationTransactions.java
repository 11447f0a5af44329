package chat.engine.internal.transaction;

import chat.engine.TransactionalChat;
import chat.engine.internal.conversation.ApplicationRules;
import chat.engine.internal.membership.GovernedGroups;
import chat.engine.internal.send.MessageSender;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.TransactionalStore;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;

/** Joins transactions of the application. Thread-safe; does not block. */
public record ApplicationTransactions(
    MessageStore store,
    ApplicationRules rules,
    GovernedGroups governed,
    MessageSender sender,
    IdGenerator ids,
    InstantSource clock,
    TransactionPublisher publisher,
    Duration idleLimit) {
  /**
   * @throws IllegalStateException if the store takes part in no transactions, or if the connection
   *     commits by itself
   */
  public TransactionalChat join(Connection connection) {
    if (!(store instanceof TransactionalStore transactional)) {
      throw new IllegalStateException(
          "this store takes part in no transaction of the application: it is no TransactionalStore, as PostgresMessageStore is");
    }
    ApplicationTransaction.requireTransaction(connection);
    return new ApplicationTransaction(
        this,
        connection,
        transactional.join(connection, idleLimit),
        key -> governed.memberships().ask(key, connection));
  }
}
