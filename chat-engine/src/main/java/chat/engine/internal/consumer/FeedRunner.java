package chat.engine.internal.consumer;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.PartlyDone;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.MessageStore;
import chat.engine.spi.feed.FeedStore;
import chat.engine.spi.feed.FeedStore.Lag;
import chat.engine.spi.feed.FeedStore.Laggards;
import chat.engine.spi.feed.FeedStore.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one feed, on a thread of its own, for as long as this node has the lease: asks the store
 * several times a second what was committed, reads it, gives it to the consumer, and moves the
 * cursor behind what is done. With a new lease it looks through all conversations for what nobody
 * has followed, while it follows what is new.
 *
 * <p>Whatever fails is repeated: nothing is held here that is not behind the cursor in the store.
 *
 * <p>{@link #round} is called by one thread; the rest is thread-safe.
 */
final class FeedRunner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FeedRunner.class);

  /** After a crash of the node, others wait for it to end. */
  static final Duration LEASE = Duration.ofSeconds(6);

  private static final Duration RENEWAL = LEASE.dividedBy(3);

  /** How often a node that has no lease tries to get it. */
  static final Duration TRY = Duration.ofSeconds(2);

  /** How often the store is asked what was committed. */
  private static final Duration PERIOD = Duration.ofMillis(100);

  /** The least time between two questions, however often it is told that something was written. */
  private static final Duration SHORTEST_PERIOD = Duration.ofMillis(20);

  /**
   * The same for each conversation that the last question led to, up to {@link #LONGEST_PERIOD}:
   * under load, larger batches and fewer moves of the cursor.
   */
  private static final Duration PERIOD_PER_CONVERSATION = Duration.ofMillis(1);

  private static final Duration LONGEST_PERIOD = Duration.ofMillis(250);

  /** So long it waits for more batches to be done before it moves the cursor. */
  private static final Duration LANDING = Duration.ofMillis(10);

  /** How long it waits after a fault of the store. */
  private static final Duration FAULT_PAUSE = Duration.ofMillis(500);

  /** For how long a close waits for the consumer. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final String feed;
  private final String holder;
  private final FeedConsumer consumer;
  private final int concurrency;
  private final MessageStore store;
  private final FeedStore cursors;
  private final FeedReader reader;
  private final Executor application;
  private final LongSupplier nanoTime;
  private final LogThrottle faults = new LogThrottle(Duration.ofMinutes(1));
  private final LogThrottle refusals = new LogThrottle(Duration.ofMinutes(1));

  /** Has permits while there is something to do before the next period. */
  private final Semaphore wanted = new Semaphore(0);

  private final Queue<Flight> landed = new ConcurrentLinkedQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean delivering = true;
  private volatile boolean closing;
  private volatile boolean written;
  private volatile boolean leaseInDoubt;
  private volatile Feed.State state = new Feed.State(false, 0, 0, 0, Duration.ZERO);

  // ---- touched by the rounds only

  private final Backlog backlog = new Backlog();
  private final Map<ConversationId, Flight> inHand = new HashMap<>();

  /** Of the lease; empty without. */
  private OptionalLong term = OptionalLong.empty();

  private long leaseEndNanos;
  private long nextRenewalNanos;
  private long nextQuestionNanos;
  private long askedNanos;
  private long periodNanos = SHORTEST_PERIOD.toNanos();
  private long landedNanos;

  /** When nothing waited last. */
  private long upToDateNanos;

  private MessageStore.@Nullable Mark mark;
  private boolean lookingThrough;
  private @Nullable ConversationId lookedThrough;

  /** A batch in the hands of the consumer. */
  private static final class Flight {
    private final FeedReader.Piece piece;
    private volatile @Nullable Throwable fault;

    Flight(FeedReader.Piece piece) {
      this.piece = piece;
    }

    ConversationId conversation() {
      return piece.end().conversation();
    }

    /** How many of the entries were done before the fault, from the first one on. */
    int done() {
      return fault instanceof PartlyDone partly
          ? Math.max(0, Math.min(partly.entries(), piece.entries().size()))
          : 0;
    }
  }

  /**
   * @param holder names this engine, unique in the cluster
   * @param application runs the consumer; takes every task, and never on the calling thread
   */
  FeedRunner(
      String feed,
      String holder,
      FeedConsumer consumer,
      int concurrency,
      MessageStore store,
      FeedStore cursors,
      Executor application,
      LongSupplier nanoTime) {
    this.feed = feed;
    this.holder = holder;
    this.consumer = consumer;
    this.concurrency = concurrency;
    this.store = store;
    this.cursors = cursors;
    this.reader = new FeedReader(store);
    this.application = application;
    this.nanoTime = nanoTime;
    this.nextRenewalNanos = nanoTime.getAsLong();
    this.nextQuestionNanos = nextRenewalNanos;
    this.askedNanos = nextRenewalNanos - LONGEST_PERIOD.toNanos();
    this.landedNanos = askedNanos;
    this.upToDateNanos = nextRenewalNanos;
  }

  String feed() {
    return feed;
  }

  Feed.State state() {
    return state;
  }

  void start() {
    Threads.named("feed").newThread(this::run).start();
  }

  private void run() {
    try {
      while (!closing) {
        rest(safeRound());
      }
      leave();
    } finally {
      ended.countDown();
    }
  }

  private long safeRound() {
    try {
      return round();
    } catch (Throwable fault) {
      Threads.outlived(fault);
      long times = faults.due();
      if (times > 0 && !closing) {
        log.warn(
            "feed {} cannot go on at present and tries again ({} times): {}",
            feed,
            times,
            fault.toString());
      }
      log.debug("a round of feed {} failed", feed, fault);
      return FAULT_PAUSE.toNanos();
    }
  }

  private void rest(long nanos) {
    try {
      if (wanted.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
        wanted.drainPermits();
      }
    } catch (InterruptedException stop) {
      closing = true;
    }
  }

  /** Something was committed on this node. */
  void written() {
    written = true;
    soon();
  }

  /** The cursor was moved by somebody else: looks at the lease now. */
  void doubtLease() {
    leaseInDoubt = true;
    soon();
  }

  /** There is something to do: the next round begins now. */
  void soon() {
    if (wanted.availablePermits() == 0) {
      wanted.release();
    }
  }

  /**
   * All that can be done now; blocks for the store only.
   *
   * @return the time until the next round, in nanoseconds
   */
  long round() {
    keepLease();
    if (term.isEmpty()) {
      show();
      return TRY.toNanos();
    }
    long untilLanding = landWhenDue();
    if (term.isPresent()) {
      askWhatIsNew();
      lookThrough();
      handOver();
    }
    show();
    long untilQuestion = Math.max(1, nextQuestion() - nanoTime.getAsLong());
    return untilLanding > 0 ? Math.min(untilLanding, untilQuestion) : untilQuestion;
  }

  private long nextQuestion() {
    return written ? askedNanos + periodNanos : nextQuestionNanos;
  }

  private void show() {
    int waiting = backlog.size() + inHand.size();
    long now = nanoTime.getAsLong();
    if (waiting == 0) {
      upToDateNanos = now;
    }
    state =
        new Feed.State(
            term.isPresent(),
            inHand.size(),
            waiting,
            backlog.failing(),
            Duration.ofNanos(now - upToDateNanos));
  }

  // ---- the lease

  private void keepLease() {
    long now = nanoTime.getAsLong();
    if (term.isPresent() && now - nextRenewalNanos < 0 && !leaseInDoubt) {
      return;
    }
    leaseInDoubt = false;
    OptionalLong held = cursors.lease(feed, holder, LEASE);
    leaseEndNanos = now + LEASE.toNanos();
    nextRenewalNanos = now + RENEWAL.toNanos();
    if (!held.equals(term)) {
      if (term.isPresent()) {
        log.info("feed {} was taken from this node", feed);
      }
      begin(held);
    }
  }

  /** What is in hand belongs to the lease before; its results are dropped. */
  private void begin(OptionalLong newTerm) {
    term = newTerm;
    inHand.clear();
    backlog.clear();
    mark = null;
    lookingThrough = false;
    if (newTerm.isPresent()) {
      log.debug("feed {} is followed here, term {}", feed, newTerm.getAsLong());
      nextQuestionNanos = nanoTime.getAsLong();
    }
  }

  private boolean leaseHolds() {
    return leaseEndNanos - nanoTime.getAsLong() > 0;
  }

  // ---- what is done

  /**
   * @return how long it is to wait for more to be done, in nanoseconds; 0 if it did not wait
   */
  private long landWhenDue() {
    long early = landedNanos + LANDING.toNanos() - nanoTime.getAsLong();
    if (landed.isEmpty() || (early > 0 && waitsForMore())) {
      return landed.isEmpty() ? 0 : early;
    }
    landedNanos = nanoTime.getAsLong();
    land();
    return 0;
  }

  private boolean waitsForMore() {
    return landed.size() < inHand.size();
  }

  private void land() {
    List<Flight> done = new ArrayList<>();
    for (Flight flight = landed.poll(); flight != null; flight = landed.poll()) {
      if (inHand.get(flight.conversation()) == flight) {
        done.add(flight);
      }
    }
    List<Position> ends =
        done.stream()
            .filter(flight -> flight.fault == null || flight.done() > 0)
            .map(
                flight ->
                    flight.fault == null ? flight.piece.end() : flight.piece.behind(flight.done()))
            .toList();
    try {
      if (!ends.isEmpty() && !cursors.advance(feed, holder, term.orElseThrow(), ends)) {
        log.info("feed {} was taken from this node, or set back", feed);
        begin(OptionalLong.empty());
        nextRenewalNanos = nanoTime.getAsLong();
        return;
      }
    } catch (RuntimeException away) {
      landed.addAll(done);
      throw away;
    }
    done.forEach(this::landed);
  }

  private void landed(Flight flight) {
    ConversationId conversation = flight.conversation();
    inHand.remove(conversation);
    Throwable fault = flight.fault;
    if (fault == null) {
      backlog.done(conversation);
      if (flight.piece.more()) {
        backlog.add(conversation);
      }
      return;
    }
    if (flight.done() > 0) {
      backlog.done(conversation);
    }
    backlog.failed(conversation, nanoTime.getAsLong());
    long times = refusals.due();
    if (times > 0) {
      log.warn(
          "the consumer of feed {} failed in conversation {}, attempt {}; the batch comes again ({}"
              + " such faults)",
          feed,
          conversation,
          backlog.attempt(conversation) - 1,
          times,
          fault);
    }
  }

  // ---- what is new

  private void askWhatIsNew() {
    long now = nanoTime.getAsLong();
    if (now - nextQuestion() < 0) {
      return;
    }
    written = false;
    MessageStore.Writes writes = store.writesSince(mark);
    if (mark == null || !writes.complete()) {
      lookThroughAll();
    }
    backlog.add(writes.lastSeqs().keySet());
    backlog.add(writes.revs().keySet());
    if (backlog.takeOverflow()) {
      lookThroughAll();
    }
    mark = writes.mark();
    askedNanos = now;
    periodNanos =
        Math.max(
            SHORTEST_PERIOD.toNanos(),
            Math.min(LONGEST_PERIOD.toNanos(), backlog.size() * PERIOD_PER_CONVERSATION.toNanos()));
    nextQuestionNanos = now + Math.max(PERIOD.toNanos(), periodNanos);
  }

  private void lookThroughAll() {
    lookingThrough = true;
    lookedThrough = null;
  }

  /** A page of all conversations, unless there is enough to do. */
  private void lookThrough() {
    if (!lookingThrough || backlog.size() > concurrency || backlog.room() < Backlog.CAPACITY / 2) {
      return;
    }
    Laggards page = cursors.behind(feed, lookedThrough);
    page.lags().forEach(lag -> backlog.add(lag.position().conversation()));
    lookedThrough = page.next();
    lookingThrough = page.next() != null;
    if (lookingThrough) {
      soon();
    }
  }

  // ---- to the consumer

  private void handOver() {
    int free = Math.min(concurrency - inHand.size(), FeedReader.CONVERSATIONS_AT_ONCE);
    if (free <= 0 || !delivering) {
      return;
    }
    List<ConversationId> taken = backlog.take(free, inHand.keySet(), nanoTime.getAsLong());
    if (taken.isEmpty()) {
      return;
    }
    try {
      handOver(taken);
    } catch (RuntimeException away) {
      taken.forEach(backlog::add);
      throw away;
    }
    if (taken.size() == free) { // there may be more
      soon();
    }
  }

  private void handOver(List<ConversationId> taken) {
    List<Lag> lags = cursors.behind(feed, taken);
    List<FeedReader.Piece> pieces = reader.read(lags);
    Set<ConversationId> nothing = new HashSet<>(taken);
    lags.forEach(lag -> nothing.remove(lag.position().conversation()));
    nothing.forEach(backlog::done);
    Map<ConversationId, Found> found = store.conversations().find(withEntries(pieces));
    if (!leaseHolds()) {
      throw new IllegalStateException("the lease has ended meanwhile");
    }
    for (FeedReader.Piece piece : pieces) {
      handOver(piece, found.get(piece.end().conversation()));
    }
  }

  private static Set<ConversationId> withEntries(List<FeedReader.Piece> pieces) {
    Set<ConversationId> conversations = new HashSet<>();
    for (FeedReader.Piece piece : pieces) {
      if (!piece.entries().isEmpty()) {
        conversations.add(piece.end().conversation());
      }
    }
    return conversations;
  }

  private void handOver(FeedReader.Piece piece, @Nullable Found found) {
    Flight flight = new Flight(piece);
    inHand.put(flight.conversation(), flight);
    if (piece.entries().isEmpty()) { // expired
      land(flight, null);
      return;
    }
    Conversation conversation = found == null ? null : found.conversation();
    FeedBatch batch =
        new FeedBatch(
            flight.conversation(),
            conversation,
            piece.entries(),
            backlog.attempt(flight.conversation()));
    try {
      application.execute(() -> consume(flight, batch));
    } catch (RuntimeException closed) {
      land(flight, closed);
    }
  }

  private void consume(Flight flight, FeedBatch batch) {
    try {
      CompletionStage<?> done = consumer.accept(batch);
      if (done == null) { // whatever its signature says
        throw new IllegalStateException("the consumer gave no stage");
      }
      done.whenComplete((result, fault) -> land(flight, fault));
    } catch (Throwable fault) {
      Threads.outlived(fault);
      land(flight, fault);
    }
  }

  private void land(Flight flight, @Nullable Throwable fault) {
    flight.fault = fault == null ? null : Errors.cause(fault);
    landed.add(flight);
    soon();
  }

  // ---- the end

  /** Gives the consumer nothing new from now on; what it has done is still noted. */
  void stopDelivering() {
    delivering = false;
  }

  private void leave() {
    long end = nanoTime.getAsLong() + PATIENCE.toNanos();
    delivering = false;
    try {
      while (term.isPresent() && !inHand.isEmpty() && nanoTime.getAsLong() - end < 0) {
        land();
        if (!inHand.isEmpty()) {
          wanted.tryAcquire(end - nanoTime.getAsLong(), TimeUnit.NANOSECONDS);
        }
      }
      if (term.isPresent()) {
        land();
        cursors.release(feed, holder);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException away) {
      log.debug("feed {} ends without a last word to the store", feed, away);
    }
    begin(OptionalLong.empty());
    show();
  }

  @Override
  public void close() {
    delivering = false;
    closing = true;
    soon();
    try {
      if (!ended.await(PATIENCE.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("feed {} does not end", feed);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
