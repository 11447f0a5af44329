package chat.engine.testkit;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * A fault of the store or of the router, to be switched on with {@link TestChat#inject} for all
 * nodes, or with {@link TestNode#inject} for one:
 *
 * <pre>{@code
 * chat.inject(Fault.busy().onSends().times(2));
 * try (ActiveFault away = chat.inject(Fault.unavailable())) { ... }
 * }</pre>
 *
 * <p>The engine sees what it sees when PostgreSQL has that fault, so its retries, its circuit
 * breaker and its answers are those of production. In particular, after {@link #unavailable()} and
 * the faults in doubt it refuses sends until a probe has found the store working again: up to about
 * 2 s after the fault is switched off. A send in doubt is repeated by the engine itself, for the
 * {@linkplain chat.engine.EngineBuilder#sendTimeout send time-out}; the caller hears of a doubt
 * only if it lasts longer.
 *
 * <p>Unless told otherwise by one of the {@code on...} methods, a fault meets every call, and every
 * call until it is switched off. Immutable.
 */
public final class Fault {
  /** What happens. */
  enum Kind {
    BUSY,
    UNAVAILABLE,
    IN_DOUBT_STORED,
    IN_DOUBT_NOT_STORED,
    SLOW,
    HELD,
    ROUTER_AWAY;

    boolean isDoubt() {
      return this == IN_DOUBT_STORED || this == IN_DOUBT_NOT_STORED;
    }
  }

  private static final Set<StoreCall> EVERYTHING = Set.of(StoreCall.values());

  private final Kind kind;
  private final Duration delay;
  private final Set<StoreCall> calls;
  private final int times;

  private Fault(Kind kind, Duration delay, Set<StoreCall> calls, int times) {
    this.kind = kind;
    this.delay = delay;
    this.calls = calls;
    this.times = times;
  }

  private static Fault of(Kind kind) {
    return new Fault(kind, Duration.ZERO, EVERYTHING, Integer.MAX_VALUE);
  }

  // ---- what happens

  /**
   * The store has no room for the call, and stores nothing: no connection of the pool is free. A
   * commit of a transaction fails with SQLSTATE 40001, and is rolled back.
   */
  public static Fault busy() {
    return of(Kind.BUSY);
  }

  /**
   * The store cannot be reached, and stores nothing. A commit of a transaction fails with SQLSTATE
   * 08006, is rolled back, and its connection is broken.
   */
  public static Fault unavailable() {
    return of(Kind.UNAVAILABLE);
  }

  /**
   * The store commits, and then the connection breaks, so that the caller does not hear of it.
   * Meets only calls that commit. A commit of a transaction fails with SQLSTATE 08007.
   */
  public static Fault inDoubtStored() {
    return of(Kind.IN_DOUBT_STORED);
  }

  /**
   * The connection breaks in the commit, nothing is stored, and the caller does not know that.
   * Meets only calls that commit. A commit of a transaction fails with SQLSTATE 08007.
   */
  public static Fault inDoubtNotStored() {
    return of(Kind.IN_DOUBT_NOT_STORED);
  }

  /**
   * The store begins with the call after a while.
   *
   * @param delay above zero; what waits goes on at once when the fault is switched off
   */
  public static Fault slow(Duration delay) {
    if (delay.isNegative() || delay.isZero()) {
      throw new IllegalArgumentException("the delay must be above zero, not " + delay);
    }
    return new Fault(Kind.SLOW, delay, EVERYTHING, Integer.MAX_VALUE);
  }

  /**
   * The store begins with the call when the fault is switched off, with {@link ActiveFault#close}.
   * {@link ActiveFault#awaitHits} waits until a call is held, so a test needs no sleeping.
   */
  public static Fault held() {
    return of(Kind.HELD);
  }

  /**
   * The node is cut off from the other nodes: it receives nothing from them, and what it publishes
   * fails. Each node goes on with the store, and finds there what the others stored about 2 s
   * later. Takes neither {@code on...} nor {@link #times}.
   */
  public static Fault routerAway() {
    return of(Kind.ROUTER_AWAY);
  }

  // ---- which calls it meets

  /**
   * Only sends: those of users and of the application, inside transactions too. Messages that wait
   * for the store together are one call of it.
   */
  public Fault onSends() {
    return on(EnumSet.of(StoreCall.SEND, StoreCall.SEND_IN_TRANSACTION));
  }

  /** Only what stores something: sends, changes of conversations and members, receipts. */
  public Fault onWrites() {
    return on(
        EnumSet.of(
            StoreCall.SEND,
            StoreCall.WRITE,
            StoreCall.SEND_IN_TRANSACTION,
            StoreCall.WRITE_IN_TRANSACTION));
  }

  /** Only what reads, including what the engine has to know before a send or a delivery. */
  public Fault onReads() {
    return on(EnumSet.of(StoreCall.READ, StoreCall.READ_IN_TRANSACTION));
  }

  /**
   * Only commits of transactions that began with {@link TestChat#begin()} or on a connection of
   * {@link TestChat#dataSource}.
   */
  public Fault onCommits() {
    return on(EnumSet.of(StoreCall.COMMIT));
  }

  private Fault on(Set<StoreCall> some) {
    Set<StoreCall> met = EnumSet.copyOf(some);
    if (kind.isDoubt()) {
      met.retainAll(StoreCall.COMMITTING);
    }
    if (met.isEmpty() || kind == Kind.ROUTER_AWAY) {
      throw new IllegalArgumentException("the fault " + kind + " cannot meet calls like " + some);
    }
    return new Fault(kind, delay, met, times);
  }

  /**
   * Only the first calls that it meets.
   *
   * @param calls above 0. Needs one of the {@code on...} methods: else calls that the engine makes
   *     by itself would count
   */
  public Fault times(int calls) {
    if (calls < 1) {
      throw new IllegalArgumentException("a fault meets 1 call or more, not " + calls);
    }
    return new Fault(kind, delay, this.calls, calls);
  }

  // ---- for the kit

  void requireComplete() {
    if (times != Integer.MAX_VALUE && calls.equals(EVERYTHING)) {
      throw new IllegalArgumentException(
          "times(" + times + ") needs onSends(), onWrites(), onReads() or onCommits()");
    }
  }

  Kind kind() {
    return kind;
  }

  Duration delay() {
    return delay;
  }

  int times() {
    return times;
  }

  boolean meets(StoreCall call) {
    return kind != Kind.ROUTER_AWAY
        && calls.contains(call)
        && (!kind.isDoubt() || StoreCall.COMMITTING.contains(call));
  }

  @Override
  public String toString() {
    return kind + (calls.equals(EVERYTHING) ? "" : " on " + calls);
  }
}
