package chat.engine.testkit;

import chat.engine.UserId;
import chat.engine.spi.BlockStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The blocks of a {@link FaultyStore}. */
record FaultyBlocks(BlockStore real, List<ActiveFaults> faults) implements BlockStore, FaultyCalls {
  @Override
  public boolean block(UserId user, UserId other, Instant now) {
    return write(() -> real.block(user, other, now));
  }

  @Override
  public boolean unblock(UserId user, UserId other) {
    return write(() -> real.unblock(user, other));
  }

  @Override
  public List<UserId> blockedBy(UserId user, @Nullable UserId after, int limit) {
    return read(() -> real.blockedBy(user, after, limit));
  }

  @Override
  public boolean hasBlocked(UserId user, UserId other) {
    return read(() -> real.hasBlocked(user, other));
  }

  @Override
  public Set<UserId> between(UserId user, Set<UserId> others) {
    return read(() -> real.between(user, others));
  }

  @Override
  public Map<UserId, Set<UserId>> between(Set<UserId> users) {
    return read(() -> real.between(users));
  }
}
