package chat.engine.internal.session;

import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.runtime.Errors;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides what belongs into the stream of one session.
 *
 * <p>What makes the stream exact is the {@link Cursors}: a message is taken only if it is the very
 * next one of its conversation. A lower seq was delivered before; a higher one means that something
 * is missing, and the feed fetches it. While cursors are loaded everything is held back ({@link
 * Syncing}), to be offered again behind the answer. A message that the session sent itself passes
 * silently ({@link EchoFilter}).
 *
 * <p>Not thread-safe, and so are its parts: guarded by the monitor of the {@link Session}.
 */
public final class SessionStream {
  /** Where the stream stands. */
  sealed interface State permits Settled, Syncing {}

  enum Settled implements State {
    LIVE,
    /** Nothing is taken until a sync. */
    CUT,
    CLOSED
  }

  /** Answer of {@link #offer}: nothing is missing, and nothing is to be delivered now. */
  public static final long NO_GAP = -1;

  /** Answer of {@link #offer}: the message is the next to deliver. */
  static final long TAKEN = -2;

  private static final Duration SYNC_RETRY = Duration.ofMillis(100);

  private final UserId user;
  private State state = new Syncing(false);
  private Cursors cursors = new Cursors();

  /** Null while there are none. */
  private @Nullable EchoFilter ownSends;

  /** Null while there are none. */
  private @Nullable OwnReactions ownReactions;

  SessionStream(UserId user) {
    this.user = user;
  }

  // ---- what feeds offer

  /**
   * Takes a message if it is the next of its conversation.
   *
   * @param budgetBytes how much may be held back in all
   * @return {@link #TAKEN}, {@link #NO_GAP}, or the seq after which messages are missing here
   */
  long offer(Message message, SharedEvent outgoing, int budgetBytes) {
    if (state instanceof Syncing syncing) {
      syncing.hold(outgoing, budgetBytes);
      return NO_GAP;
    }
    if (state != Settled.LIVE) {
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
    return passesSilently(message) ? NO_GAP : TAKEN;
  }

  /**
   * Follows a change of a conversation, of a message, of a pin or of the history, and with the
   * former joins or leaves the stream of a group.
   *
   * @return whether it is to be delivered now
   */
  boolean offerChange(SharedEvent outgoing, int budgetBytes) {
    if (state instanceof Syncing syncing) {
      syncing.hold(outgoing, budgetBytes);
      return false;
    }
    if (state != Settled.LIVE) {
      return false;
    }
    if (outgoing.event() instanceof MessageChanged changed) {
      return cursors.follow(changed.change(), outgoing.kind() == ConversationKind.DIRECT)
          && reads(changed.change(), changed.message().seq());
    }
    if (outgoing.event() instanceof ReactionChanged changed) {
      boolean own = isOwn(changed.change());
      return cursors.follow(changed.change(), outgoing.kind() == ConversationKind.DIRECT)
          && changed.change().reaction() != null
          && reads(changed.change(), changed.change().reaction().seq())
          && !own;
    }
    if (!(outgoing.event() instanceof ConversationChanged changed)) {
      return false;
    }
    ConversationChange change = changed.change();
    if (change != null
        && (change.kind().isOfHistory()
            || change.kind() == ConversationChange.Kind.PEER_REPLACED)) {
      return cursors.follow(change, outgoing.kind() == ConversationKind.DIRECT);
    }
    if (change != null && change.kind().isOfPin()) {
      return cursors.follow(change, outgoing.kind() == ConversationKind.DIRECT)
          && change.pinSeq() != null
          && reads(change, change.pinSeq());
    }
    return cursors.apply(changed, outgoing.isAbout(user));
  }

  private boolean reads(ConversationChange change, long seq) {
    return seq > cursors.readableAfter(change.conversation());
  }

  /**
   * The event as the user of this stream may see it. Where a forwarded message came from is shown
   * to those who have been given the original, so it tells them nothing that they do not know. What
   * a message answers is shown to those who may read it.
   */
  SharedEvent seen(SharedEvent outgoing) {
    Message message = outgoing.message();
    if (message == null || (message.forwardOf() == null && message.replyPreview() == null)) {
      return outgoing;
    }
    Message seen = withOrigin(withPreview(message));
    return seen.equals(message) ? outgoing : outgoing.with(seen);
  }

  private Message withPreview(Message message) {
    ReplyPreview preview = message.replyPreview();
    return preview == null || preview.seq() > cursors.readableAfter(message.conversation())
        ? message
        : message.withReplyPreview(null);
  }

  private Message withOrigin(Message message) {
    ForwardOf origin = message.forwardOf();
    if (origin == null || origin.conversation() == null) {
      return message;
    }
    ConversationId from = origin.conversation();
    return origin.seq() <= cursors.seq(from) && origin.seq() > cursors.readableAfter(from)
        ? message
        : message.withForwardOf(ForwardOf.ELSEWHERE);
  }

  /** Whether events of no conversation's stream are welcome. */
  boolean takesEphemeral() {
    return state instanceof Syncing || state == Settled.LIVE;
  }

  boolean isLive() {
    return state == Settled.LIVE;
  }

  boolean isLiveIn(ConversationId conversation) {
    return state == Settled.LIVE && cursors.contains(conversation);
  }

  /**
   * Takes an event of a conversation that has no place in its order. Only a live stream knows
   * whether its user is still a member; while cursors are loaded what is stored is held, and what
   * lasts for seconds is dropped.
   *
   * @return whether it is to be delivered now
   */
  boolean offerEphemeral(ConversationId conversation, SharedEvent event, int budgetBytes) {
    if (state instanceof Syncing syncing) {
      if (event.event() instanceof ReceiptMoved || event.event() instanceof PreferencesChanged) {
        syncing.hold(event, budgetBytes);
      }
      return false;
    }
    return state == Settled.LIVE
        && (event.kind() == ConversationKind.DIRECT || cursors.contains(conversation));
  }

  /** See {@link Session#neededAfter}. */
  long neededAfter(ConversationId conversation, ConversationKind kind, long head) {
    if (state instanceof Syncing) {
      return head; // the cursors that it will have are not known yet
    }
    if (state != Settled.LIVE) {
      return Long.MAX_VALUE;
    }
    long cursor = cursors.seq(conversation);
    if (cursor != Cursors.ABSENT) {
      return cursor;
    }
    return kind == ConversationKind.DIRECT ? 0 : Long.MAX_VALUE; // see offer
  }

  /**
   * Something may be missing, and nobody knows what.
   *
   * @return whether the stream must be cut now; a sync under way is cut behind its answer
   */
  boolean loseTrack() {
    if (state instanceof Syncing syncing) {
      syncing.overflow();
    }
    return state == Settled.LIVE;
  }

  /** Where it stands in a conversation; null unless it is live. */
  Session.@Nullable Standing standing(ConversationId conversation) {
    return state == Settled.LIVE
        ? new Session.Standing(
            Math.max(0, cursors.seq(conversation)), Math.max(0, cursors.rev(conversation)))
        : null;
  }

  // ---- own sends: acknowledged, so not delivered

  void sendBegins(ConversationId conversation, ClientMessageId clientMessageId) {
    if (ownSends == null) {
      ownSends = new EchoFilter();
    }
    ownSends.begin(conversation, clientMessageId);
  }

  void sendAcknowledged(ConversationId conversation, ClientMessageId clientMessageId, long seq) {
    EchoFilter own = ownSends;
    if (own != null) {
      boolean stillToCome =
          state instanceof Syncing || (state == Settled.LIVE && cursors.seq(conversation) < seq);
      own.acknowledge(conversation, clientMessageId, seq, stillToCome);
      forgetOwnSendsIfNone();
    }
  }

  /**
   * @return whether the stream must be cut: the message passed silently, so that only a resync can
   *     still tell the truth
   */
  boolean sendFailed(ConversationId conversation, ClientMessageId clientMessageId) {
    EchoFilter own = ownSends;
    if (own == null) {
      return false;
    }
    boolean untold = own.fail(conversation, clientMessageId);
    forgetOwnSendsIfNone();
    return untold && state == Settled.LIVE;
  }

  private boolean passesSilently(Message message) {
    EchoFilter own = ownSends;
    if (own == null || !message.from().equals(user)) {
      return false;
    }
    boolean passes = own.pass(message);
    forgetOwnSendsIfNone();
    return passes;
  }

  private void forgetOwnSendsIfNone() {
    if (ownSends != null && ownSends.isEmpty()) {
      ownSends = null;
    }
  }

  /** The acknowledgement of an own reaction is on its way to the listener. */
  void reactionAcknowledged(ConversationId conversation, long rev) {
    if (state instanceof Syncing || (state == Settled.LIVE && cursors.rev(conversation) < rev)) {
      if (ownReactions == null) {
        ownReactions = new OwnReactions();
      }
      ownReactions.acknowledge(conversation, rev);
    }
  }

  private boolean isOwn(ConversationChange reaction) {
    OwnReactions own = ownReactions;
    if (own == null) {
      return false;
    }
    boolean found = own.pass(reaction);
    if (own.isEmpty()) {
      ownReactions = null;
    }
    return found;
  }

  // ---- its states

  /** Begins to hold back. @return why not, or null */
  @Nullable ChatException beginSync() {
    if (state instanceof Syncing) {
      return ChatException.busy("a sync of this session is under way", SYNC_RETRY);
    }
    if (state == Settled.CLOSED) {
      return Errors.sessionClosed();
    }
    state = new Syncing(state == Settled.CUT);
    return null;
  }

  /**
   * Goes on from the given cursors.
   *
   * @return the sync that ended, with what it held and has to be offered again; null if the session
   *     was closed meanwhile
   */
  @Nullable Syncing endSync(Cursors loaded) {
    if (!(state instanceof Syncing syncing)) {
      return null;
    }
    cursors = loaded;
    state = Settled.LIVE;
    if (ownSends != null) {
      ownSends.forgetCovered(loaded);
      forgetOwnSendsIfNone();
    }
    if (ownReactions != null) {
      ownReactions.forgetCovered(loaded);
    }
    return syncing;
  }

  /**
   * Goes on as if there had been no sync.
   *
   * @return the sync that was given up, if what it held has to be offered again; else null
   */
  @Nullable Syncing abandonSync() {
    if (!(state instanceof Syncing syncing)) {
      return null;
    }
    state = syncing.wasCut() ? Settled.CUT : Settled.LIVE;
    return syncing.wasCut() ? null : syncing;
  }

  /** Bytes that are held back. */
  int heldBytes() {
    return state instanceof Syncing syncing ? syncing.bytes() : 0;
  }

  /** Takes nothing more until a sync. Own sends stay: they may still be committed after it. */
  void cut() {
    state = Settled.CUT;
    ownReactions = null;
  }

  boolean isCut() {
    return state == Settled.CUT;
  }

  void close() {
    state = Settled.CLOSED;
    ownSends = null;
    ownReactions = null;
  }

  boolean isClosed() {
    return state == Settled.CLOSED;
  }
}
