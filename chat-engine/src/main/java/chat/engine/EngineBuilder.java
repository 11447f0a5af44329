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
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
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

  /** Where messages are stored. Closed with the engine. */
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
   * a prefix. Existing groups follow with their next refresh. The store must be a {@link
   * TransactionalStore}, and its pool needs two more connections.
   *
   * @param keyPrefix such as {@code "project:"}; empty for all keys of the application. No prefix
   *     may begin with another one
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
   * Says who is whose contact, for users who show their presence to contacts only; by default,
   * users who share a direct conversation are contacts.
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

  /** Receives the durations of commits and deliveries. */
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
   * Runs the application's code: listeners, dependents of futures, send and action hooks; for
   * example {@code Executors.newVirtualThreadPerTaskExecutor()}. Unless set, the engine uses its
   * own threads for that, and adds more when some block. The application closes the executor, after
   * the engine.
   *
   * <p>It should begin tasks at once, whatever earlier tasks do. A task that it refuses, would run
   * on the calling thread, or does not begin within 100 ms, runs on a thread of the engine instead,
   * and so do the tasks behind it until the executor works again (counted as {@code
   * executor_fallbacks}, and logged once per minute): nothing is lost, and no session waits for
   * blocking code of another. The events of a session come one at a time and in order on any
   * executor. When the engine closes, it interrupts listeners that block on its own threads, but
   * not those on this executor, and what the executor has not begun by then runs on the engine's.
   */
  public EngineBuilder executor(Executor forApplicationCode) {
    this.executor = forApplicationCode;
    return this;
  }

  /**
   * The clock for times that people see; by default the system's. Tests may need another one. The
   * engine corrects it by the store's; while it throws or returns null, the engine counts on from
   * the store's time.
   */
  public EngineBuilder clock(InstantSource wallClock) {
    this.clock = wallClock;
    return this;
  }

  /** The longest text of a message, in bytes of UTF-8; 16 KiB by default. */
  public EngineBuilder maxTextBytes(int bytes) {
    options = options.with(Limit.MAX_TEXT_BYTES, bytes);
    return this;
  }

  /** The most members of a group; 20,000 by default. */
  public EngineBuilder maxGroupMembers(int members) {
    options = options.with(Limit.MAX_GROUP_MEMBERS, members);
    return this;
  }

  /**
   * The most users whom one user can block, {@code TOO_LARGE} beyond; 1,000 by default. Calls at
   * the same time may exceed it by a few.
   */
  public EngineBuilder maxBlocks(int users) {
    options = options.with(Limit.MAX_BLOCKS, users);
    return this;
  }

  /**
   * The most groups of which a user can be the owner when the user creates one, {@code TOO_LARGE}
   * beyond; 1,000 by default. Calls at the same time may exceed it by a few. Groups that the
   * application creates do not count; see {@link ChatApplication#ownedGroups}.
   */
  public EngineBuilder maxOwnedGroups(int groups) {
    options = options.with(Limit.MAX_OWNED_GROUPS, groups);
    return this;
  }

  /**
   * The most reports of one user that wait for a decision, {@code TOO_LARGE} beyond; 200 by
   * default.
   */
  public EngineBuilder maxOpenReports(int reports) {
    options = options.with(Limit.MAX_OPEN_REPORTS, reports);
    return this;
  }

  /**
   * The most sessions of one user on this node; {@code RATE_LIMITED} refuses more. No limit by
   * default.
   */
  public EngineBuilder maxSessionsPerUser(int sessions) {
    options = options.with(Limit.MAX_SESSIONS_PER_USER, sessions);
    return this;
  }

  /**
   * The most conversations in one answer to a {@link ChatSession#sync}; 500 by default. A page ends
   * earlier if it is full, see {@link #answerBytes}. The others are on further pages.
   */
  public EngineBuilder maxSyncConversations(int conversations) {
    options = options.with(Limit.MAX_SYNC_CONVERSATIONS, conversations);
    return this;
  }

  /**
   * The most cursors of one {@link ChatSession#sync}, {@code TOO_LARGE} beyond; 20,000 by default.
   */
  public EngineBuilder maxSyncCursors(int cursors) {
    options = options.with(Limit.MAX_SYNC_CURSORS, cursors);
    return this;
  }

  /**
   * The most missed messages of one conversation in the answer to a {@link ChatSession#sync}; 100
   * by default. The others are read as history.
   */
  public EngineBuilder maxMissedMessages(int messages) {
    options = options.with(Limit.MAX_MISSED_MESSAGES, messages);
    return this;
  }

  /**
   * The size of one answer, in bytes counted as {@link HistoryQuery} says; 256 KiB by default. In a
   * page of a sync three eighths of it are for the conversations with their last messages (also in
   * a page of the inbox), three eighths for missed messages, and the rest for changed ones.
   */
  public EngineBuilder answerBytes(int bytes) {
    options = options.with(Limit.ANSWER_BYTES, bytes);
    return this;
  }

  /**
   * The most users of one call that takes a set of them to look at ({@link ChatUser#presence},
   * {@link ChatSession#watchPresence}, {@link ChatUser#fellowMembers}), {@code TOO_LARGE} beyond;
   * {@value ChatUser#MAX_USERS} by default.
   */
  public EngineBuilder maxUsersPerCall(int users) {
    options = options.with(Limit.MAX_USERS_PER_CALL, users);
    return this;
  }

  /**
   * How long others see a user typing after the last {@link ChatSession#typing}; 6 s by default,
   * and the same on all nodes. They see at most one repetition in half that time.
   */
  public EngineBuilder typingTimeout(Duration timeout) {
    options = options.with(Limit.TYPING_TIMEOUT, timeout);
    return this;
  }

  /**
   * The events that may wait for one session's listener, in bytes; 1 MiB by default. Beyond it the
   * live stream is cut.
   */
  public EngineBuilder sessionBudgetBytes(int bytes) {
    options = options.with(Limit.SESSION_BUDGET_BYTES, bytes);
    return this;
  }

  /**
   * How long a listener may take nothing after its stream was cut before its session is ended; 60 s
   * by default.
   */
  public EngineBuilder stalledSessionTimeout(Duration timeout) {
    options = options.with(Limit.STALLED_SESSION_TIMEOUT, timeout);
    return this;
  }

  /**
   * Transactions that commit messages at the same time; by default one per processor, but at least
   * 2 and at most 4. Fewer lanes make larger transactions, which cost less per message; more lanes
   * use more processors. Each needs a connection of the store's pool, which should have 8 more for
   * everything else.
   */
  public EngineBuilder lanes(int lanes) {
    options = options.with(Limit.LANES, lanes);
    return this;
  }

  /** The most messages of one transaction; 512 by default. */
  public EngineBuilder maxBatch(int messages) {
    options = options.with(Limit.MAX_BATCH, messages);
    return this;
  }

  /**
   * Sends that may wait in one lane before others are refused with {@code busy}; 8,192 by default.
   * At most half as many sends to one conversation may be pending. The same number may wait,
   * outside the lanes, for conversations that other transactions hold.
   */
  public EngineBuilder laneCapacity(int sends) {
    options = options.with(Limit.LANE_CAPACITY, sends);
    return this;
  }

  /**
   * How long a user counts as online after the last session closed, so that a reconnect does not
   * show; 10 s by default.
   */
  public EngineBuilder presenceGrace(Duration grace) {
    options = options.with(Limit.PRESENCE_GRACE, grace);
    return this;
  }

  /**
   * How long the send hook, the action hook and a membership may take to answer; 2 s by default.
   */
  public EngineBuilder hookDeadline(Duration deadline) {
    options = options.with(Limit.HOOK_DEADLINE, deadline);
    return this;
  }

  /**
   * Calls of the send hook that are in progress at the same time, and as many of the action hook
   * and of memberships; 64 by default. A call is in progress until the hook has returned, which
   * takes a thread, and then until its future is complete, which takes none. One that misses the
   * deadline and ignores its interrupt counts until it returns.
   */
  public EngineBuilder maxHookCalls(int calls) {
    options = options.with(Limit.MAX_HOOK_CALLS, calls);
    return this;
  }

  /**
   * Sends that may wait for the send hook, and actions that may wait for the action hook, before
   * others are refused with {@code busy}; 8,192 of each by default. However few they are, sends of
   * at most 64 MiB in all may wait.
   */
  public EngineBuilder maxPendingHookCalls(int calls) {
    options = options.with(Limit.MAX_PENDING_HOOK_CALLS, calls);
    return this;
  }

  /**
   * Committed messages that may wait for the commit observer, and as many for the offline notifier,
   * before they miss some; 8,192 by default. They may take at most 32 MiB in any case.
   */
  public EngineBuilder maxPendingObservations(int messages) {
    options = options.with(Limit.MAX_PENDING_OBSERVATIONS, messages);
    return this;
  }

  /**
   * The most threads that the engine creates where code of the application blocks: this many for
   * listeners, and as many for dependents of futures; 512 by default. When all are blocked, those
   * that have been blocked longest are interrupted. If all those for futures stay blocked, and as
   * many answers wait for one, new calls fail with {@code BUSY}. So do they when 16,384 answers
   * wait, because dependents are slower than the calls.
   */
  public EngineBuilder maxApplicationThreads(int threads) {
    options = options.with(Limit.MAX_APPLICATION_THREADS, threads);
    return this;
  }

  /**
   * Threads that wait for the store, except for sends and the engine's own comparison with the
   * store, which have threads of their own; 4 by default. Each needs a connection of the store's
   * pool while it does.
   */
  public EngineBuilder storeThreads(int threads) {
    options = options.with(Limit.STORE_THREADS, threads);
    return this;
  }

  /**
   * Calls that may wait for those threads before others are refused with {@code busy}, as many
   * receipts that may wait to be written, and as many users whose settings are read while they
   * connect; 16,384 by default.
   */
  public EngineBuilder maxPendingCalls(int calls) {
    options = options.with(Limit.MAX_PENDING_CALLS, calls);
    return this;
  }

  /**
   * How long a send may take, from when the send hook has allowed it; 10 s by default. One whose
   * conversation is locked by another transaction for so long fails with {@code busy}. One whose
   * commit is in doubt for so long, or which the store is still working on a second later, fails in
   * doubt. Later sends to the conversation wait behind it until then.
   */
  public EngineBuilder sendTimeout(Duration timeout) {
    options = options.with(Limit.SEND_TIMEOUT, timeout);
    return this;
  }

  /**
   * How long a transaction of the application may be idle between two statements after chat took
   * part in it, before the server ends it; 5 s by default. A lower limit of the application's stays
   * in force. A process that vanishes can keep a conversation locked for this long.
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
   * How long messages are kept where {@link ChatApplication#setRetention} sets nothing else;
   * without limit by default, and the same on all nodes. Older messages are removed from the store
   * with everything that belongs to them, within {@link #retentionPeriod} and the time that the
   * removal takes. The conversation then begins at a higher seq: its members get {@link
   * chat.engine.event.ConversationChanged} with {@link ConversationChange.Kind#EXPIRED}, and {@link
   * ConversationState#firstSeq} tells those who were away. Seqs and revs stay. A send that is
   * retried after its message has expired is stored as a new one.
   *
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} as {@link Retention#require} says
   */
  public EngineBuilder retention(Duration time) {
    Optional<Duration> fixed = Optional.of(Retention.require(time));
    return retention(() -> fixed);
  }

  /**
   * The same, for a time that may change while the engine runs: the engine asks for it before each
   * round, about every 10 seconds on each node (every {@link #retentionPeriod} if that is shorter),
   * and every 15 seconds of a round that takes longer. The last call of the two methods counts.
   *
   * <p>The supplier is called on the threads of the hooks, by one thread at a time, and may block.
   * It answers with a time that {@link Retention#require} accepts, or with empty to keep messages
   * forever. While there is no valid answer, because the supplier has not returned or has thrown,
   * this node expires no messages, not even in conversations that have a retention of their own.
   * Nothing else in the engine waits for it. Other nodes go on by what theirs answer, so all of
   * them should answer the same. What it throws is logged at most once a minute: a {@link
   * ChatException} as a warning with its message, such as {@link ErrorCode#UNAVAILABLE} when the
   * time cannot be read now, and anything else as an error with its stack trace.
   */
  public EngineBuilder retention(Supplier<Optional<Duration>> general) {
    options = options.withRetention(Objects.requireNonNull(general, "general"));
    return this;
  }

  /**
   * The time between two searches for expired messages, which one node at a time makes; 10 minutes
   * by default, and the same on all nodes.
   */
  public EngineBuilder retentionPeriod(Duration period) {
    options = options.with(Limit.RETENTION_PERIOD, period);
    return this;
  }

  /**
   * Whether users can {@linkplain ChatUser#search search} in their messages; off by default. It
   * must be the same on all nodes: the nodes with search keep an index in the store, also of what
   * other nodes write, and an existing index is brought up to date when search is switched on
   * again. With search the engine has three more threads, each of which needs a connection of the
   * store's pool. Without it, nothing is indexed, and a search fails with {@code FORBIDDEN}.
   */
  public EngineBuilder search(boolean on) {
    options = options.withSearch(on);
    return this;
  }

  /**
   * Whether edits keep what they replace; off by default, and the same on all nodes. With it, an
   * edit stores the text and the attributes that it replaces, in its own transaction, and everybody
   * who may read a message may read its earlier versions ({@link ChatUser#edits}): at most {@link
   * MessageVersion#MAX_PER_MESSAGE} versions of a message. Without it, nothing of an old text is
   * kept anywhere, and {@code edits} fails with {@code FORBIDDEN}. Versions that were kept while it
   * was on stay in the store after it is switched off, until their message is deleted or expires.
   */
  public EngineBuilder editHistory(boolean on) {
    options = options.withEditHistory(on);
    return this;
  }

  /**
   * Starts the engine. May block while the store is asked for a machine id. If it fails, no thread
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
