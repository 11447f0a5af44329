package chat.engine.postgres;

import chat.engine.UserId;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.conversation.Blocks;
import chat.engine.spi.BlockStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Blocks in {@code chat_blocks}; how they are made is in {@link Blocks}. */
final class PostgresBlockStore implements BlockStore {
  private final Transactions transactions;

  PostgresBlockStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public boolean block(UserId user, UserId other, Instant now) {
    return transactions.write(handle -> Blocks.set(handle.getConnection(), user, other, true, now));
  }

  @Override
  public boolean unblock(UserId user, UserId other) {
    return transactions.write(
        handle -> Blocks.set(handle.getConnection(), user, other, false, Instant.EPOCH));
  }

  @Override
  public List<UserId> blockedBy(UserId user, @Nullable UserId after, int limit) {
    return transactions.read(handle -> Blocks.page(handle.getConnection(), user, after, limit));
  }

  @Override
  public boolean hasBlocked(UserId user, UserId other) {
    return transactions.read(handle -> Blocks.has(handle.getConnection(), user, other));
  }

  @Override
  public Set<UserId> between(UserId user, Set<UserId> others) {
    return others.isEmpty()
        ? Set.of()
        : transactions.read(handle -> Blocks.between(handle.getConnection(), user, others));
  }

  @Override
  public Map<UserId, Set<UserId>> between(Set<UserId> users) {
    return users.isEmpty()
        ? Map.of()
        : transactions.read(handle -> Blocks.between(handle.getConnection(), users));
  }
}
