package chat.engine.memory.conversation;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Mark;
import chat.engine.spi.MessageStore.Writes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was written lately, in order. Of several writes of a kind to a conversation only the last is
 * kept, since it tells all that the earlier ones would. Bounded by age and by number. Guarded by
 * the store's lock.
 */
public final class WriteLog {
  private static final int MOST_ENTRIES = 1_000_000;

  private enum Kind {
    MESSAGE,
    CHANGE,
    RECEIPT
  }

  private record Position(long value) implements Mark {}

  /**
   * @param user whose receipt moved; null for the other kinds
   */
  private record Key(Kind kind, ConversationId conversation, @Nullable UserId user) {}

  private record Entry(Key key, long number, Instant at) {}

  private final InstantSource clock;
  private final Duration retention;
  private final NavigableMap<Long, Entry> entries = new TreeMap<>();
  private final Map<Key, Long> positions = new HashMap<>();

  /** Of the last write. */
  private long last;

  /** Everything above this position is remembered. */
  private long forgottenUpTo;

  public WriteLog(InstantSource clock, Duration retention) {
    this.clock = clock;
    this.retention = retention;
  }

  void message(ConversationId conversation, long seq) {
    add(new Key(Kind.MESSAGE, conversation, null), seq);
  }

  public void change(ConversationId conversation, long rev) {
    add(new Key(Kind.CHANGE, conversation, null), rev);
  }

  void receipt(ConversationId conversation, UserId user) {
    add(new Key(Kind.RECEIPT, conversation, user), 0);
  }

  /** Forgets the receipts of a user, who is no member under this id any more. */
  void forget(UserId user) {
    positions
        .entrySet()
        .removeIf(
            position -> {
              UserId of = position.getKey().user();
              boolean own = of != null && of.equals(user);
              if (own) {
                entries.remove(position.getValue());
              }
              return own;
            });
  }

  private void add(Key key, long number) {
    Instant now = clock.instant();
    last++;
    Long before = positions.put(key, last);
    if (before != null) {
      entries.remove(before);
    }
    entries.put(last, new Entry(key, number, now));
    forget(now.minus(retention));
  }

  private void forget(Instant before) {
    while (entries.size() > MOST_ENTRIES || entries.firstEntry().getValue().at().isBefore(before)) {
      Map.Entry<Long, Entry> oldest = entries.pollFirstEntry();
      positions.remove(oldest.getValue().key());
      forgottenUpTo = oldest.getKey();
    }
  }

  public Writes since(@Nullable Mark mark) {
    long from = mark == null ? last : position(mark);
    Map<ConversationId, Long> lastSeqs = new HashMap<>();
    Map<ConversationId, Long> revs = new HashMap<>();
    Map<ConversationId, Set<UserId>> receipts = new HashMap<>();
    for (Entry entry : entries.tailMap(from, false).values()) {
      ConversationId conversation = entry.key().conversation();
      UserId user = entry.key().user();
      switch (entry.key().kind()) {
        case MESSAGE -> lastSeqs.put(conversation, entry.number());
        case CHANGE -> revs.put(conversation, entry.number());
        case RECEIPT -> {
          if (user != null) {
            receipts.computeIfAbsent(conversation, none -> new HashSet<>()).add(user);
          }
        }
      }
    }
    return new MessageStore.Writes(
        new Position(last), from >= forgottenUpTo, lastSeqs, revs, receipts, clock.instant());
  }

  private static long position(Mark mark) {
    if (mark instanceof Position position) {
      return position.value();
    }
    throw new IllegalArgumentException("a mark of another store: " + mark);
  }
}
