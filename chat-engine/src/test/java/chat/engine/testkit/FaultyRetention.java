package chat.engine.testkit;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.RetentionStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The retention of a {@link FaultyStore}. */
record FaultyRetention(RetentionStore real, Locks locks, List<ActiveFaults> faults)
    implements RetentionStore, FaultyCalls.UnderLocks {
  @Override
  public Optional<Changed> set(
      ConversationId id, @Nullable Duration retention, UserId actor, Instant now) {
    return write(id, () -> real.set(id, retention, actor, now));
  }

  @Override
  public Optional<Expiry> expire(ConversationId id, Instant before, int limit, Instant now) {
    return write(id, () -> real.expire(id, before, limit, now));
  }

  @Override
  public Map<ConversationId, Long> firstSeqs(Collection<ConversationId> ids) {
    return read(() -> real.firstSeqs(ids));
  }

  @Override
  public Oldest oldest(@Nullable ConversationId after, int limit, boolean onlySet) {
    return upkeep(() -> real.oldest(after, limit, onlySet));
  }

  @Override
  public Optional<Round> lease(String holder, Duration lease, Duration period) {
    return upkeep(() -> real.lease(holder, lease, period));
  }

  @Override
  public void reached(String holder, @Nullable ConversationId after) {
    upkeep(
        () -> {
          real.reached(holder, after);
          return true;
        });
  }
}
