package chat.engine;

import chat.engine.hook.ActionHook;
import chat.engine.hook.CommitObserver;
import chat.engine.hook.ContactPolicy;
import chat.engine.hook.EngineTimings;
import chat.engine.hook.Membership;
import chat.engine.hook.OfflineNotifier;
import chat.engine.hook.SendHook;
import chat.engine.internal.EngineStart;
import chat.engine.internal.hook.Hooks;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import chat.engine.spi.TransactionalStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sets up a {@link ChatEngine}; get one from {@link ChatEngine#builder()}. Only the store must be
 * given. Not thread-safe.
 */
public final class EngineBuilder {
  private @Nullable MessageStore store;
  private @Nullable Router router;
  private @Nullable IdGenerator ids;
  private @Nullable SendHook sendHook;
  private @Nullable ActionHook actionHook;
  private @Nullable CommitObserver commitObserver;
  private @Nullable OfflineNotifier offlineNotifier;
  private EngineTimings timings = EngineTimings.NONE;
  private @Nullable ContactPolicy contacts;
  private final Map<String, Membership> memberships = new HashMap<>();
  private InstantSource clock = InstantSource.system();
  private @Nullable Executor executor;
  private EngineOptions options = EngineOptions.defaults();
  private boolean built;

  /** Use {@link ChatEngine#builder()}. */
  public EngineBuilder() {}

  /** Where messages live. The engine closes it when it is closed itself. */
  public EngineBuilder store(MessageStore messageStore) {
    requireUnset(store, "store");
    this.store = messageStore;
    return this;
  }

  /**
   * The link to the other nodes; without one this engine is the only node of its cluster. Closed
   * with the engine.
   */
  public EngineBuilder router(Router nodeRouter) {
    requireUnset(router, "router");
    this.router = nodeRouter;
    return this;
  }

  /**
   * Where ids come from; closed with the engine. If not given, the store leases machine ids (all
   * stores of this library can: see {@link MachineIdLeaseSource}).
   */
  public EngineBuilder ids(IdGenerator idGenerator) {
    requireUnset(ids, "id generator");
    this.ids = idGenerator;
    return this;
  }

  /** Is asked before each message is stored. */
  public EngineBuilder sendHook(SendHook hook) {
    this.sendHook = hook;
    return this;
  }

  /** Is asked before a user creates or changes a conversation. */
  public EngineBuilder actionHook(ActionHook hook) {
    this.actionHook = hook;
    return this;
  }

  /**
   * Says who is in the groups whose key, given by {@link ChatApplication#ensureGroup}, begins with
   * a prefix. Groups that are there already follow with their next refresh. The store must be a
   * {@link TransactionalStore}, and its pool needs two more connections.
   *
   * @param keyPrefix such as {@code "project:"}; empty for all keys of the application. It never
   *     begins with another prefix that is given here, nor the other way round
   * @throws IllegalArgumentException if it does
   */
  @Experimental
  public EngineBuilder membership(String keyPrefix, Membership membership) {
    Objects.requireNonNull(membership, "membership");
    for (String other : memberships.keySet()) {
      if (keyPrefix.startsWith(other) || other.startsWith(keyPrefix)) {
        throw new IllegalArgumentException(
            "the prefixes \"%s\" and \"%s\" overlap: some key would have two memberships"
                .formatted(other, keyPrefix));
      }
    }
    memberships.put(keyPrefix, membership);
    return this;
  }

  /**
   * Says who is whose contact, for users who show their presence to contacts only; unless set,
   * those who share a direct conversation are contacts.
   */
  @Experimental
  public EngineBuilder contacts(ContactPolicy policy) {
    this.contacts = policy;
    return this;
  }

  /** Called with each message that this node committed. */
  public EngineBuilder commitObserver(CommitObserver observer) {
    this.commitObserver = observer;
    return this;
  }

  /** Is told how long commits and deliveries take. */
  public EngineBuilder timings(EngineTimings engineTimings) {
    this.timings = engineTimings;
    return this;
  }

  /** Is told whom a message did not reach. */
  public EngineBuilder offlineNotifier(OfflineNotifier notifier) {
    this.offlineNotifier = notifier;
    return this;
  }

  /**
   * Runs the application's code: listeners, what is hung on futures, send and action hooks; for
   * example {@code Executors.newVirtualThreadPerTaskExecutor()}. Unless set, the engine has threads
   * for that, and makes more when some block. The application closes it, after the engine.
   *
   * <p>It should begin tasks at once, whatever those before do. A task that it refuses, that it
   * would run on the calling thread, or that it does not begin within 100 ms, runs on a thread of
   * the engine instead, and so do the tasks behind it until the executor goes on (counted as {@code
   * executor_fallbacks}, and logged once a minute): nothing is lost, and nobody waits for code of
   * another session that blocks. The events of a session come one at a time and in order on any
   * executor. When the engine closes, it interrupts listeners that block on its own threads, but
   * not those on this executor.
   */
  public EngineBuilder executor(Executor forApplicationCode) {
    this.executor = forApplicationCode;
    return this;
  }

  /** The clock for times that people see; the system's unless a test needs another. */
  public EngineBuilder clock(InstantSource wallClock) {
    this.clock = wallClock;
    return this;
  }

  /** The longest text of a message, in bytes of UTF-8; 16 KiB unless set. */
  public EngineBuilder maxTextBytes(int bytes) {
    options = options.with(Limit.MAX_TEXT_BYTES, bytes);
    return this;
  }

  /** The most members of a group; 20,000 unless set. */
  public EngineBuilder maxGroupMembers(int members) {
    options = options.with(Limit.MAX_GROUP_MEMBERS, members);
    return this;
  }

  /**
   * The most users whom one user can block, {@code TOO_LARGE} beyond; 1,000 unless set. Calls at
   * the same time may exceed it by a few.
   */
  public EngineBuilder maxBlocks(int users) {
    options = options.with(Limit.MAX_BLOCKS, users);
    return this;
  }

  /**
   * The most groups of which a user can be the owner when the user creates one, {@code TOO_LARGE}
   * beyond; 1,000 unless set. Calls at the same time may exceed it by a few. What the application
   * creates is not counted here; see {@link ChatApplication#ownedGroups}.
   */
  public EngineBuilder maxOwnedGroups(int groups) {
    options = options.with(Limit.MAX_OWNED_GROUPS, groups);
    return this;
  }

  /**
   * The most reports of one user that wait for a decision, {@code TOO_LARGE} beyond; 200 unless
   * set.
   */
  public EngineBuilder maxOpenReports(int reports) {
    options = options.with(Limit.MAX_OPEN_REPORTS, reports);
    return this;
  }

  /**
   * The most sessions of one user on this node; {@code RATE_LIMITED} refuses more. No limit unless
   * set.
   */
  public EngineBuilder maxSessionsPerUser(int sessions) {
    options = options.with(Limit.MAX_SESSIONS_PER_USER, sessions);
    return this;
  }

  /**
   * The most conversations in one answer to a {@link ChatSession#sync}; 500 unless set. A page ends
   * earlier where they fill it, see {@link #answerBytes}. The others are on further pages.
   */
  public EngineBuilder maxSyncConversations(int conversations) {
    options = options.with(Limit.MAX_SYNC_CONVERSATIONS, conversations);
    return this;
  }

  /**
   * The most cursors of one {@link ChatSession#sync}, {@code TOO_LARGE} beyond; 20,000 unless set.
   */
  public EngineBuilder maxSyncCursors(int cursors) {
    options = options.with(Limit.MAX_SYNC_CURSORS, cursors);
    return this;
  }

  /**
   * The most missed messages of one conversation in the answer to a {@link ChatSession#sync}; 100
   * unless set. The others are read as history.
   */
  public EngineBuilder maxMissedMessages(int messages) {
    options = options.with(Limit.MAX_MISSED_MESSAGES, messages);
    return this;
  }

  /**
   * What one answer may take, in bytes counted as {@link HistoryQuery} says; 256 KiB unless set. In
   * a page of a sync three eighths of it are for the conversations with their last messages (also
   * in a page of the inbox), three eighths for missed messages, and the rest for changed ones.
   */
  public EngineBuilder answerBytes(int bytes) {
    options = options.with(Limit.ANSWER_BYTES, bytes);
    return this;
  }

  /**
   * The most users of one call that takes a set of them to look at ({@link ChatUser#presence},
   * {@link ChatSession#watchPresence}, {@link ChatUser#fellowMembers}), {@code TOO_LARGE} beyond;
   * {@value ChatUser#MAX_USERS} unless set.
   */
  public EngineBuilder maxUsersPerCall(int users) {
    options = options.with(Limit.MAX_USERS_PER_CALL, users);
    return this;
  }

  /**
   * How long others see a user type after the last {@link ChatSession#typing}; 6 s unless set, and
   * the same on all nodes. They see a repetition once in half that time at most.
   */
  public EngineBuilder typingTimeout(Duration timeout) {
    options = options.with(Limit.TYPING_TIMEOUT, timeout);
    return this;
  }

  /**
   * What may wait for one session's listener, in bytes; 1 MiB unless set. Past it the live stream
   * is cut.
   */
  public EngineBuilder sessionBudgetBytes(int bytes) {
    options = options.with(Limit.SESSION_BUDGET_BYTES, bytes);
    return this;
  }

  /**
   * How long a listener may stand still with a cut stream before its session is ended; 60 s unless
   * set.
   */
  public EngineBuilder stalledSessionTimeout(Duration timeout) {
    options = options.with(Limit.STALLED_SESSION_TIMEOUT, timeout);
    return this;
  }

  /**
   * Transactions that commit messages side by side; unless set one for each processor, but 2 at
   * least and 4 at most. Fewer lanes make larger transactions, which cost less a message; more
   * lanes use more processors. Each needs a connection of the store's pool, which should have 8
   * more for all else.
   */
  public EngineBuilder lanes(int lanes) {
    options = options.with(Limit.LANES, lanes);
    return this;
  }

  /** The most messages of one transaction; 512 unless set. */
  public EngineBuilder maxBatch(int messages) {
    options = options.with(Limit.MAX_BATCH, messages);
    return this;
  }

  /**
   * Sends that may wait in one lane before others are refused with {@code busy}; 8,192 unless set.
   * At most half as many sends to one conversation may be pending. As many again may wait, outside
   * the lanes, for conversations that other transactions hold.
   */
  public EngineBuilder laneCapacity(int sends) {
    options = options.with(Limit.LANE_CAPACITY, sends);
    return this;
  }

  /**
   * How long a user counts as online after the last session closed, so that a reconnect is no flap;
   * 10 s unless set.
   */
  public EngineBuilder presenceGrace(Duration grace) {
    options = options.with(Limit.PRESENCE_GRACE, grace);
    return this;
  }

  /**
   * How long the send hook, the action hook and a membership may take to answer; 2 s unless set.
   */
  public EngineBuilder hookDeadline(Duration deadline) {
    options = options.with(Limit.HOOK_DEADLINE, deadline);
    return this;
  }

  /**
   * Calls of the send hook that are in progress at the same time, and as many of the action hook
   * and of memberships; 64 unless set. A call is in progress until the hook has returned, which
   * takes a thread, and then until its future is complete, which takes none. One that misses the
   * deadline and ignores its interrupt counts until it returns.
   */
  public EngineBuilder maxHookCalls(int calls) {
    options = options.with(Limit.MAX_HOOK_CALLS, calls);
    return this;
  }

  /**
   * Sends that may wait for the send hook, and actions that may wait for the action hook, before
   * others are refused with {@code busy}; 8,192 of each unless set. Sends of 64 MiB in all are the
   * most that may wait, however few they are.
   */
  public EngineBuilder maxPendingHookCalls(int calls) {
    options = options.with(Limit.MAX_PENDING_HOOK_CALLS, calls);
    return this;
  }

  /**
   * Committed messages that may wait for the commit observer, and as many for the offline notifier,
   * before they miss some; 8,192 unless set. 32 MiB of them are too many in any case.
   */
  public EngineBuilder maxPendingObservations(int messages) {
    options = options.with(Limit.MAX_PENDING_OBSERVATIONS, messages);
    return this;
  }

  /**
   * Threads that the engine makes at most, where code of the application blocks: so many for
   * listeners and as many for what is hung on futures; 512 unless set. When all are blocked those
   * that were blocked for longest are interrupted. While all those for futures are blocked all the
   * same, and as many answers wait for one, new calls fail with {@code BUSY}; so do they when
   * 16,384 answers wait, because what is hung on futures is slower than the calls.
   */
  public EngineBuilder maxApplicationThreads(int threads) {
    options = options.with(Limit.MAX_APPLICATION_THREADS, threads);
    return this;
  }

  /**
   * Threads that wait for the store in all that is no send; 4 unless set. Each needs a connection
   * of the store's pool while it does. The engine's comparison with the store does not wait behind
   * them.
   */
  public EngineBuilder storeThreads(int threads) {
    options = options.with(Limit.STORE_THREADS, threads);
    return this;
  }

  /**
   * Calls that may wait for those threads before others are refused with {@code busy}, as many
   * receipts that may wait to be written, and as many users whose settings are read while they
   * connect; 16,384 unless set.
   */
  public EngineBuilder maxPendingCalls(int calls) {
    options = options.with(Limit.MAX_PENDING_CALLS, calls);
    return this;
  }

  /**
   * How long a send may take, from when the send hook has allowed it; 10 s unless set. One whose
   * conversation is locked by another transaction for so long fails with {@code busy}. One whose
   * commit is in doubt for so long, or which the store is still working on a second later, fails in
   * doubt. Later sends to the conversation wait behind it until then.
   */
  public EngineBuilder sendTimeout(Duration timeout) {
    options = options.with(Limit.SEND_TIMEOUT, timeout);
    return this;
  }

  /**
   * For how long a transaction of the application may stand idle between two statements after chat
   * took part in it, before the server ends it; 5 s unless set. A lower limit of the application's
   * stays in force. For as long, a process that vanishes can keep a conversation locked.
   */
  public EngineBuilder transactionIdleLimit(Duration limit) {
    if (limit.toMillis() < 1 || limit.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "transactionIdleLimit must be between 1 ms and 2^31 - 1 ms, not " + limit);
    }
    options = options.with(Limit.TRANSACTION_IDLE_LIMIT, limit);
    return this;
  }

  /**
   * How long messages are kept where {@link ChatApplication#setRetention} sets nothing else; always
   * unless set, and the same on all nodes. Messages that are older leave the store with all that
   * belongs to them within {@link #retentionPeriod} and the time that it takes. What a conversation
   * has then begins at a higher seq: its members get {@link chat.engine.event.ConversationChanged}
   * with {@link ConversationChange.Kind#EXPIRED}, and {@link ConversationState#firstSeq} tells
   * those who were away. Seqs and revs stay. A send that is retried after its message has expired
   * is stored as a new one.
   *
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} as {@link Retention#require} says
   */
  public EngineBuilder retention(Duration time) {
    options = options.withRetention(Retention.require(time));
    return this;
  }

  /**
   * How much time is between two searches for messages that have expired, which one node at a time
   * makes; 10 minutes unless set, and the same on all nodes.
   */
  public EngineBuilder retentionPeriod(Duration period) {
    options = options.with(Limit.RETENTION_PERIOD, period);
    return this;
  }

  /**
   * Whether users can {@linkplain ChatUser#search search} in their messages; off unless set. It
   * must be the same on all nodes: the nodes with search keep an index in the store, of what the
   * others write, too, and an index that existed before is brought up to date when search is
   * switched on again. With search the engine has three threads more, each of which needs a
   * connection of the store's pool. Without it, nothing is indexed, and a search fails with {@code
   * FORBIDDEN}.
   */
  public EngineBuilder search(boolean on) {
    options = options.withSearch(on);
    return this;
  }

  /**
   * Whether edits keep what they replace; off unless set, and the same on all nodes. With it, an
   * edit stores the text and the attributes that it replaces, in its own transaction, and those who
   * may read a message may read what it said before ({@link ChatUser#edits}): at most {@link
   * MessageVersion#MAX_PER_MESSAGE} versions of a message. Without it nothing of an old text stays
   * anywhere, and {@code edits} fails with {@code FORBIDDEN}. What was kept while it was on stays
   * in the store when it is switched off, until its message is deleted or expires.
   */
  public EngineBuilder editHistory(boolean on) {
    options = options.withEditHistory(on);
    return this;
  }

  /**
   * Starts the engine. May block while the store is asked for a machine id. If it fails no thread
   * and no lease is left behind, and the store is still open; a router that was started is closed.
   *
   * @throws IllegalStateException if no store was given, if no ids were given and the store cannot
   *     lease machine ids, if search is on and the store has none, if there is a membership and the
   *     store is no {@link TransactionalStore}, or if this builder has built an engine before
   * @throws chat.engine.spi.StoreUnavailableException if no machine id can be leased at present
   */
  public ChatEngine build() {
    MessageStore messageStore = store;
    if (messageStore == null) {
      throw new IllegalStateException(
          "a chat engine needs a store: ChatEngine.builder().store(...)");
    }
    if (built) {
      throw new IllegalStateException("this builder has built an engine; take another");
    }
    if (options.search() && messageStore.search().isEmpty()) {
      throw new IllegalStateException(
          "search is on, and this store has none: its MessageStore.search() is empty");
    }
    if (!memberships.isEmpty() && !(messageStore instanceof TransactionalStore)) {
      throw new IllegalStateException(
          "a membership is asked in transactions of the store, and this store has none: it is no"
              + " TransactionalStore, as PostgresMessageStore is");
    }
    Hooks hooks =
        new Hooks(
            sendHook,
            actionHook,
            commitObserver,
            offlineNotifier,
            timings,
            Map.copyOf(memberships),
            contacts);
    ChatEngine engine =
        EngineStart.start(messageStore, router, ids, hooks, clock, executor, options);
    built = true;
    return engine;
  }

  private static void requireUnset(@Nullable Object part, String name) {
    if (part != null) {
      throw new IllegalStateException("this builder has a " + name + " already");
    }
  }
}
