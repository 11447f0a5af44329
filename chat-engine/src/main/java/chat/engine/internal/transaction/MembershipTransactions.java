package chat.engine.internal.transaction;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.GroupKey;
import chat.engine.NewGroup;
import chat.engine.TransactionalChat;
import chat.engine.internal.membership.MembershipCalls;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.TransactionalStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions of the engine in which the application is asked for the members of a group: what it
 * does in transactions of the application, on threads of their own, since an application that is
 * slow holds a thread and a connection. Thread-safe; does not block.
 */
public final class MembershipTransactions {
  private static final Logger log = LoggerFactory.getLogger(MembershipTransactions.class);

  private final TransactionalStore store;
  private final ApplicationTransactions transactions;
  private final MembershipCalls calls;
  private final StoreThreads threads;
  private final Duration limit;

  /**
   * @param threads that run the transactions, so many at the same time
   * @param limit see {@link TransactionalStore#transact}
   */
  public MembershipTransactions(
      TransactionalStore store,
      ApplicationTransactions transactions,
      MembershipCalls calls,
      StoreThreads threads,
      Duration limit) {
    this.store = store;
    this.transactions = transactions;
    this.calls = calls;
    this.threads = threads;
    this.limit = limit;
  }

  /** See {@link chat.engine.ChatApplication#refreshMembers}. */
  public CompletableFuture<Optional<Conversation>> refreshMembers(GroupKey key) {
    return run(chat -> chat.refreshMembers(key));
  }

  /** See {@link chat.engine.ChatApplication#ensureGroup}. */
  public CompletableFuture<Conversation> ensureGroup(GroupKey key, NewGroup group) {
    return run(chat -> chat.ensureGroup(key, group));
  }

  private record Committed<T>(ApplicationTransaction transaction, T result) {}

  private <T> CompletableFuture<T> run(Function<TransactionalChat, T> work) {
    return threads
        .submit(() -> commit(work))
        .thenCompose(
            committed ->
                committed
                    .transaction()
                    .show()
                    .handle(
                        (shown, fault) -> {
                          if (fault != null) {
                            log.info("a committed change is shown some seconds later", fault);
                          }
                          return committed.result();
                        }));
  }

  private <T> Committed<T> commit(Function<TransactionalChat, T> work) {
    try {
      return store.transact(
          limit,
          (transaction, connection) -> {
            ApplicationTransaction chat =
                new ApplicationTransaction(
                    transactions, connection, transaction, key -> calls.ask(key, connection));
            return new Committed<>(chat, work.apply(chat));
          });
    } catch (RuntimeException fault) {
      // The store takes a statement of the application that failed for one of its own.
      throw fault.getCause() instanceof ChatException refusal ? refusal : fault;
    }
  }
}
