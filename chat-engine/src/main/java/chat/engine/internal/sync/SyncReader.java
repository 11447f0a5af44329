package chat.engine.internal.sync;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.ConversationState;
import chat.engine.Message;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.UserSessions;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads where a user's conversations stand, for a session that connects or syncs, and sets the
 * session's cursors to that.
 *
 * <p>The order matters: first the user is entered into the feeds of all groups, and those feeds are
 * subscribed; only then the cursors are read. So whatever is committed after the read reaches the
 * session, and what came in between is held and sorted out by the cursors. Thread-safe; blocks on
 * the store threads only.
 */
public final class SyncReader {
  private static final int MAX_CURSORS = 20_000;
  private static final int MISSED_PER_CONVERSATION = 100;

  /** Messages, of up to 16 KiB each unless the engine is set up otherwise. */
  private static final int READ_AT_ONCE = 512;

  private static final int MAX_ENTER_ROUNDS = 3;

  private final MessageStore store;
  private final StoreThreads reads;
  private final ShardedFeeds feeds;
  private final ConversationDirectory directory;
  private final SessionContext context;

  public SyncReader(
      MessageStore store,
      StoreThreads reads,
      ShardedFeeds feeds,
      ConversationDirectory directory,
      SessionContext context) {
    this.store = store;
    this.reads = reads;
    this.feeds = feeds;
    this.directory = directory;
    this.context = context;
  }

  /**
   * Loads the cursors of a new session.
   *
   * @param connected run in front of the session's first event
   */
  public CompletableFuture<Void> connect(Session session, Runnable connected) {
    return standing(session.home(), 0)
        .thenAccept(memberships -> end(session, memberships, connected));
  }

  /**
   * Loads the cursors of a session, new or not, and answers what it missed.
   *
   * @param answered given the answer, in front of the events that come after it
   */
  public CompletableFuture<Void> sync(
      Session session, Map<ConversationId, SyncCursor> asked, Consumer<SyncResult> answered) {
    ChatException refusal = check(asked);
    if (refusal != null) {
      return CompletableFuture.failedFuture(refusal);
    }
    return standing(session.home(), 0)
        .thenCompose(
            memberships ->
                reads.submit(() -> new Answer(memberships, answer(session, memberships, asked))))
        .thenAccept(
            answer -> end(session, answer.memberships(), () -> answered.accept(answer.result())));
  }

  /** Lets the stream go on from where the memberships stand, behind the answer. */
  private void end(Session session, List<Membership> memberships, Runnable answer) {
    context.refill(session.endSync(cursors(memberships), answer));
    feeds.reconcile(
        session, memberships.stream().map(membership -> membership.conversation().id()).toList());
    leaveFormerGroups(session.home(), memberships);
  }

  /** Takes the user out of the feeds of groups that are the user's no more. */
  private void leaveFormerGroups(UserSessions user, List<Membership> memberships) {
    Set<ConversationId> former = new HashSet<>(List.of(user.groups()));
    memberships.forEach(membership -> former.remove(membership.conversation().id()));
    if (former.isEmpty()) {
      return;
    }
    reads.run(
        () -> {
          Map<ConversationId, Found> existing = store.conversations().find(former);
          for (ConversationId id : former) {
            Found found = existing.get(id);
            if (found == null) {
              feeds.leave(id, user); // deleted
            } else if (store.conversations().member(id, user.user()).isEmpty()) {
              feeds.leaveAsOf(id, user, found.membersRev());
            }
          }
        });
  }

  private record Answer(List<Membership> memberships, SyncResult result) {}

  private static @Nullable ChatException check(Map<ConversationId, SyncCursor> asked) {
    if (asked.size() > MAX_CURSORS) {
      return ChatException.tooLarge("at most " + MAX_CURSORS + " cursors, not " + asked.size());
    }
    for (Map.Entry<ConversationId, SyncCursor> cursor : asked.entrySet()) {
      long seq = cursor.getValue().seq();
      if (seq < 0) {
        return ChatException.badRequest(
            "the cursor of conversation " + cursor.getKey() + " is negative: " + seq);
      }
    }
    return null;
  }

  /** The user's conversations, read when the user is in the feeds of all groups among them. */
  private CompletableFuture<List<Membership>> standing(UserSessions user, int round) {
    return reads
        .submit(() -> store.conversations().memberships(user.user()))
        .thenCompose(
            memberships -> {
              List<CompletableFuture<Void>> entering = new ArrayList<>();
              for (Membership membership : memberships) {
                Conversation conversation = membership.conversation();
                if (conversation.kind() == ConversationKind.GROUP
                    && !user.isInGroup(conversation.id())) {
                  entering.add(
                      feeds.enter(
                          conversation, user, membership.lastSeq(), membership.membersRev()));
                }
              }
              if (entering.isEmpty() || round >= MAX_ENTER_ROUNDS) {
                return CompletableFuture.completedFuture(memberships);
              }
              return CompletableFuture.allOf(entering.toArray(CompletableFuture[]::new))
                  .thenCompose(entered -> standing(user, round + 1));
            });
  }

  private static Cursors cursors(List<Membership> memberships) {
    Cursors cursors = new Cursors();
    memberships.stream()
        .sorted((a, b) -> a.conversation().id().compareTo(b.conversation().id()))
        .forEach(
            membership ->
                cursors.put(
                    membership.conversation().id(), membership.lastSeq(), membership.membersRev()));
    return cursors;
  }

  private SyncResult answer(
      Session session, List<Membership> memberships, Map<ConversationId, SyncCursor> asked) {
    List<Membership> wanted = new ArrayList<>();
    Set<ConversationId> gone = new HashSet<>(asked.keySet());
    List<Range> missed = new ArrayList<>();
    List<Range> newest = new ArrayList<>();
    List<Range> unread = new ArrayList<>();
    for (Membership membership : memberships) {
      ConversationId id = membership.conversation().id();
      gone.remove(id);
      long last = membership.lastSeq();
      SyncCursor cursor = asked.get(id);
      if (cursor != null && cursor.seq() > last) {
        throw ChatException.badRequest(
            "the cursor "
                + cursor.seq()
                + " of conversation "
                + id
                + " lies beyond its last message "
                + last);
      }
      if (cursor != null && isAsKnown(membership, cursor)) {
        continue;
      }
      wanted.add(membership);
      boolean hasAll = last == (cursor == null ? 0 : cursor.seq());
      if (cursor != null && !hasAll) {
        missed.add(new Range(id, cursor.seq(), last, MISSED_PER_CONVERSATION));
      }
      if (!hasAll) {
        newest.add(new Range(id, last - 1, last, 1));
      }
      if (last > membership.readSeq()) {
        unread.add(new Range(id, membership.readSeq(), last, Integer.MAX_VALUE));
      }
    }
    Map<ConversationId, List<Message>> missedMessages = read(missed, AnswerBudget.ofMissed());
    Map<ConversationId, List<Message>> newestMessages = read(newest, AnswerBudget.ofLastMessages());
    Map<ConversationId, Long> unreadCounts =
        unread.isEmpty() ? Map.of() : store.conversations().unread(session.user(), unread);
    List<ConversationState> states = new ArrayList<>(wanted.size());
    for (Membership membership : wanted) {
      ConversationId id = membership.conversation().id();
      directory.refresh(membership.conversation(), membership.membersRev());
      List<Message> after = missedMessages.getOrDefault(id, List.of());
      List<Message> last = newestMessages.getOrDefault(id, List.of());
      SyncCursor cursor = asked.get(id);
      long reached = after.isEmpty() ? 0 : after.get(after.size() - 1).seq();
      states.add(
          new ConversationState(
              membership.conversation(),
              membership.role(),
              membership.membersRev(),
              membership.lastSeq(),
              membership.readSeq(),
              unreadCounts.getOrDefault(id, 0L),
              last.isEmpty() ? null : last.get(0),
              after,
              cursor != null && Math.max(cursor.seq(), reached) < membership.lastSeq()));
    }
    return new SyncResult(states, gone);
  }

  private static boolean isAsKnown(Membership membership, SyncCursor cursor) {
    return cursor.seq() == membership.lastSeq()
        && cursor.rev() == membership.membersRev()
        && cursor.readSeq() == membership.readSeq();
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
