package chat.engine.internal.sync;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.ConversationState;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SyncPages;
import chat.engine.internal.session.UserSessions;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.MessageStore;
import java.util.ArrayList;
import java.util.Comparator;
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
 * session's cursors to that. An answer is cut into pages, the stream is not: it goes on in all
 * conversations behind the first page.
 *
 * <p>The order matters: first the user is entered into the feeds of all groups, and those feeds are
 * subscribed; only then the cursors are read. So whatever is committed after the read reaches the
 * session, and what came in between is held and sorted out by the cursors. Thread-safe; blocks on
 * the store threads only.
 */
public final class SyncReader {
  private static final int MAX_ENTER_ROUNDS = 3;

  private static final Comparator<Membership> LAST_ACTIVE_FIRST =
      Comparator.comparing(Membership::activeAt)
          .thenComparing(membership -> membership.conversation().id())
          .reversed();

  private final MessageStore store;
  private final StoreThreads reads;
  private final ShardedFeeds feeds;
  private final ConversationStates states;
  private final SessionContext context;
  private final int pageSize;
  private final int maxCursors;

  public SyncReader(
      MessageStore store,
      StoreThreads reads,
      ShardedFeeds feeds,
      ConversationStates states,
      SessionContext context,
      EngineOptions options) {
    this.store = store;
    this.reads = reads;
    this.feeds = feeds;
    this.states = states;
    this.context = context;
    this.pageSize = options.count(Limit.MAX_SYNC_CONVERSATIONS);
    this.maxCursors = options.count(Limit.MAX_SYNC_CURSORS);
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
                reads.submit(() -> new Answer(memberships, firstPage(session, memberships, asked))))
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
              feeds.leaveAsOf(id, user, found.rev());
            }
          }
        });
  }

  private record Answer(List<Membership> memberships, SyncResult result) {}

  private @Nullable ChatException check(Map<ConversationId, SyncCursor> asked) {
    if (asked.size() > maxCursors) {
      return ChatException.tooLarge("at most " + maxCursors + " cursors, not " + asked.size());
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
                      feeds.enter(conversation, user, membership.lastSeq(), membership.rev()));
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
    memberships.forEach(
        membership ->
            cursors.put(
                membership.conversation().id(),
                membership.lastSeq(),
                membership.rev(),
                membership.joinedSeq(),
                membership.conversation().history()));
    return cursors;
  }

  // ---- answers

  /** Looks at all conversations: so every cursor is checked, and what is gone is known. */
  private SyncResult firstPage(
      Session session, List<Membership> memberships, Map<ConversationId, SyncCursor> asked) {
    List<Membership> wanted = new ArrayList<>();
    Set<ConversationId> gone = new HashSet<>(asked.keySet());
    for (Membership membership : memberships) {
      ConversationId id = membership.conversation().id();
      gone.remove(id);
      if (!ConversationStates.isAsKnown(membership, asked.get(id))) {
        wanted.add(membership);
      }
    }
    wanted.sort(LAST_ACTIVE_FIRST);
    List<ConversationState> states = states(session.user(), wanted, asked);
    boolean hasMore = states.size() < wanted.size();
    List<Membership> paged =
        hasMore ? wanted : wanted.subList(Math.max(0, wanted.size() - 1), wanted.size());
    session.keepPages(
        SyncPages.of(paged.stream().map(membership -> membership.conversation().id()).toList()));
    return new SyncResult(states, gone, hasMore);
  }

  private List<ConversationState> states(
      UserId user, List<Membership> wanted, Map<ConversationId, SyncCursor> asked) {
    return wanted.isEmpty()
        ? List.of()
        : states.read(user, wanted.subList(0, Math.min(wanted.size(), pageSize)), asked);
  }

  /**
   * A later page of an answer. Blocks: call it on a store thread.
   *
   * @param last the last conversation of the page before
   * @throws ChatException with {@code BAD_REQUEST} or {@code TOO_LARGE} for cursors that cannot be,
   *     and for a page that is none of the session's last sync
   */
  public SyncResult page(
      Session session, Map<ConversationId, SyncCursor> asked, ConversationId last) {
    ChatException refusal = check(asked);
    if (refusal != null) {
      throw refusal;
    }
    List<ConversationId> left =
        session
            .pagesAfter(last)
            .orElseThrow(
                () ->
                    ChatException.badRequest(
                        "there is no page behind conversation "
                            + last
                            + " in the last sync of this session; begin with its first page"));
    while (!left.isEmpty()) {
      List<ConversationId> next = left.subList(0, Math.min(left.size(), pageSize));
      List<Membership> wanted = // without what was left meanwhile
          memberships(session.user(), next).stream()
              .filter(
                  membership ->
                      !ConversationStates.isAsKnown(
                          membership, asked.get(membership.conversation().id())))
              .toList();
      List<ConversationState> states = states(session.user(), wanted, asked);
      boolean hasMore = states.size() < wanted.size() || next.size() < left.size();
      if (!states.isEmpty()) {
        return new SyncResult(states, Set.of(), hasMore);
      }
      left = left.subList(next.size(), left.size());
    }
    return new SyncResult(List.of(), Set.of(), false);
  }

  private List<Membership> memberships(UserId user, List<ConversationId> order) {
    Map<ConversationId, Membership> found = new HashMap<>();
    for (Membership membership : store.conversations().memberships(user, order)) {
      found.put(membership.conversation().id(), membership);
    }
    return order.stream().filter(found::containsKey).map(found::get).toList();
  }
}
