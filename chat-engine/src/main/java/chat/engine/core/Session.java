package chat.engine.core;

import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.Presence;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session: a queue of events between the feeds, which fill it, and the delivery pool, which
 * empties it into the listener, one event at a time.
 *
 * <p>What makes its stream exact is the {@link Cursors}: a message is taken only if it is the very
 * next one of its conversation. A lower seq was delivered before; a higher one means that something
 * is missing, and the feed fetches it. While a sync (or the first load) is under way messages are
 * held back, and released behind its answer.
 *
 * <p>All state is guarded by the session's monitor; the listener is called without it. An idle
 * session holds no queue.
 */
final class Session implements ChatSession, Runnable {
  /** What waits for delivery: an event, or the answer that later events must stay behind. */
  sealed interface Queued permits Outgoing, Barrier {}

  record Barrier(Runnable action) implements Queued {}

  /** A conversation in which messages after the seq must be delivered again. */
  record Gap(ConversationId conversation, long afterSeq) {}

  /** Answer of {@link #offerMessage}: nothing is missing. */
  static final long NO_GAP = -1;

  private static final int EVENTS_PER_TURN = 64;
  private static final Logger log = LoggerFactory.getLogger(Session.class);

  private enum State {
    /** Cursors are being loaded; messages are held. */
    SYNCING,
    LIVE,
    /** The stream was cut; messages are not taken until a sync. */
    CUT,
    CLOSED
  }

  private record OwnSend(ConversationId conversation, ClientMessageId clientMessageId) {}

  private final SessionContext context;
  private final String id;
  private final UserSessions home;
  private final DeviceId device;
  private final ChatListener listener;

  private State state = State.SYNCING;
  private boolean cutBeforeSync;
  private boolean overflowed;
  private boolean paused;
  private boolean scheduled;
  private Cursors cursors = new Cursors();
  private @Nullable ArrayDeque<Queued> queue;
  private @Nullable ArrayList<Outgoing> held;
  private int queuedBytes;

  /**
   * Sends of this session that are under way (seq 0), or acknowledged but not yet passed by the
   * feed.
   */
  private @Nullable Map<OwnSend, Long> ownSends;

  private @Nullable Set<UserId> watched;
  private @Nullable Thread deliveringThread;

  Session(
      SessionContext context,
      String id,
      UserSessions home,
      DeviceId device,
      ChatListener listener) {
    this.context = context;
    this.id = id;
    this.home = home;
    this.device = device;
    this.listener = listener;
  }

  // ---- the stream: called by feeds

  /**
   * Takes a message if it is the next of its conversation.
   *
   * @return {@link #NO_GAP}, or the seq after which messages are missing here
   */
  synchronized long offerMessage(Message message, Outgoing outgoing) {
    if (state == State.SYNCING) {
      hold(outgoing);
      return NO_GAP;
    }
    if (state != State.LIVE) {
      return NO_GAP;
    }
    long cursor = cursors.seq(message.conversation());
    if (cursor == Cursors.ABSENT) {
      if (outgoing.kind() == ConversationKind.GROUP) {
        return NO_GAP; // removed from it
      }
      cursor = 0; // a direct conversation that was opened after the cursors were loaded
    }
    if (message.seq() <= cursor) {
      return NO_GAP;
    }
    if (message.seq() > cursor + 1) {
      return cursor;
    }
    cursors.advance(message.conversation(), message.seq());
    if (!passOwn(message)) {
      enqueue(outgoing);
    }
    return NO_GAP;
  }

  /** Takes a change of a group, and with it joins or leaves the group's stream. */
  synchronized void offerChange(ConversationChanged event, Outgoing outgoing) {
    if (state == State.SYNCING) {
      hold(outgoing);
    } else if (state == State.LIVE && applyChange(cursors, event)) {
      enqueue(outgoing);
    }
  }

  /** Takes an event that belongs to no stream. */
  synchronized void offer(Outgoing outgoing) {
    if (state == State.LIVE || state == State.SYNCING) {
      enqueue(outgoing);
    }
  }

  /**
   * @return whether the change is news to the cursors
   */
  private boolean applyChange(Cursors target, ConversationChanged event) {
    Conversation conversation = event.conversation();
    ConversationChange change = event.change();
    if (change == null) {
      boolean news = !target.contains(conversation.id());
      if (news) {
        target.put(conversation.id(), 0, 0);
      }
      return news;
    }
    if (change.rev() <= target.rev(conversation.id())) {
      return false;
    }
    UserId subject = change.subject();
    boolean aboutMe = subject != null && subject.equals(home.user());
    if (aboutMe && change.kind() == ConversationChange.Kind.ADDED) {
      target.put(conversation.id(), change.atSeq(), change.rev());
    } else if (aboutMe && change.kind() == ConversationChange.Kind.REMOVED) {
      if (!target.contains(conversation.id())) {
        return false;
      }
      target.remove(conversation.id());
    } else if (!target.contains(conversation.id())) {
      return false;
    } else {
      target.setRev(conversation.id(), change.rev());
    }
    return true;
  }

  // ---- own sends: acknowledged, so not delivered

  synchronized void sendBegins(ConversationId conversation, ClientMessageId clientMessageId) {
    if (ownSends == null) {
      ownSends = new HashMap<>();
    }
    ownSends.putIfAbsent(new OwnSend(conversation, clientMessageId), 0L);
  }

  synchronized void sendAcknowledged(
      ConversationId conversation, ClientMessageId clientMessageId, long seq) {
    Map<OwnSend, Long> own = ownSends;
    if (own == null) {
      return;
    }
    OwnSend key = new OwnSend(conversation, clientMessageId);
    if (state != State.SYNCING && (state != State.LIVE || cursors.seq(conversation) >= seq)) {
      own.remove(key); // the feed passed it already, or never will
    } else {
      own.replace(key, seq);
    }
    dropEmptyOwnSends();
  }

  /**
   * The send was refused; were it in doubt and its message had passed silently, only a resync could
   * tell the truth.
   */
  synchronized void sendFailed(
      ConversationId conversation, ClientMessageId clientMessageId, boolean inDoubt) {
    Map<OwnSend, Long> own = ownSends;
    if (own == null) {
      return;
    }
    Long passed = own.remove(new OwnSend(conversation, clientMessageId));
    dropEmptyOwnSends();
    if (inDoubt && passed != null && passed < 0 && state == State.LIVE) {
      cut();
    }
  }

  /**
   * Whether the message is this session's own, so that its acknowledgement takes the place of the
   * event.
   */
  private boolean passOwn(Message message) {
    Map<OwnSend, Long> own = ownSends;
    if (own == null || !message.from().equals(home.user())) {
      return false;
    }
    OwnSend key = new OwnSend(message.conversation(), message.clientMessageId());
    Long seq = own.get(key);
    if (seq == null) {
      return false;
    }
    if (seq == 0) {
      own.put(
          key, -message.seq()); // committed and passed, but its acknowledgement is still to come
    } else {
      own.remove(key);
      dropEmptyOwnSends();
    }
    return true;
  }

  private void dropEmptyOwnSends() {
    if (ownSends != null && ownSends.isEmpty()) {
      ownSends = null;
    }
  }

  // ---- sync

  /** Begins to hold messages back. @return false if a sync is under way */
  private synchronized boolean beginSync() {
    if (state == State.SYNCING) {
      return false;
    }
    cutBeforeSync = state == State.CUT;
    state = State.SYNCING;
    return true;
  }

  /**
   * Ends a sync: the given cursors hold, the answer goes out, and behind it what was held and lies
   * above them.
   *
   * @return where the held messages do not reach down to the cursor
   */
  synchronized List<Gap> endSync(Cursors loaded, Runnable answer) {
    if (state == State.CLOSED) {
      answer.run();
      return List.of();
    }
    cursors = loaded;
    state = State.LIVE;
    ArrayDeque<Queued> before = queue;
    if (before != null) {
      before.removeIf(item -> item instanceof Outgoing outgoing && isCovered(outgoing, loaded));
    }
    dropOwnSendsUpTo(loaded);
    addBarrierFirst(answer);
    List<Gap> gaps = release();
    if (overflowed) {
      overflowed = false;
      cut();
    }
    return gaps;
  }

  /** Ends a sync whose answer could not be had; everything is as before. */
  private synchronized List<Gap> abandonSync() {
    if (state != State.SYNCING) {
      return List.of();
    }
    if (cutBeforeSync) {
      state = State.CUT;
      held = null;
      recount();
      return List.of();
    }
    state = State.LIVE;
    List<Gap> gaps = release();
    if (overflowed) {
      overflowed = false;
      cut();
    }
    return gaps;
  }

  private List<Gap> release() {
    ArrayList<Outgoing> waiting = held;
    held = null;
    recount();
    if (waiting == null) {
      return List.of();
    }
    Map<ConversationId, Gap> gaps = new HashMap<>();
    for (Outgoing outgoing : waiting) {
      if (outgoing.event() instanceof ConversationChanged changed) {
        offerChange(changed, outgoing);
      } else if (outgoing.event() instanceof MessageReceived received) {
        Message message = received.message();
        long missingAfter = offerMessage(message, outgoing);
        if (missingAfter != NO_GAP) {
          gaps.putIfAbsent(message.conversation(), new Gap(message.conversation(), missingAfter));
        }
      }
    }
    return List.copyOf(gaps.values());
  }

  private static boolean isCovered(Outgoing outgoing, Cursors loaded) {
    return outgoing.event() instanceof MessageReceived received
        && received.message().seq() <= loaded.seq(received.message().conversation());
  }

  private void dropOwnSendsUpTo(Cursors loaded) {
    if (ownSends != null) {
      ownSends
          .entrySet()
          .removeIf(
              own ->
                  own.getValue() > 0 && own.getValue() <= loaded.seq(own.getKey().conversation()));
      dropEmptyOwnSends();
    }
  }

  private void hold(Outgoing outgoing) {
    if (overflowed) {
      return;
    }
    if (queuedBytes + outgoing.weight() > context.budgetBytes()) {
      overflowed = true;
      held = null;
      recount();
      return;
    }
    if (held == null) {
      held = new ArrayList<>();
    }
    held.add(outgoing);
    queuedBytes += outgoing.weight();
  }

  // ---- the queue

  private void enqueue(Outgoing outgoing) {
    if (queuedBytes + outgoing.weight() > context.budgetBytes()) {
      if (outgoing.event().ephemeral()) {
        context.metrics().count(Metrics.Counter.EPHEMERAL_DROPPED);
        return;
      }
      dropEphemeral();
      if (queuedBytes + outgoing.weight() > context.budgetBytes()) {
        cut();
        return;
      }
    }
    queue().add(outgoing);
    queuedBytes += outgoing.weight();
    schedule();
  }

  private void dropEphemeral() {
    Iterator<Queued> items = queue().iterator();
    while (items.hasNext()) {
      if (items.next() instanceof Outgoing outgoing && outgoing.event().ephemeral()) {
        items.remove();
        context.metrics().count(Metrics.Counter.EPHEMERAL_DROPPED);
      }
    }
    recount();
  }

  /**
   * Everything is in the store, so the queue can be dropped; the listener learns that it has to
   * sync.
   */
  private void cut() {
    state = State.CUT;
    ownSends = null;
    queue().removeIf(item -> item instanceof Outgoing);
    recount();
    Outgoing resync = context.outgoing(new Resync());
    queue().add(resync);
    queuedBytes += resync.weight();
    context.metrics().count(Metrics.Counter.RESYNCS);
    context.onCut(this);
    schedule();
  }

  private void addBarrierFirst(Runnable answer) {
    queue().addFirst(new Barrier(answer));
    schedule();
  }

  private ArrayDeque<Queued> queue() {
    if (queue == null) {
      queue = new ArrayDeque<>(4);
    }
    return queue;
  }

  private void recount() {
    int bytes = 0;
    if (queue != null) {
      for (Queued item : queue) {
        bytes += item instanceof Outgoing outgoing ? outgoing.weight() : 0;
      }
    }
    if (held != null) {
      for (Outgoing outgoing : held) {
        bytes += outgoing.weight();
      }
    }
    queuedBytes = bytes;
  }

  private void schedule() {
    if (!scheduled && peekReady() != null) {
      scheduled = true;
      context.delivery().execute(this);
    }
  }

  private @Nullable Queued peekReady() {
    Queued head = queue == null ? null : queue.peek();
    return paused && head instanceof Outgoing ? null : head;
  }

  /** A turn on the delivery pool; at most one runs at a time. */
  @Override
  public void run() {
    for (int i = 0; i < EVENTS_PER_TURN; i++) {
      Queued item = next();
      if (item == null) {
        return;
      }
      deliver(item);
    }
    context.delivery().execute(this);
  }

  private synchronized @Nullable Queued next() {
    Queued item = peekReady();
    if (item == null) {
      scheduled = false;
      deliveringThread = null;
      if (queue != null && queue.isEmpty()) {
        queue = null;
      }
      return null;
    }
    queue().remove();
    if (item instanceof Outgoing outgoing) {
      queuedBytes -= outgoing.weight();
    }
    deliveringThread = Thread.currentThread();
    return item;
  }

  private void deliver(Queued item) {
    try {
      if (item instanceof Barrier barrier) {
        barrier.action().run();
      } else if (item instanceof Outgoing outgoing) {
        context.metrics().count(Metrics.Counter.DELIVERED);
        outgoing.deliverTo(listener);
      }
    } catch (Throwable fault) {
      context.metrics().count(Metrics.Counter.LISTENER_FAULTS);
      log.warn(
          "the listener of session {} of user {} threw; the next event is delivered all the same",
          id,
          home.user(),
          fault);
    }
  }

  /** Whether the stream is cut and the listener has not even taken the news of it. */
  synchronized boolean isStalled() {
    return state == State.CUT && queue != null && !queue.isEmpty();
  }

  // ---- life

  @Override
  public synchronized void pause() {
    paused = true;
  }

  @Override
  public synchronized void resume() {
    paused = false;
    schedule();
  }

  /** Ends the session from the engine's side, with a last event. */
  void end(SessionEnded farewell) {
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      held = null;
      ownSends = null;
      paused = false;
      if (farewell.reason() == SessionEnded.Reason.TOO_SLOW && deliveringThread != null) {
        deliveringThread.interrupt();
      }
      if (farewell.reason() != SessionEnded.Reason.DRAINING) {
        queue().removeIf(item -> item instanceof Outgoing);
      }
      queue().add(context.outgoing(farewell));
      schedule();
    }
    context.onClosed(this);
  }

  @Override
  public void close() {
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      state = State.CLOSED;
      held = null;
      ownSends = null;
      ArrayDeque<Queued> left = queue;
      if (left != null) {
        left.removeIf(item -> item instanceof Outgoing); // answers still go out
      }
      recount();
    }
    context.onClosed(this);
  }

  private synchronized boolean isClosed() {
    return state == State.CLOSED;
  }

  synchronized boolean knows(ConversationId conversation) {
    return cursors.contains(conversation);
  }

  /**
   * The cursor that a new feed may start from; {@link Cursors#ABSENT} while it is being loaded or
   * not wanted.
   */
  synchronized long streamCursor(ConversationId conversation) {
    if (state != State.LIVE) {
      return Cursors.ABSENT;
    }
    return Math.max(0, cursors.seq(conversation));
  }

  synchronized Set<UserId> replaceWatched(Set<UserId> users) {
    Set<UserId> before = watched == null ? Set.of() : watched;
    watched = users.isEmpty() ? null : new HashSet<>(users);
    return before;
  }

  UserSessions home() {
    return home;
  }

  // ---- the calls

  @Override
  public String id() {
    return id;
  }

  @Override
  public UserId user() {
    return home.user();
  }

  @Override
  public DeviceId device() {
    return device;
  }

  @Override
  public CompletionStage<SyncResult> sync(Map<ConversationId, Long> deviceCursors) {
    Map<ConversationId, Long> asked = Map.copyOf(deviceCursors);
    if (isClosed()) {
      return closed();
    }
    if (!beginSync()) {
      return CompletableFuture.failedFuture(
          ChatException.busy("a sync of this session is under way", Duration.ofMillis(100)));
    }
    return context.calls().sync(this, asked, () -> context.refill(abandonSync()));
  }

  @Override
  public void typing(ConversationId conversation, boolean on) {
    if (knows(conversation) && !isClosed()) {
      context.calls().typing(this, conversation, on);
    }
  }

  @Override
  public CompletionStage<List<Presence>> watchPresence(Set<UserId> users) {
    return isClosed() ? closed() : context.calls().watchPresence(this, Set.copyOf(users));
  }

  @Override
  public CompletionStage<Conversation> openDirect(UserId peer) {
    return isClosed() ? closed() : context.calls().openDirect(user(), peer);
  }

  @Override
  public CompletionStage<Conversation> createGroup(String name, Set<UserId> others) {
    return isClosed() ? closed() : context.calls().createGroup(user(), name, others);
  }

  @Override
  public CompletionStage<Void> renameGroup(ConversationId group, String name) {
    return isClosed() ? closed() : context.calls().renameGroup(user(), group, name);
  }

  @Override
  public CompletionStage<Void> addMembers(ConversationId group, Set<UserId> users) {
    return isClosed() ? closed() : context.calls().addMembers(user(), group, users);
  }

  @Override
  public CompletionStage<Void> removeMembers(ConversationId group, Set<UserId> users) {
    return isClosed() ? closed() : context.calls().removeMembers(user(), group, users);
  }

  @Override
  public CompletionStage<Void> leave(ConversationId group) {
    return isClosed() ? closed() : context.calls().leave(user(), group);
  }

  @Override
  public CompletionStage<Void> setRole(ConversationId group, UserId member, Role role) {
    return isClosed() ? closed() : context.calls().setRole(user(), group, member, role);
  }

  @Override
  public CompletionStage<List<Member>> members(ConversationId conversation) {
    return isClosed() ? closed() : context.calls().members(user(), conversation);
  }

  @Override
  public CompletionStage<SendAck> send(ConversationId conversation, NewMessage message) {
    return isClosed() ? closed() : context.calls().send(user(), this, conversation, message);
  }

  @Override
  public CompletionStage<MessagePage> history(ConversationId conversation, HistoryQuery query) {
    return isClosed() ? closed() : context.calls().history(user(), conversation, query);
  }

  @Override
  public CompletionStage<Void> markRead(ConversationId conversation, long seq) {
    return isClosed() ? closed() : context.calls().markRead(user(), this, conversation, seq);
  }

  @Override
  public CompletionStage<Void> markReceived(ConversationId conversation, long seq) {
    return isClosed() ? closed() : context.calls().markReceived(user(), this, conversation, seq);
  }

  @Override
  public CompletionStage<List<Presence>> presence(Set<UserId> users) {
    return isClosed() ? closed() : context.calls().presence(users);
  }

  private static <T> CompletionStage<T> closed() {
    return CompletableFuture.failedFuture(
        ChatException.unavailable("this session is closed", null));
  }
}
