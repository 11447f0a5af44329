package chat.engine.internal.session;

import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.DeviceId;
import chat.engine.Message;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PresenceChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Threads;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session, between the feeds, which offer it everything, and the delivery pool, which hands
 * what it took to the listener, one event at a time. {@link SessionStream} decides what is taken,
 * {@link DeliveryQueue} is where it waits.
 *
 * <p><b>Locking.</b> The monitor of this object guards the session's state; the parts have no lock
 * of their own. ShardedFeeds take it to offer, lanes for the fate of own sends, store threads to
 * end a sync, the delivery pool to fetch the next event, and whoever calls pause, resume or close.
 * It is held for a few look-ups, never while a listener or an answer runs. Under it others are only
 * told: the pool's queue and the registry's map take a note and call nobody back. The application
 * has no reference to this object, only to its handle.
 *
 * <p>There is one of these for every connection, so an idle one holds no queue.
 */
public final class Session implements Runnable {
  /** A conversation in which messages after the seq must be delivered again. */
  public record Gap(ConversationId conversation, long afterSeq) {}

  private static final int EVENTS_PER_TURN = 64;
  private static final Logger log = LoggerFactory.getLogger(Session.class);

  private final SessionContext context;
  private final long number;
  private final UserSessions home;
  private final DeviceId device;
  private final ChatListener listener;
  private final SessionStream stream;

  private @Nullable DeliveryQueue queue;
  private @Nullable WatchedPresence watched;

  public Session(
      SessionContext context,
      long number,
      UserSessions home,
      DeviceId device,
      ChatListener listener) {
    this.context = context;
    this.number = number;
    this.home = home;
    this.device = device;
    this.listener = listener;
    this.stream = new SessionStream(home.user());
  }

  public SessionContext context() {
    return context;
  }

  public String id() {
    return context.sessionId(number);
  }

  public UserSessions home() {
    return home;
  }

  public UserId user() {
    return home.user();
  }

  public DeviceId device() {
    return device;
  }

  // ---- what feeds offer

  /**
   * Takes a message if it is the next of its conversation.
   *
   * @return {@link SessionStream#NO_GAP}, or the seq after which messages are missing here
   */
  public synchronized long offerMessage(Message message, SharedEvent outgoing) {
    long answer = stream.offer(message, outgoing, budgetBesidesQueue());
    if (answer == SessionStream.TAKEN) {
      enqueue(outgoing);
      return SessionStream.NO_GAP;
    }
    return answer;
  }

  /** Takes a change of a group, and with it joins or leaves the group's stream. */
  public synchronized void offerChange(ConversationChanged event, SharedEvent outgoing) {
    if (stream.offer(event, outgoing, budgetBesidesQueue())) {
      enqueue(outgoing);
    }
  }

  /** Takes an ephemeral event of a conversation, if the session is in it as far as it was told. */
  public synchronized void offerIn(ConversationId conversation, SharedEvent outgoing) {
    if (stream.offerEphemeral(conversation, outgoing, budgetBesidesQueue())) {
      enqueue(outgoing);
    }
  }

  /**
   * The seq after which this session needs the messages of a conversation from a feed that stands
   * at the given head; {@link Long#MAX_VALUE} if it needs none.
   */
  public synchronized long neededAfter(
      ConversationId conversation, ConversationKind kind, long head) {
    return stream.neededAfter(conversation, kind, head);
  }

  /** Cuts the stream, because nobody knows what it missed; the listener is told to sync. */
  public synchronized void resync() {
    if (stream.loseTrack()) {
      cut();
    }
  }

  /**
   * Cuts the stream if it is live without a conversation that its user turned out to be in, and
   * that began too long ago to be told as an event.
   */
  public synchronized void resyncUnlessIn(ConversationId conversation) {
    if (stream.isLive() && !stream.isLiveIn(conversation)) {
      cut();
    }
  }

  /**
   * The cursor that a new feed may start from; {@link Cursors#ABSENT} while it is being loaded or
   * not wanted.
   */
  public synchronized long streamCursor(ConversationId conversation) {
    return stream.cursor(conversation);
  }

  /** Whether the stream is live and this conversation is in it. */
  public synchronized boolean isLiveIn(ConversationId conversation) {
    return stream.isLiveIn(conversation);
  }

  // ---- own sends: acknowledged, so not delivered

  public synchronized void sendBegins(
      ConversationId conversation, ClientMessageId clientMessageId) {
    stream.sendBegins(conversation, clientMessageId);
  }

  public synchronized void sendAcknowledged(
      ConversationId conversation, ClientMessageId clientMessageId, long seq) {
    stream.sendAcknowledged(conversation, clientMessageId, seq);
  }

  public synchronized void sendFailed(
      ConversationId conversation, ClientMessageId clientMessageId) {
    if (stream.sendFailed(conversation, clientMessageId)) {
      cut();
    }
  }

  // ---- sync

  /** Begins to hold messages back. @return why not, or null */
  public synchronized @Nullable ChatException beginSync() {
    return stream.beginSync();
  }

  /**
   * Ends a sync: the given cursors hold, the answer goes out, and behind it what was held and lies
   * above them.
   *
   * @return where the held messages do not reach down to the cursor
   */
  public List<Gap> endSync(Cursors loaded, Runnable answer) {
    synchronized (this) {
      Syncing ended = stream.endSync(loaded);
      if (ended != null) {
        queue().dropIf(waiting -> isCovered(waiting, loaded));
        queue().addAnswer(answer);
        schedule();
        return release(ended);
      }
    }
    context.delivery().execute(answer); // closed meanwhile: no events are behind it
    return List.of();
  }

  /** Ends a sync whose answer could not be had; everything is as before. */
  public synchronized List<Gap> abandonSync() {
    Syncing ended = stream.abandonSync();
    return ended == null ? List.of() : release(ended);
  }

  private List<Gap> release(Syncing ended) {
    Map<ConversationId, Gap> gaps = new HashMap<>();
    for (SharedEvent outgoing : ended.held()) {
      if (outgoing.event() instanceof ConversationChanged changed) {
        offerChange(changed, outgoing);
      } else if (outgoing.event() instanceof ReceiptMoved moved) {
        offerIn(moved.conversation(), outgoing);
      } else if (outgoing.event() instanceof MessageReceived received) {
        Message message = received.message();
        long missingAfter = offerMessage(message, outgoing);
        if (missingAfter != SessionStream.NO_GAP) {
          gaps.putIfAbsent(message.conversation(), new Gap(message.conversation(), missingAfter));
        }
      }
    }
    if (ended.hasOverflowed()) {
      cut();
    }
    return List.copyOf(gaps.values());
  }

  private static boolean isCovered(SharedEvent outgoing, Cursors loaded) {
    return outgoing.event() instanceof MessageReceived received && loaded.cover(received.message());
  }

  // ---- the queue; what is held back shares its budget

  private int budgetBesidesQueue() {
    return context.budgetBytes() - (queue == null ? 0 : queue.bytes());
  }

  private void enqueue(SharedEvent outgoing) {
    int budget = context.budgetBytes() - stream.heldBytes();
    if (!outgoing.event().ephemeral() && !queue().hasRoom(outgoing, budget)) {
      untellWaiting(); // which gives way
    }
    if (queue().offer(outgoing, budget)) {
      schedule();
    } else {
      cut();
    }
  }

  /**
   * Everything is in the store, so the queue can be dropped; the listener learns that it has to
   * sync.
   */
  private void cut() {
    stream.cut();
    untellWaiting();
    queue().dropAll();
    queue().add(context.outgoing(new Resync()));
    context.metrics().count(Metrics.Counter.RESYNCS);
    context.onCut(this);
    schedule();
  }

  /** Whether the stream is cut and the listener has not even taken the news of it. */
  synchronized boolean isStalled() {
    return stream.isCut() && queue != null && !queue.isEmpty();
  }

  private DeliveryQueue queue() {
    if (queue == null) {
      queue = new DeliveryQueue(context.metrics());
    }
    return queue;
  }

  private void forgetQueueIfIdle() {
    if (queue != null && queue.isIdle()) {
      queue = null;
    }
  }

  // ---- delivery

  private void schedule() {
    if (queue != null && queue.claimTurn()) {
      context.delivery().execute(this);
    }
  }

  /** A turn on the delivery pool; at most one runs at a time. */
  @Override
  public void run() {
    for (int i = 0; i < EVENTS_PER_TURN; i++) {
      DeliveryQueue.Item item = next();
      if (item == null) {
        return;
      }
      deliver(item);
    }
    leaveThread();
    context.delivery().execute(this);
  }

  private synchronized DeliveryQueue.@Nullable Item next() {
    DeliveryQueue.Item item = queue().next();
    if (item == null) {
      forgetQueueIfIdle();
    }
    return item;
  }

  private synchronized void leaveThread() {
    queue().leaveThread();
  }

  private void deliver(DeliveryQueue.Item item) {
    try {
      if (item instanceof DeliveryQueue.Answer answer) {
        answer.action().run();
      } else if (item instanceof SharedEvent outgoing) {
        context.metrics().count(Metrics.Counter.DELIVERED);
        outgoing.deliverTo(listener);
      }
    } catch (Throwable fault) {
      Threads.outlived(fault);
      context.metrics().count(Metrics.Counter.LISTENER_FAULTS);
      log.warn(
          "the listener of session {} of user {} threw; the next event is delivered all the same",
          id(),
          user(),
          fault);
    }
  }

  public synchronized void pause() {
    queue().pause();
  }

  public synchronized void resume() {
    if (queue != null) {
      queue.resume();
      schedule();
      forgetQueueIfIdle();
    }
  }

  // ---- life

  /** Ends the session from the engine's side, with a last event. */
  public void end(SessionEnded farewell) {
    synchronized (this) {
      if (stream.isClosed()) {
        return;
      }
      stream.close();
      DeliveryQueue last = queue();
      last.resume();
      if (farewell.reason() == SessionEnded.Reason.TOO_SLOW) {
        last.interruptDelivery();
      }
      if (farewell.reason() != SessionEnded.Reason.DRAINING) {
        last.dropAll();
      }
      last.add(context.outgoing(farewell));
      schedule();
    }
    context.onClosed(this);
  }

  /** Ends the session from the application's side; answers still go out. */
  public void close() {
    synchronized (this) {
      if (stream.isClosed()) {
        return;
      }
      stream.close();
      if (queue != null) {
        queue.dropAll();
        queue.resume();
        forgetQueueIfIdle();
      }
    }
    context.onClosed(this);
  }

  public synchronized boolean isClosed() {
    return stream.isClosed();
  }

  // ---- presence: what was told is kept here, because here it is known what was dropped

  /**
   * @return whom it watched before
   */
  public synchronized List<UserId> replaceWatched(Set<UserId> users) {
    WatchedPresence before = watched;
    watched = users.isEmpty() ? null : new WatchedPresence(users, before);
    return before == null ? List.of() : before.users();
  }

  /** Whether it watches the user, could be told, and was told something else or nothing. */
  public synchronized boolean needsPresence(UserId user, boolean online) {
    return watched != null && watched.needs(user, online) && stream.takesEphemeral();
  }

  /** Tells it, if it needs to be told and there is room; if not, it still needs to be told. */
  public synchronized void tellPresence(Presence presence, SharedEvent event) {
    WatchedPresence watching = watched;
    if (watching != null
        && needsPresence(presence.user(), presence.online())
        && queue().hasRoom(event, context.budgetBytes() - stream.heldBytes())) {
      watching.tell(presence.user(), presence.online());
      enqueue(event);
    }
  }

  /**
   * Gives the answer that tells how these users are; it goes in front of the events that follow,
   * and those about the same users that wait are void.
   *
   * @return false if the session is closed, and the answer is not given
   */
  public synchronized boolean answerPresence(Collection<Presence> presences, Runnable answer) {
    if (stream.isClosed()) {
      return false;
    }
    WatchedPresence watching = watched;
    if (watching != null) {
      untellWaiting();
      queue().dropIf(waiting -> waiting.event() instanceof PresenceChanged);
      presences.forEach(presence -> watching.answer(presence.user(), presence.online()));
    }
    queue().addAnswer(answer);
    schedule();
    return true;
  }

  /** There is no answer that tells how these users are; events will. */
  public synchronized void failPresence(Collection<UserId> users) {
    WatchedPresence watching = watched;
    if (watching != null) {
      users.forEach(watching::fail);
    }
  }

  /** The presences that wait are about to be dropped. */
  private void untellWaiting() {
    WatchedPresence watching = watched;
    if (watching != null && queue != null) {
      queue.forEach(
          waiting -> {
            if (waiting.event() instanceof PresenceChanged changed) {
              watching.forget(changed.presence().user());
            }
          });
    }
  }
}
