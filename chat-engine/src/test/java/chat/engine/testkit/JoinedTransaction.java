package chat.engine.testkit;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.MessageStore.Reading;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.Write;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of one node in a transaction of the application. Locks what the PostgreSQL store locks
 * (what it creates by a key or for a pair, and what it changes), and is stored by the commit of the
 * connection. Not thread-safe but for {@link #committed}.
 */
final class JoinedTransaction implements StoreTransaction {
  private final OpenTransaction transaction;
  private final List<ActiveFaults> faults;
  private final List<Integer> appends = new ArrayList<>();

  JoinedTransaction(OpenTransaction transaction, List<ActiveFaults> faults) {
    this.transaction = transaction;
    this.faults = faults;
  }

  private <T> T read(ActiveFaults.Call<T, RuntimeException> statement) {
    return transaction.statement(faults, StoreCall.READ_IN_TRANSACTION, null, statement);
  }

  private <T> T write(@Nullable Object key, ActiveFaults.Call<T, RuntimeException> statement) {
    return transaction.statement(faults, StoreCall.WRITE_IN_TRANSACTION, key, statement);
  }

  private StoreTransaction work() {
    return transaction.work();
  }

  @Override
  public AppendOutcome append(Write write) {
    return transaction.statement(
        faults,
        StoreCall.SEND_IN_TRANSACTION,
        write.conversation(),
        () -> {
          AppendOutcome outcome = work().append(write);
          synchronized (appends) {
            appends.add(transaction.appended(write, outcome));
          }
          return outcome;
        });
  }

  @Override
  public Conversation openDirect(Conversation proposed) {
    Set<UserId> pair = Set.copyOf(proposed.peers());
    boolean exists =
        transaction.committed().memberships(proposed.peers().get(0)).stream()
            .anyMatch(found -> pair.equals(Set.copyOf(found.conversation().peers())));
    return write(exists ? null : pair, () -> work().openDirect(proposed));
  }

  @Override
  public Conversation ensureGroup(
      ConversationStore.Key key, Conversation proposed, Map<UserId, Role> members) {
    boolean exists = transaction.committed().find(key).isPresent();
    return write(exists ? null : key, () -> work().ensureGroup(key, proposed, members));
  }

  @Override
  public Optional<Conversation> findOrLock(ConversationStore.Key key) {
    Optional<Conversation> found = read(() -> work().findOrLock(key));
    return found.isPresent() ? found : write(key, () -> work().findOrLock(key));
  }

  @Override
  public Optional<ConversationStore.Key> keyOf(ConversationId id) {
    return read(() -> work().keyOf(id));
  }

  @Override
  public Optional<Conversation> find(ConversationId id) {
    return read(() -> work().find(id));
  }

  @Override
  public Optional<Member> member(ConversationId id, UserId user) {
    return read(() -> work().member(id, user));
  }

  @Override
  public Optional<Message> readable(Reading wanted) {
    return read(() -> work().readable(wanted));
  }

  @Override
  public Optional<MemberList> lock(ConversationId id) {
    return write(id, () -> work().lock(id));
  }

  @Override
  public List<Ban> bans(ConversationId id, Collection<UserId> among, Instant now) {
    return read(() -> work().bans(id, among, now));
  }

  @Override
  public Optional<Changed> change(
      ConversationId id, long expectedRev, List<Change> changes, UserId actor, Instant now) {
    return write(id, () -> work().change(id, expectedRev, changes, actor, now));
  }

  @Override
  public Optional<Changed> delete(ConversationId id, UserId actor, Instant now) {
    return write(id, () -> work().delete(id, actor, now));
  }

  @Override
  public List<AppendOutcome> committed() {
    synchronized (appends) {
      return transaction.outcomes(appends);
    }
  }
}
