package chat.engine.memory;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.memory.conversation.InMemoryConversations;
import chat.engine.memory.conversation.StoredConversation;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.RetentionStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Retention in memory; the monitor of the conversations is its lock, too. */
final class InMemoryRetention implements RetentionStore {
  private final InMemoryConversations conversations;
  private final InstantSource clock;
  private String holder = "";
  private Instant leasedUntil = Instant.MIN;
  private Instant begunAt = Instant.EPOCH;
  private boolean underWay;
  private @Nullable ConversationId after;

  /**
   * @param clock of the store
   */
  InMemoryRetention(InMemoryConversations conversations, InstantSource clock) {
    this.conversations = conversations;
    this.clock = clock;
  }

  @Override
  public Optional<Changed> set(
      ConversationId id, @Nullable Duration retention, UserId actor, Instant now) {
    synchronized (conversations) {
      StoredConversation stored = conversations.find(id);
      if (stored == null) {
        return Optional.empty();
      }
      ConversationChange change = stored.setRetention(retention, actor, now);
      return Optional.of(logged(stored, change));
    }
  }

  private Changed logged(StoredConversation stored, @Nullable ConversationChange change) {
    if (change == null) {
      return new Changed(stored.conversation(), List.of());
    }
    conversations.log().change(stored.id(), change.rev());
    return new Changed(stored.conversation(), List.of(change));
  }

  @Override
  public Optional<Expiry> expire(ConversationId id, Instant before, int limit, Instant now) {
    synchronized (conversations) {
      StoredConversation stored = conversations.find(id);
      if (stored == null) {
        return Optional.empty();
      }
      long first = stored.firstSeq();
      ConversationChange change = stored.expire(before, limit, now);
      return change == null
          ? Optional.empty()
          : Optional.of(new Expiry((int) (stored.firstSeq() - first), logged(stored, change)));
    }
  }

  @Override
  public Map<ConversationId, Long> firstSeqs(Collection<ConversationId> ids) {
    synchronized (conversations) {
      Map<ConversationId, Long> found = new HashMap<>();
      for (ConversationId id : ids) {
        StoredConversation stored = conversations.find(id);
        if (stored != null) {
          found.put(id, stored.firstSeq());
        }
      }
      return found;
    }
  }

  @Override
  public Oldest oldest(@Nullable ConversationId behind, int limit, boolean onlySet) {
    synchronized (conversations) {
      List<StoredConversation> page =
          conversations.all().stream()
              .filter(stored -> behind == null || stored.id().compareTo(behind) > 0)
              .filter(stored -> !onlySet || stored.retention() != null)
              .sorted((one, other) -> one.id().compareTo(other.id()))
              .limit(limit)
              .toList();
      List<OldestMessage> oldest = new ArrayList<>();
      for (StoredConversation stored : page) {
        Instant createdAt = stored.oldest();
        if (createdAt != null) {
          oldest.add(new OldestMessage(stored.id(), createdAt, stored.retention()));
        }
      }
      return new Oldest(oldest, page.size() < limit ? null : page.get(page.size() - 1).id());
    }
  }

  @Override
  public Optional<Round> lease(String node, Duration lease, Duration period) {
    synchronized (conversations) {
      Instant now = clock.instant();
      if ((!holder.equals(node) && now.isBefore(leasedUntil))
          || (!underWay && now.isBefore(begunAt.plus(period)))) {
        return Optional.empty();
      }
      if (!underWay) {
        underWay = true;
        begunAt = now;
      }
      holder = node;
      leasedUntil = now.plus(lease);
      return Optional.of(new Round(after));
    }
  }

  @Override
  public void reached(String node, @Nullable ConversationId place) {
    synchronized (conversations) {
      if (holder.equals(node)) {
        after = place;
        if (place == null) {
          underWay = false;
          leasedUntil = Instant.MIN;
        }
      }
    }
  }
}
