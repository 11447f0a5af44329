package chat.engine.internal.sync;

import chat.engine.ChatException;
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
import chat.engine.spi.ConversationStore.MembershipSummary;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads where a user's conversations stand, for a session that connects or syncs, and sets the
 * session's cursors to that. An answer is cut into pages, the stream is not: it goes on in all
 * conversations behind the first page. Of all conversations only summaries are read; the rest is
 * read of those on the page.
 *
 * <p>The order matters: first the user is entered into the feeds of all groups, and those feeds are
 * subscribed; only then the cursors are read. So whatever is committed after the read reaches the
 * session, and what came in between is held and sorted out by the cursors. Thread-safe; blocks on
 * the store threads only.
 */
public final class SyncReader {
  private static final int MAX_ENTER_ROUNDS = 3;

  private static final Comparator<MembershipSummary> LAST_ACTIVE_FIRST =
      Comparator.comparing(MembershipSummary::activeAt)
          .thenComparing(MembershipSummary::conversation)
          .reversed();

  private final MessageStore store;
  private final StoreThreads reads;
  private final ShardedFeeds feeds;
  private final ConversationStates states;
  private final SessionContext context;
  private final int pageSize;
  private final int maxCursors;
  private final int mostGone;

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
    this.mostGone = AnswerBudget.mostGone(options.count(Limit.ANSWER_BYTES));
  }

  /**
   * Loads the cursors of a new session.
   *
   * @param connected run in front of the session's first event
   */
  public CompletableFuture<Void> connect(Session session, Runnable connected) {
    return summaries(session.home(), 0)
        .thenAccept(summaries -> end(session, summaries, Cursors.of(summaries), connected));
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
    return summaries(session.home(), 0)
        .thenCompose(
            summaries -> reads.submit(() -> Answer.of(summaries, first(session, summaries, asked))))
        .thenAccept(
            answer ->
                end(
                    session,
                    answer.summaries(),
                    answer.cursors(),
                    () -> answered.accept(answer.first().result())));
  }

  /** Lets the stream go on from the cursors, behind the answer. */
  private void end(
      Session session, List<MembershipSummary> summaries, Cursors cursors, Runnable answer) {
    context.refill(session.endSync(cursors, answer));
    feeds.reconcile(session, summaries.stream().map(MembershipSummary::conversation).toList());
    leaveFormerGroups(session.home(), summaries);
  }

  /** Takes the user out of the feeds of groups that are the user's no more. */
  private void leaveFormerGroups(UserSessions user, List<MembershipSummary> summaries) {
    Set<ConversationId> former = new HashSet<>(List.of(user.groups()));
    summaries.forEach(summary -> former.remove(summary.conversation()));
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

  /**
   * A page of an answer.
   *
   * @param read those of its conversations, and perhaps some behind them
   * @param vanished those that ceased to be the user's between the summaries and the page
   */
  private record AnswerPage(
      List<Membership> read, SyncResult result, Set<ConversationId> vanished) {}

  private record Answer(List<MembershipSummary> summaries, AnswerPage first) {
    /**
     * Leaves out what vanished. The answer tells it as gone, so its removal must not follow as an
     * event: the messages and changes before the removal would be missing.
     */
    static Answer of(List<MembershipSummary> summaries, AnswerPage first) {
      return first.vanished().isEmpty()
          ? new Answer(summaries, first)
          : new Answer(
              summaries.stream()
                  .filter(summary -> !first.vanished().contains(summary.conversation()))
                  .toList(),
              first);
    }

    /** Where the answer leaves the session: what is on the page was read later than the rest. */
    Cursors cursors() {
      Cursors cursors = Cursors.of(summaries);
      first.read().forEach(membership -> cursors.put(MembershipSummary.of(membership)));
      return cursors;
    }
  }

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
  private CompletableFuture<List<MembershipSummary>> summaries(UserSessions user, int round) {
    return reads
        .submit(() -> store.conversations().summaries(user.user()))
        .thenCompose(
            summaries -> {
              List<ConversationId> missing = new ArrayList<>();
              for (MembershipSummary summary : summaries) {
                if (summary.kind() == ConversationKind.GROUP
                    && !user.isInGroup(summary.conversation())) {
                  missing.add(summary.conversation());
                }
              }
              if (missing.isEmpty() || round >= MAX_ENTER_ROUNDS) {
                return CompletableFuture.completedFuture(summaries);
              }
              return enter(user, missing).thenCompose(entered -> summaries(user, round + 1));
            });
  }

  private CompletableFuture<Void> enter(UserSessions user, List<ConversationId> groups) {
    return reads
        .submit(() -> store.conversations().memberships(user.user(), groups))
        .thenCompose(
            memberships ->
                CompletableFuture.allOf(
                    memberships.stream()
                        .map(
                            membership ->
                                feeds.enter(
                                    membership.conversation(),
                                    user,
                                    membership.lastSeq(),
                                    membership.rev()))
                        .toArray(CompletableFuture[]::new)));
  }

  // ---- answers

  /** Looks at all conversations: so every cursor is checked, and what is gone is known. */
  private AnswerPage first(
      Session session, List<MembershipSummary> summaries, Map<ConversationId, SyncCursor> asked) {
    List<MembershipSummary> wanted = new ArrayList<>();
    Set<ConversationId> gone = new HashSet<>(asked.keySet());
    for (MembershipSummary summary : summaries) {
      gone.remove(summary.conversation());
      if (!ConversationStates.isAsKnown(summary, asked.get(summary.conversation()))) {
        wanted.add(summary);
      }
    }
    wanted.sort(LAST_ACTIVE_FIRST);
    List<ConversationId> order = wanted.stream().map(MembershipSummary::conversation).toList();
    Set<ConversationId> told = gone; // if there are too many, the next sync names the others
    if (gone.size() > mostGone) {
      told = gone.stream().sorted().limit(mostGone).collect(Collectors.toSet());
    }
    AnswerPage page = page(session.user(), order, told, asked);
    List<ConversationId> paged =
        page.result().hasMore()
            ? order
            : order.subList(Math.max(0, order.size() - 1), order.size());
    session.keepPages(SyncPages.of(paged));
    return withVanished(page, asked.keySet());
  }

  /** The page, whose answer names also what vanished, as far as the client knows of it. */
  private static AnswerPage withVanished(AnswerPage page, Set<ConversationId> known) {
    Set<ConversationId> gone = new HashSet<>(page.vanished());
    gone.retainAll(known);
    if (gone.isEmpty()) {
      return page;
    }
    SyncResult result = page.result();
    gone.addAll(result.gone());
    return new AnswerPage(
        page.read(),
        new SyncResult(result.conversations(), gone, result.hasMore()),
        page.vanished());
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
    return page(session.user(), left, Set.of(), asked).result();
  }

  /**
   * The beginning of what is left of an answer, without what is gone meanwhile.
   *
   * @param gone what the answer has of conversations that are the user's no more
   */
  private AnswerPage page(
      UserId user,
      List<ConversationId> left,
      Set<ConversationId> gone,
      Map<ConversationId, SyncCursor> asked) {
    Set<ConversationId> vanished = new HashSet<>();
    while (!left.isEmpty()) {
      List<ConversationId> next = left.subList(0, Math.min(left.size(), pageSize));
      List<Membership> found = memberships(user, next);
      if (found.size() < next.size()) {
        vanished.addAll(next);
        found.forEach(membership -> vanished.remove(membership.conversation().id()));
      }
      List<Membership> wanted =
          found.stream()
              .filter(
                  membership ->
                      !ConversationStates.isAsKnown(
                          MembershipSummary.of(membership),
                          asked.get(membership.conversation().id())))
              .toList();
      List<ConversationState> told =
          wanted.isEmpty() ? List.of() : states.read(user, wanted, asked, gone.size());
      boolean hasMore = told.size() < wanted.size() || next.size() < left.size();
      if (!told.isEmpty()) {
        return new AnswerPage(wanted, new SyncResult(told, gone, hasMore), vanished);
      }
      left = left.subList(next.size(), left.size());
    }
    return new AnswerPage(List.of(), new SyncResult(List.of(), gone, false), vanished);
  }

  private List<Membership> memberships(UserId user, List<ConversationId> order) {
    Map<ConversationId, Membership> found = new HashMap<>();
    for (Membership membership : store.conversations().memberships(user, order)) {
      found.put(membership.conversation().id(), membership);
    }
    return order.stream().filter(found::containsKey).map(found::get).toList();
  }
}
