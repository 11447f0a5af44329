package chat.engine.internal.transaction;

import chat.engine.ChatException;
import chat.engine.TransactionalChat;
import chat.engine.internal.group.ApplicationRules;
import chat.engine.internal.membership.GovernedGroups;
import chat.engine.internal.send.MessageSender;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.StoreUnavailableException;
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
   *     commits by itself or only reads
   */
  public TransactionalChat join(Connection connection) {
    if (!(store instanceof TransactionalStore transactional)) {
      throw new IllegalStateException(
          "this store takes part in no transaction of the application: it is no TransactionalStore, as PostgresMessageStore is");
    }
    ApplicationTransaction.requireTransaction(connection);
    StoreTransaction joined;
    try {
      joined = transactional.join(connection, idleLimit);
    } catch (StoreUnavailableException broken) {
      throw ChatException.unavailable("the connection of the transaction is broken", broken);
    }
    return new ApplicationTransaction(
        this, connection, joined, key -> governed.memberships().ask(key, connection));
  }
}
