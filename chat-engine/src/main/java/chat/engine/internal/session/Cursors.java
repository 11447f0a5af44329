package chat.engine.internal.session;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.Message;
import chat.engine.event.ConversationChanged;
import chat.engine.spi.ConversationStore.MembershipSummary;
import java.util.Arrays;
import java.util.List;

/**
 * Where one session stands in each of its user's conversations: the seq and the rev that it was
 * given last, and what it may read.
 *
 * <p>There is one of these for every connected session, so it is one sorted array, 32 bytes per
 * conversation: a look-up is a binary search, a new conversation copies the array. Not thread-safe;
 * guarded by its session.
 */
public final class Cursors {
  public static final long ABSENT = -1;

  private static final long[] EMPTY = {};
  private static final int WIDTH = 4;

  /**
   * Conversation, seq, rev, and twice the seq before the membership began, plus one if nothing up
   * to that may be read; ascending by conversation.
   */
  private long[] entries = EMPTY;

  /**
   * Those of a user who is told everything up to here.
   *
   * @param summaries ascending by conversation
   */
  public static Cursors of(List<MembershipSummary> summaries) {
    Cursors cursors = new Cursors();
    cursors.entries = new long[summaries.size() * WIDTH];
    int at = 0;
    for (MembershipSummary summary : summaries) {
      cursors.set(
          at,
          summary.conversation().value(),
          summary.lastSeq(),
          summary.rev(),
          readable(summary.joinedSeq(), summary.history()));
      at += WIDTH;
    }
    return cursors;
  }

  long seq(ConversationId conversation) {
    int at = find(conversation.value());
    return at < 0 ? ABSENT : entries[at + 1];
  }

  long rev(ConversationId conversation) {
    int at = find(conversation.value());
    return at < 0 ? ABSENT : entries[at + 2];
  }

  /** The seq above which the user may read; 0 for all. */
  long readableAfter(ConversationId conversation) {
    int at = find(conversation.value());
    return at < 0 || (entries[at + 3] & 1) == 0 ? 0 : entries[at + 3] >> 1;
  }

  /** Whether the message lies at or below where the session stands. */
  boolean cover(Message message) {
    return message.seq() <= seq(message.conversation());
  }

  boolean contains(ConversationId conversation) {
    return find(conversation.value()) >= 0;
  }

  /** Moves the seq of a conversation; one that is absent is entered with rev 0. */
  void advance(ConversationId conversation, long seq) {
    int at = find(conversation.value());
    if (at >= 0) {
      entries[at + 1] = seq;
    } else {
      insert(-at - 1, conversation.value(), seq, 0, 0);
    }
  }

  public void put(MembershipSummary summary) {
    put(
        summary.conversation(),
        summary.lastSeq(),
        summary.rev(),
        summary.joinedSeq(),
        summary.history());
  }

  /** As of a founder, who reads everything. */
  public void put(ConversationId conversation, long seq, long rev) {
    put(conversation, seq, rev, 0, HistoryAccess.ALL);
  }

  /**
   * @param joinedSeq see {@link chat.engine.Member#joinedSeq}
   */
  public void put(
      ConversationId conversation, long seq, long rev, long joinedSeq, HistoryAccess history) {
    long readable = readable(joinedSeq, history);
    int at = find(conversation.value());
    if (at >= 0) {
      set(at, conversation.value(), seq, rev, readable);
    } else {
      insert(-at - 1, conversation.value(), seq, rev, readable);
    }
  }

  private static long readable(long joinedSeq, HistoryAccess history) {
    return (joinedSeq << 1) | (history == HistoryAccess.JOINED ? 1 : 0);
  }

  private void set(int at, long conversation, long seq, long rev, long readable) {
    entries[at] = conversation;
    entries[at + 1] = seq;
    entries[at + 2] = rev;
    entries[at + 3] = readable;
  }

  private void setHistory(ConversationId conversation, HistoryAccess history) {
    int at = find(conversation.value());
    if (at >= 0) {
      entries[at + 3] = (entries[at + 3] & ~1L) | (history == HistoryAccess.JOINED ? 1 : 0);
    }
  }

  void setRev(ConversationId conversation, long rev) {
    int at = find(conversation.value());
    if (at >= 0) {
      entries[at + 2] = rev;
    }
  }

  void remove(ConversationId conversation) {
    int at = find(conversation.value());
    if (at >= 0) {
      long[] shorter = new long[entries.length - WIDTH];
      System.arraycopy(entries, 0, shorter, 0, at);
      System.arraycopy(entries, at + WIDTH, shorter, at, shorter.length - at);
      entries = shorter;
    }
  }

  /**
   * Follows a change of a group: who is added stands behind the message that it came after.
   *
   * @param aboutMe whether the user of these cursors is one of its subjects
   * @return whether it is news to this user
   */
  boolean apply(ConversationChanged event, boolean aboutMe) {
    ConversationId id = event.conversation().id();
    ConversationChange change = event.change();
    if (change == null) {
      boolean news = !contains(id);
      if (news) {
        put(id, 0, 0);
      }
      return news;
    }
    if (change.rev() <= rev(id)) {
      return false;
    }
    if (aboutMe && change.kind() == ConversationChange.Kind.ADDED) {
      put(id, change.atSeq(), change.rev(), change.atSeq(), event.conversation().history());
      return true;
    }
    if (!contains(id)) {
      return false;
    }
    if (change.kind() == ConversationChange.Kind.DELETED
        || (aboutMe && change.kind() == ConversationChange.Kind.REMOVED)) {
      remove(id);
    } else {
      setRev(id, change.rev());
      GroupUpdate update = change.update();
      if (update != null && update.changes(GroupUpdate.Field.HISTORY)) {
        setHistory(id, update.history());
      }
    }
    return true;
  }

  /**
   * Follows a change of a message or of a pin.
   *
   * @param onlyNext whether it has to be the very next; the feed of a direct conversation tells
   *     those before it, see {@code ConversationFeed.rewindChanges}
   * @return whether it is to be told to this user now
   */
  boolean follow(ConversationChange change, boolean onlyNext) {
    long known = rev(change.conversation());
    boolean news =
        contains(change.conversation())
            && (onlyNext ? change.rev() == known + 1 : change.rev() > known);
    if (news) {
      setRev(change.conversation(), change.rev());
    }
    return news;
  }

  private void insert(int at, long conversation, long seq, long rev, long readable) {
    long[] longer = Arrays.copyOf(entries, entries.length + WIDTH);
    System.arraycopy(entries, at, longer, at + WIDTH, entries.length - at);
    entries = longer;
    set(at, conversation, seq, rev, readable);
  }

  /** Index of the entry, or {@code -(index to insert at) - 1}. */
  private int find(long conversation) {
    int low = 0;
    int high = entries.length / WIDTH - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long found = entries[middle * WIDTH];
      if (found < conversation) {
        low = middle + 1;
      } else if (found > conversation) {
        high = middle - 1;
      } else {
        return middle * WIDTH;
      }
    }
    return -(low * WIDTH) - 1;
  }
}
