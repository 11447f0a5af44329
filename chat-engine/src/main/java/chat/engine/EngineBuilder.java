package chat.engine;

import chat.engine.hook.CommitObserver;
import chat.engine.hook.EngineTimings;
import chat.engine.hook.OfflineNotifier;
import chat.engine.hook.SendHook;
import chat.engine.internal.EngineStart;
import chat.engine.internal.hook.Hooks;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import java.time.Duration;
import java.time.InstantSource;
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
  private @Nullable CommitObserver commitObserver;
  private @Nullable OfflineNotifier offlineNotifier;
  private EngineTimings timings = EngineTimings.NONE;
  private InstantSource clock = InstantSource.system();
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

  /** The clock for times that people see; the system's unless a test needs another. */
  public EngineBuilder clock(InstantSource wallClock) {
    this.clock = wallClock;
    return this;
  }

  /** The longest text of a message, in bytes of UTF-8; 16 KiB unless set. */
  public EngineBuilder maxTextBytes(int bytes) {
    options = options.withMaxTextBytes(bytes);
    return this;
  }

  /** The most members of a group; 20,000 unless set. */
  public EngineBuilder maxGroupMembers(int members) {
    options = options.withMaxGroupMembers(members);
    return this;
  }

  /**
   * The most sessions of one user on this node; {@code RATE_LIMITED} refuses more. No limit unless
   * set.
   */
  public EngineBuilder maxSessionsPerUser(int sessions) {
    options = options.withMaxSessionsPerUser(sessions);
    return this;
  }

  /**
   * What may wait for one session's listener, in bytes; 1 MiB unless set. Past it the live stream
   * is cut.
   */
  public EngineBuilder sessionBudgetBytes(int bytes) {
    options = options.withSessionBudgetBytes(bytes);
    return this;
  }

  /**
   * How long a listener may stand still with a cut stream before its session is ended; 60 s unless
   * set.
   */
  public EngineBuilder stalledSessionTimeout(Duration timeout) {
    options = options.withStalledSessionTimeout(timeout);
    return this;
  }

  /**
   * Transactions that commit messages side by side; unless set one for each processor, but 2 at
   * least and 4 at most. Fewer lanes make larger transactions, which cost less a message; more
   * lanes use more processors. Each needs a connection of the store's pool, which should have 8
   * more for all else.
   */
  public EngineBuilder lanes(int lanes) {
    options = options.withLanes(lanes);
    return this;
  }

  /** The most messages of one transaction; 512 unless set. */
  public EngineBuilder maxBatch(int messages) {
    options = options.withMaxBatch(messages);
    return this;
  }

  /**
   * Sends that may wait in one lane before others are refused with {@code busy}; 8,192 unless set.
   * At most half as many sends to one conversation may be pending. As many again may wait, outside
   * the lanes, for conversations that other transactions hold.
   */
  public EngineBuilder laneCapacity(int sends) {
    options = options.withLaneCapacity(sends);
    return this;
  }

  /**
   * How long a user counts as online after the last session closed, so that a reconnect is no flap;
   * 10 s unless set.
   */
  public EngineBuilder presenceGrace(Duration grace) {
    options = options.withPresenceGrace(grace);
    return this;
  }

  /** How long a call of the send hook may take; 2 s unless set. */
  public EngineBuilder hookDeadline(Duration deadline) {
    options = options.withHookDeadline(deadline);
    return this;
  }

  /**
   * Calls of the send hook that run at the same time, each on a thread; 64 unless set. A call that
   * misses the deadline and ignores its interrupt counts until it returns.
   */
  public EngineBuilder maxHookCalls(int calls) {
    options = options.withMaxHookCalls(calls);
    return this;
  }

  /**
   * Sends that may wait for the send hook before others are refused with {@code busy}; 8,192 unless
   * set. 64 MiB of them are refused too, however few they are.
   */
  public EngineBuilder maxPendingHookSends(int sends) {
    options = options.withMaxPendingHookSends(sends);
    return this;
  }

  /**
   * How long a send may take, from when the send hook has allowed it; 10 s unless set. One whose
   * conversation is locked by another transaction for so long fails with {@code busy}. One whose
   * commit is in doubt for so long, or which the store is still working on a second later, fails in
   * doubt. Later sends to the conversation wait behind it until then.
   */
  public EngineBuilder sendTimeout(Duration timeout) {
    options = options.withSendTimeout(timeout);
    return this;
  }

  /**
   * For how long a transaction of the application may stand idle between two statements after chat
   * took part in it, before the server ends it; 5 s unless set. A lower limit of the application's
   * stays in force. For as long, a process that vanishes can keep a conversation locked.
   */
  public EngineBuilder transactionIdleLimit(Duration limit) {
    options = options.withTransactionIdleLimit(limit);
    return this;
  }

  /**
   * Starts the engine. May block while the store is asked for a machine id. If it fails no thread
   * and no lease is left behind, and the store is still open; a router that was started is closed.
   *
   * @throws IllegalStateException if no store was given, if no ids were given and the store cannot
   *     lease machine ids, or if this builder has built an engine before
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
    Hooks hooks = new Hooks(sendHook, commitObserver, offlineNotifier, timings);
    ChatEngine engine = EngineStart.start(messageStore, router, ids, hooks, clock, options);
    built = true;
    return engine;
  }

  private static void requireUnset(@Nullable Object part, String name) {
    if (part != null) {
      throw new IllegalStateException("this builder has a " + name + " already");
    }
  }
}
