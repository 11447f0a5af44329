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
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.event.TypingChanged;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Threads;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session, between the feeds, which offer it everything, and the delivery pool, which hands
 * what it took to the listener, one event at a time. {@link SessionStream} decides what is taken,
 * {@link Outbox} is where it waits.
 *
 * <p><b>Locking.</b> The monitor of this object guards the session's state; the parts have no lock
 * of their own. ShardedFeeds take it to offer, lanes for the fate of own sends, store threads to
 * end a sync, the delivery pool to fetch the next event, and whoever calls pause, resume or close.
 * It is held for a few look-ups, never while a listener or an answer runs. Under it others are only
 * told: the pool's queue and the registry's map take a note and call nobody back. The application
 * has no reference to this object, only to its handle.
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

  private final Outbox outbox;

  private SyncPages pages = SyncPages.NONE;

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
    this.outbox = new Outbox(context);
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

  /**
   * Takes a change of a conversation or of a message, and with the former joins or leaves the
   * stream of a group.
   *
   * @param outgoing with a {@link ConversationChanged}, a {@link MessageChanged} or a {@link
   *     ReactionChanged}
   */
  public synchronized void offerChange(SharedEvent outgoing) {
    if (stream.offerChange(outgoing, budgetBesidesQueue())) {
      enqueue(outgoing);
    }
  }

  /**
   * Takes an event without a place in the order of a conversation, if the session is in it as far
   * as it was told.
   */
  public synchronized void offerIn(ConversationId conversation, SharedEvent outgoing) {
    if (stream.offerEphemeral(conversation, outgoing, budgetBesidesQueue())) {
      enqueue(outgoing);
    }
  }

  /** Takes an event that belongs to no conversation, but to the user. */
  public synchronized void offerOwn(SharedEvent outgoing) {
    if (stream.takesEphemeral()) {
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

  /** Where a stream stands in a conversation. */
  public record Standing(long seq, long rev) {}

  /** What a new feed may start from; null while it is being loaded or not wanted. */
  public synchronized @Nullable Standing standing(ConversationId conversation) {
    return stream.standing(conversation);
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

  public synchronized void reactionAcknowledged(ConversationId conversation, long rev) {
    stream.reactionAcknowledged(conversation, rev);
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
        outbox.dropIf(waiting -> isCovered(waiting, loaded));
        outbox.addAnswer(answer);
        schedule();
        return release(ended);
      }
    }
    context.delivery().execute(answer); // closed meanwhile: no events are behind it
    return List.of();
  }

  /**
   * Sets the order of the later pages of the sync under way, in place of those of an earlier one.
   */
  public synchronized void keepPages(SyncPages later) {
    pages = later;
  }

  /**
   * The conversations behind the last one of a page.
   *
   * @return empty if that is in no page of the last sync
   */
  public synchronized Optional<List<ConversationId>> pagesAfter(ConversationId last) {
    Optional<SyncPages> found = pages.from(last);
    found.ifPresent(left -> pages = left);
    return found.map(SyncPages::afterFirst);
  }

  /** Ends a sync whose answer could not be had; everything is as before. */
  public synchronized List<Gap> abandonSync() {
    Syncing ended = stream.abandonSync();
    return ended == null ? List.of() : release(ended);
  }

  private List<Gap> release(Syncing ended) {
    Map<ConversationId, Gap> gaps = new HashMap<>();
    for (SharedEvent outgoing : ended.held()) {
      if (outgoing.event() instanceof ConversationChanged
          || outgoing.event() instanceof MessageChanged
          || outgoing.event() instanceof ReactionChanged) {
        offerChange(outgoing);
      } else if (outgoing.event() instanceof ReceiptMoved moved) {
        offerIn(moved.conversation(), outgoing);
      } else if (outgoing.event() instanceof PreferencesChanged changed) {
        offerIn(changed.conversation(), outgoing);
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

  /**
   * Whether the answer of a sync makes an event void that waited since before the sync began: what
   * it told was committed before the cursors were read. Behind the answer it would tell of a
   * conversation what is not true any more, or of one that the user is not in.
   */
  private static boolean isCovered(SharedEvent outgoing, Cursors loaded) {
    if (outgoing.event() instanceof MessageReceived received) {
      return loaded.cover(received.message())
          || (outgoing.kind() == ConversationKind.GROUP
              && !loaded.contains(received.message().conversation()));
    }
    if (outgoing.event() instanceof ReceiptMoved moved) {
      return !loaded.contains(moved.conversation());
    }
    if (outgoing.event() instanceof TypingChanged typing) {
      return !loaded.contains(typing.conversation());
    }
    return outgoing.event() instanceof ConversationChanged
        || outgoing.event() instanceof MessageChanged
        || outgoing.event() instanceof ReactionChanged
        || outgoing.event() instanceof PreferencesChanged;
  }

  // ---- the outbox; what is held back shares its budget

  private int budgetBesidesQueue() {
    return context.budgetBytes() - outbox.bytes();
  }

  private void enqueue(SharedEvent outgoing) {
    if (outbox.offer(stream.seen(outgoing))) {
      schedule();
    } else {
      cut();
    }
  }

  /**
   * Everything is in the store, so what waits can be dropped; the listener learns that it has to
   * sync.
   */
  private void cut() {
    stream.cut();
    outbox.dropAll();
    outbox.add(context.outgoing(new Resync()));
    context.metrics().count(Metrics.Counter.RESYNCS);
    context.onCut(this);
    schedule();
  }

  /** Whether the stream is cut and the listener has not even taken the news of it. */
  synchronized boolean isStalled() {
    return stream.isCut() && !outbox.isEmpty();
  }

  // ---- delivery

  private void schedule() {
    if (outbox.claimTurn()) {
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
    return outbox.next();
  }

  private synchronized void leaveThread() {
    outbox.leaveThread();
  }

  private void deliver(DeliveryQueue.Item item) {
    try {
      if (item instanceof DeliveryQueue.Answer answer) {
        answer.action().run();
      } else if (item instanceof SharedEvent outgoing) {
        context.metrics().count(Metrics.Counter.DELIVERED);
        outgoing.deliverTo(listener, context.handle(this));
      }
    } catch (Throwable fault) {
      Threads.outlived(fault);
      context.metrics().count(Metrics.Counter.LISTENER_FAULTS);
      long times = context.listenerFaults().due();
      if (times > 0) {
        log.warn(
            "the listener of session {} of user {} threw; the next event is delivered all the same."
                + " Listeners threw {} times since this was last logged",
            id(),
            user(),
            times,
            fault);
      }
    }
  }

  public synchronized void pause() {
    outbox.pause();
  }

  public synchronized void resume() {
    outbox.resume();
    schedule();
  }

  // ---- life

  /** Ends the session from the engine's side, with a last event. */
  public void end(SessionEnded farewell) {
    synchronized (this) {
      if (stream.isClosed()) {
        return;
      }
      stream.close();
      outbox.resume();
      if (farewell.reason() == SessionEnded.Reason.TOO_SLOW) {
        outbox.interruptDelivery();
      }
      if (farewell.reason() != SessionEnded.Reason.DRAINING) {
        outbox.dropAll();
      }
      outbox.add(context.outgoing(farewell));
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
      outbox.dropAll();
    }
    context.onClosed(this);
  }

  public synchronized boolean isClosed() {
    return stream.isClosed();
  }

  // ---- presence

  /**
   * @return whom it watched before
   */
  public synchronized List<UserId> replaceWatched(Set<UserId> users) {
    return outbox.replaceWatched(users);
  }

  /** Whom it watches. */
  public synchronized List<UserId> watched() {
    return outbox.watched();
  }

  /** Whether it watches anybody. */
  public synchronized boolean isWatching() {
    return !outbox.watched().isEmpty();
  }

  /** Whether it watches the user, could be told, and was told something else or nothing. */
  public synchronized boolean needsPresence(UserId user, boolean online) {
    return stream.takesEphemeral() && outbox.needsPresence(user, online);
  }

  /** Tells it, if it needs to be told and there is room; if not, it still needs to be told. */
  public synchronized void tellPresence(Presence presence, SharedEvent event) {
    if (stream.takesEphemeral()) {
      outbox.offerPresence(presence, event, stream.heldBytes());
      schedule();
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
    outbox.answerPresence(presences);
    outbox.addAnswer(answer);
    schedule();
    return true;
  }

  /** There is no answer that tells how these users are; events will. */
  public synchronized void failPresence(Collection<UserId> users) {
    outbox.failPresence(users);
  }
}
