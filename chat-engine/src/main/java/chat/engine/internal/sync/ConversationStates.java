package chat.engine.internal.sync;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.Message;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Limit;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.MembershipSummary;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.ChangedAfter;
import chat.engine.spi.MessageStore.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads where conversations of a user stand, and what is news to one who knows them up to some
 * cursors: for the answer to a sync, and for the inbox. Thread-safe. Every method that reads the
 * store blocks: call it on a store thread.
 */
public final class ConversationStates {
  /** Messages, of up to 16 KiB each unless the engine is set up otherwise. */
  private static final int READ_AT_ONCE = 512;

  /** Conversations, so that few messages are read of those that an answer does not hold. */
  private static final int NEWEST_AT_ONCE = 128;

  private final MessageStore store;
  private final ConversationDirectory directory;
  private final int maxMissed;
  private final int answerBytes;

  public ConversationStates(
      MessageStore store, ConversationDirectory directory, EngineOptions options) {
    this.store = store;
    this.directory = directory;
    this.maxMissed = options.count(Limit.MAX_MISSED_MESSAGES);
    this.answerBytes = options.count(Limit.ANSWER_BYTES);
  }

  /** A page of the user's conversations. */
  public Page<ConversationState> inbox(UserId user, PageQuery<ConversationId> query) {
    Page<Membership> page =
        Page.of(
            store.conversations().memberships(user, query.after(), query.limit() + 1),
            query.limit());
    List<ConversationState> states = read(user, page.items(), Map.of(), 0);
    return new Page<>(states, page.hasMore() || states.size() < page.items().size());
  }

  /**
   * @throws ChatException with {@code NOT_FOUND} if the user is no member
   */
  public ConversationState inbox(UserId user, ConversationId id) {
    List<Membership> membership = store.conversations().memberships(user, List.of(id));
    if (membership.isEmpty()) {
      throw Errors.noSuchConversation(id);
    }
    return read(user, membership, Map.of(), 0).get(0);
  }

  /**
   * Whether there is nothing to tell of a conversation.
   *
   * @throws ChatException with {@code BAD_REQUEST} if the cursor cannot be
   */
  static boolean isAsKnown(MembershipSummary summary, @Nullable SyncCursor cursor) {
    if (cursor == null) {
      return false;
    }
    if (cursor.seq() > summary.lastSeq()) {
      throw ChatException.badRequest(
          "the cursor "
              + cursor.seq()
              + " of conversation "
              + summary.conversation()
              + " lies beyond its last message "
              + summary.lastSeq());
    }
    return cursor.seq() == summary.lastSeq()
        && cursor.rev() == summary.rev()
        && cursor.readSeq() == summary.readSeq()
        && hasPreferences(cursor, summary.preferences());
  }

  /** Where none were ever set, there are none to have. */
  private static boolean hasPreferences(SyncCursor cursor, long version) {
    return cursor.preferences() == version
        || (version == 0 && cursor.preferences() == SyncCursor.UNKNOWN);
  }

  /**
   * The states of the given conversations in their order: as many as an answer holds, and at least
   * one.
   *
   * @param asked what the user has of them, none of it beyond the last message
   * @param gone how many conversations the answer names beside these
   */
  List<ConversationState> read(
      UserId user, List<Membership> wanted, Map<ConversationId, SyncCursor> asked, int gone) {
    Map<ConversationId, Message> newestMessages = new HashMap<>();
    List<Membership> memberships = withNewest(wanted, asked, newestMessages, gone);
    List<Range> missed = new ArrayList<>();
    List<UnreadRange> unread = new ArrayList<>();
    List<ChangedAfter> changed = new ArrayList<>();
    Map<ConversationId, Long> limits = new HashMap<>(0);
    for (Membership membership : memberships) {
      ConversationId id = membership.conversation().id();
      long last = membership.lastSeq();
      SyncCursor cursor = asked.get(id);
      long readable = membership.readableAfter();
      if (readable > 0) {
        limits.put(id, readable);
      }
      if (cursor != null && last > start(membership, cursor)) {
        missed.add(new Range(id, start(membership, cursor), last, maxMissed));
      }
      if (cursor != null && knowsOldChanges(cursor, membership)) {
        changed.add(new ChangedAfter(id, cursor.rev(), cursor.seq(), maxMissed + 1));
      }
      long unreadAfter =
          Math.max(readable, membership.preferences().unreadAfter(membership.readSeq()));
      if (last > unreadAfter) {
        unread.add(new UnreadRange(id, unreadAfter, last, membership.rev()));
      }
    }
    Map<ConversationId, List<Message>> missedMessages =
        read(missed, AnswerBudget.ofMissed(answerBytes));
    Map<ConversationId, Changes> changes = readChanges(changed, limits);
    Map<ConversationId, Unread> unreadCounts =
        unread.isEmpty() ? Map.of() : store.conversations().unread(user, unread);
    OwnMarks marks =
        OwnMarks.read(
            store,
            user,
            Stream.of(
                    missedMessages.values().stream().flatMap(List::stream),
                    newestMessages.values().stream(),
                    changes.values().stream().flatMap(since -> since.messages().stream()))
                .flatMap(messages -> messages),
            limits);
    Map<ConversationId, List<Long>> pinned = readPinned(memberships);
    List<ConversationState> states = new ArrayList<>(memberships.size());
    for (Membership membership : memberships) {
      ConversationId id = membership.conversation().id();
      directory.refresh(membership.conversation(), membership.rev());
      List<Message> after = missedMessages.getOrDefault(id, List.of());
      Message newest = newestMessages.get(id);
      SyncCursor cursor = asked.get(id);
      boolean otherHistory =
          cursor != null
              && (cursor.rev() > membership.rev()
                  || (cursor.seq() > 0 && cursor.seq() < membership.readableAfter()));
      Changes since = otherHistory ? Changes.TOO_MANY : changes.getOrDefault(id, Changes.NONE);
      Unread counted = unreadCounts.getOrDefault(id, Unread.NONE);
      long reached = after.isEmpty() ? 0 : after.get(after.size() - 1).seq();
      states.add(
          new ConversationState(
              membership.conversation(),
              membership.role(),
              membership.rev(),
              membership.lastSeq(),
              membership.readSeq(),
              counted.messages(),
              newest == null ? null : marks.on(newest),
              marks.on(after),
              marks.on(since.messages()),
              since.reset(),
              cursor != null && Math.max(start(membership, cursor), reached) < membership.lastSeq(),
              counted.mentions(),
              membership.preferences(),
              readable(pinned.getOrDefault(id, List.of()), membership),
              membership.firstSeq(),
              membership.retention()));
    }
    return states;
  }

  /** The store is asked only if there are pins at all. */
  private Map<ConversationId, List<Long>> readPinned(List<Membership> memberships) {
    List<ConversationId> some =
        memberships.stream()
            .filter(membership -> membership.pins() > 0)
            .map(membership -> membership.conversation().id())
            .toList();
    return some.isEmpty() ? Map.of() : store.pinned(some);
  }

  /** The seq behind which what the cursor misses begins: what expired nobody misses. */
  private static long start(Membership membership, SyncCursor cursor) {
    long first = Math.max(membership.firstSeq() - 1, membership.readableAfter());
    return Math.max(cursor.seq(), first);
  }

  private static List<Long> readable(List<Long> seqs, Membership membership) {
    long after = membership.readableAfter();
    return after == 0 ? seqs : seqs.stream().filter(seq -> seq > after).toList();
  }

  /** Whether there is no message that the user may read and does not have. */
  private static boolean hasAll(Membership membership, @Nullable SyncCursor cursor) {
    return membership.lastSeq() == (cursor == null ? 0 : cursor.seq())
        || membership.lastSeq() <= membership.readableAfter();
  }

  /**
   * Reads the newest messages of conversations, piece by piece, as far as the budget lasts: what an
   * answer has of a conversation in any case.
   *
   * @param newest gets the newest message of each, where there is one that is not known and not too
   *     long
   * @return the conversations that an answer holds, from the first on
   */
  private List<Membership> withNewest(
      List<Membership> wanted,
      Map<ConversationId, SyncCursor> asked,
      Map<ConversationId, Message> newest,
      int gone) {
    AnswerBudget budget = AnswerBudget.ofConversations(answerBytes, gone);
    int taken = 0;
    while (taken < wanted.size()) {
      List<Membership> some =
          wanted.subList(taken, Math.min(taken + NEWEST_AT_ONCE, wanted.size()));
      List<Range> ranges =
          some.stream()
              .filter(membership -> !hasAll(membership, asked.get(membership.conversation().id())))
              .map(ConversationStates::newest)
              .toList();
      Map<ConversationId, List<Message>> read = ranges.isEmpty() ? Map.of() : store.ranges(ranges);
      for (Membership membership : some) {
        ConversationId id = membership.conversation().id();
        List<Message> last = read.getOrDefault(id, List.of());
        if (!budget.take(membership, last)) {
          if (taken > 0) {
            return wanted.subList(0, taken);
          }
          last = List.of(); // too long for any answer
        }
        last.forEach(message -> newest.put(id, message));
        taken++;
      }
    }
    return wanted;
  }

  private static Range newest(Membership membership) {
    long last = membership.lastSeq();
    return new Range(membership.conversation().id(), last - 1, last, 1);
  }

  /** Whether the cursor says which changes of messages are known, and there may be others. */
  private static boolean knowsOldChanges(SyncCursor cursor, Membership membership) {
    return cursor.seq() > 0 && cursor.rev() >= 0 && cursor.rev() < membership.rev();
  }

  /**
   * @param reset whether there are too many changes to tell
   */
  private record Changes(List<Message> messages, boolean reset) {
    static final Changes NONE = new Changes(List.of(), false);
    static final Changes TOO_MANY = new Changes(List.of(), true);
  }

  /** Reads all changes of a conversation or none, as long as the budget lasts. */
  private Map<ConversationId, Changes> readChanges(
      List<ChangedAfter> pieces, Map<ConversationId, Long> limits) {
    Map<ConversationId, Changes> read = new HashMap<>();
    AnswerBudget budget = AnswerBudget.ofChanges(answerBytes);
    int atOnce = Math.max(1, READ_AT_ONCE / (maxMissed + 1));
    for (int start = 0; start < pieces.size(); start += atOnce) {
      List<ChangedAfter> some = pieces.subList(start, Math.min(start + atOnce, pieces.size()));
      if (budget.isSpent()) {
        some.forEach(piece -> read.put(piece.conversation(), Changes.TOO_MANY));
      } else {
        store
            .changed(some)
            .forEach(
                (id, messages) ->
                    read.put(id, changes(messages, limits.getOrDefault(id, 0L), budget)));
      }
    }
    return read;
  }

  private Changes changes(List<Message> all, long readableAfter, AnswerBudget budget) {
    List<Message> messages =
        readableAfter == 0
            ? all
            : all.stream().filter(message -> message.seq() > readableAfter).toList();
    if (all.isEmpty()) {
      return Changes.NONE;
    }
    boolean fit = all.size() <= maxMissed && budget.takeFirst(messages).size() == messages.size();
    return fit ? new Changes(messages, false) : Changes.TOO_MANY;
  }

  /**
   * Reads the beginning of each range, as far as the budget lasts. What is held in memory beyond
   * the answer is bounded by {@link #READ_AT_ONCE}.
   */
  private Map<ConversationId, List<Message>> read(List<Range> ranges, AnswerBudget budget) {
    Map<ConversationId, List<Message>> found = new HashMap<>();
    int next = 0;
    while (next < ranges.size() && !budget.isSpent()) {
      int start = next;
      for (long messages = 0; next < ranges.size(); next++) {
        messages += length(ranges.get(next));
        if (messages > READ_AT_ONCE && next > start) {
          break;
        }
      }
      List<Range> some = ranges.subList(start, next);
      Map<ConversationId, List<Message>> read = store.ranges(some);
      for (Range range : some) {
        List<Message> messages = read.getOrDefault(range.conversation(), List.of());
        found.put(range.conversation(), budget.takeFirst(messages));
      }
    }
    return found;
  }

  private static long length(Range range) {
    return Math.min(range.limit(), range.upToSeq() - range.afterSeq());
  }
}
