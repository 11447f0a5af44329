package chat.engine.memory;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.feed.FeedOptions;
import chat.engine.memory.conversation.InMemoryConversations;
import chat.engine.memory.conversation.StoredConversation;
import chat.engine.spi.feed.FeedStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Feeds in memory; the monitor of the conversations is its lock, too. */
final class InMemoryFeeds implements FeedStore {
  private static final int LOOKED_THROUGH = 1_000;

  private final InMemoryConversations conversations;
  private final InstantSource clock;
  private final Map<String, Cursor> cursors = new HashMap<>();

  private static final class Cursor {
    private final Map<ConversationId, Position> positions = new HashMap<>();
    private String holder = "";
    private Instant leasedUntil = Instant.MIN;
    private long term;

    Position at(ConversationId conversation) {
      return positions.getOrDefault(conversation, new Position(conversation, 0, 0));
    }
  }

  /**
   * @param clock of the store
   */
  InMemoryFeeds(InMemoryConversations conversations, InstantSource clock) {
    this.conversations = conversations;
    this.clock = clock;
  }

  @Override
  public void open(String feed, FeedOptions.Start start) {
    synchronized (conversations) {
      if (cursors.containsKey(feed)) {
        return;
      }
      Cursor cursor = new Cursor();
      for (StoredConversation stored : conversations.all()) {
        cursor.positions.put(
            stored.id(), new Position(stored.id(), stored.lastSeq(), stored.lastRev()));
      }
      cursors.put(feed, cursor);
      if (start.from() != null) {
        rewind(feed, start.from());
      }
    }
  }

  @Override
  public OptionalLong lease(String feed, String holder, Duration lease) {
    synchronized (conversations) {
      Cursor cursor = cursors.get(feed);
      Instant now = clock.instant();
      if (cursor == null) {
        return OptionalLong.empty();
      }
      boolean ended = !now.isBefore(cursor.leasedUntil);
      if (!cursor.holder.equals(holder) && !ended) {
        return OptionalLong.empty();
      }
      if (!cursor.holder.equals(holder) || ended) {
        cursor.holder = holder;
        cursor.term++;
      }
      cursor.leasedUntil = now.plus(lease);
      return OptionalLong.of(cursor.term);
    }
  }

  @Override
  public void release(String feed, String holder) {
    synchronized (conversations) {
      Cursor cursor = cursors.get(feed);
      if (cursor != null && cursor.holder.equals(holder)) {
        cursor.leasedUntil = Instant.MIN;
      }
    }
  }

  @Override
  public List<Lag> behind(String feed, Collection<ConversationId> among) {
    synchronized (conversations) {
      Cursor cursor = cursors.get(feed);
      List<Lag> lags = new ArrayList<>();
      if (cursor != null) {
        for (ConversationId id : among) {
          Lag lag = lag(cursor.at(id));
          if (lag != null) {
            lags.add(lag);
          }
        }
      }
      return lags;
    }
  }

  private @Nullable Lag lag(Position at) {
    StoredConversation stored = conversations.find(at.conversation());
    if (stored != null) {
      return stored.lastSeq() > at.seq() || stored.lastRev() > at.rev()
          ? new Lag(at, stored.lastSeq(), stored.lastRev())
          : null;
    }
    List<ConversationChange> deletion = conversations.changes(at.conversation(), at.rev(), 1);
    return deletion.isEmpty() ? null : new Lag(at, deletion.get(0).atSeq(), deletion.get(0).rev());
  }

  @Override
  public Laggards behind(String feed, @Nullable ConversationId after) {
    synchronized (conversations) {
      TreeSet<ConversationId> ids = new TreeSet<>();
      conversations.all().forEach(stored -> ids.add(stored.id()));
      Cursor cursor = cursors.get(feed);
      if (cursor != null) {
        ids.addAll(cursor.positions.keySet());
      }
      List<ConversationId> part =
          (after == null ? ids : ids.tailSet(after, false)).stream().limit(LOOKED_THROUGH).toList();
      return new Laggards(
          behind(feed, part), part.size() < LOOKED_THROUGH ? null : part.get(part.size() - 1));
    }
  }

  @Override
  public boolean advance(String feed, String holder, long term, List<Position> positions) {
    synchronized (conversations) {
      Cursor cursor = cursors.get(feed);
      if (cursor == null || !cursor.holder.equals(holder) || cursor.term != term) {
        return false;
      }
      positions.forEach(position -> cursor.positions.put(position.conversation(), position));
      return true;
    }
  }

  @Override
  public void rewind(String feed, Instant from) {
    synchronized (conversations) {
      Cursor cursor = cursors.get(feed);
      if (cursor == null) {
        return;
      }
      cursor.leasedUntil = Instant.MIN;
      cursor.holder = "";
      for (StoredConversation stored : conversations.all()) {
        Position at = cursor.at(stored.id());
        cursor.positions.put(
            stored.id(),
            new Position(
                stored.id(),
                Math.min(at.seq(), stored.lastSeqBefore(from)),
                Math.min(at.rev(), stored.lastRevBefore(from))));
      }
    }
  }

  @Override
  public List<String> names() {
    synchronized (conversations) {
      return cursors.keySet().stream().sorted().toList();
    }
  }

  @Override
  public void forget(String feed) {
    synchronized (conversations) {
      cursors.remove(feed);
    }
  }
}
