package chat.engine;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One connection of one device of one user. Its {@link ChatListener} gets every message that is
 * committed, from the moment of connecting on, to any conversation of the user, except those that
 * this session itself sent and was acknowledged. The stream has no gap: if one arises the engine
 * repairs it from the store, and if that is impossible because the listener does not keep up, the
 * session gets {@link chat.engine.event.Resync} and continues after {@link #sync}.
 *
 * <p>Thread-safe; nothing blocks. After {@link #close} every call fails with {@code UNAVAILABLE}.
 */
public interface ChatSession extends ChatUser, AutoCloseable {
  /** Unique in the cluster, for logs and for telling a user's sessions apart. */
  String id();

  DeviceId device();

  /**
   * The state of all conversations of the user, and what was missed since the given cursors. When
   * the future completes, the live stream is positioned right after the answer: each conversation
   * continues with {@code lastSeq + 1}.
   *
   * <p>If the answer {@linkplain SyncResult#hasMore() has more}, it is the first of several pages,
   * but the stream is already live for all conversations; see {@link #sync(Map, ConversationId)}.
   *
   * @param cursors what the device knows, by conversation; empty on a device that knows nothing. A
   *     negative seq, and one beyond the last message, fail with {@code BAD_REQUEST}
   */
  CompletableFuture<SyncResult> sync(Map<ConversationId, SyncCursor> cursors);

  /**
   * The next page of the answer to the last sync of this session: the conversations after the last
   * one of the previous page, as they are now. It does not affect the live stream, which began
   * after the first page.
   *
   * <p>So events of a conversation may arrive before the page that has it, and the page may contain
   * the same news. Nothing is missing: the page and the events together have every message above
   * the cursor. Until the last page, keep the events of conversations that were on no page yet;
   * then skip those messages and changes that the page contained, by their seq and rev, and apply
   * the others.
   *
   * <p>If the stream is cut meanwhile, start again with the first page. {@code BAD_REQUEST} for a
   * conversation that is not on the page before.
   *
   * @param cursors those that were passed for the first page; entries up to {@code after} may be
   *     left out
   * @param after the last conversation of the page before
   */
  CompletableFuture<SyncResult> sync(Map<ConversationId, SyncCursor> cursors, ConversationId after);

  /**
   * Tells the other members that this user is typing, or has stopped. Not stored. Dropped under
   * pressure, while the stream is cut or syncing, and for a conversation that is not the user's.
   * Repeat it every few seconds while the user types: others see the typing end 6 s after the last
   * call, or with the next message of this user in the conversation. They see at most one
   * repetition per 3 s, however often you call. A message ends the typing that came before it; call
   * again when the user starts the next one. Other sessions of the same user get nothing.
   *
   * @return completes when it was sent or dropped; fails with {@code FORBIDDEN} for a member who is
   *     silenced. Need not be waited for
   */
  CompletableFuture<Void> typing(ConversationId conversation, boolean on);

  /**
   * From now on reports with {@link chat.engine.event.PresenceChanged} when one of these users
   * comes online or goes offline, instead of those watched before. The application decides whom a
   * user may watch.
   *
   * <p>The future gives the current state, ahead of the events that follow; pausing does not delay
   * it. While the router is unreachable it gives what this node knows: online if the user is on
   * this node or was online when last seen, else offline. Differences are reported within seconds
   * after the router is back. If the future fails, the users are watched all the same, and events
   * report their state.
   *
   * <p>Reports become right again after any loss: every watched user is checked again about every 5
   * s, less often if a node watches more than 12,500 users. A user who is back within the engine's
   * presence grace (10 s unless set) was never reported as gone, neither after a disconnect nor
   * when a node dies. That somebody is offline is reported after the grace; where it is not known
   * for certain, because the user's node vanished or the router lost its table, the router is asked
   * twice, 5 s apart. So the users of a node that dies silently are reported about lease (5 s) plus
   * grace plus 2 s after its death, or 7 s after its lease has ended if the grace is shorter than
   * that.
   *
   * <p>Fails with {@code TOO_LARGE} for more than {@link #MAX_USERS} users: the application chooses
   * whom to watch, and may ask about the others with {@link #presence}.
   */
  CompletableFuture<List<Presence>> watchPresence(Set<UserId> users);

  /**
   * Stops calling the listener (a call under way goes on) until {@link #resume}. Events queue up to
   * the session's byte budget; past it, ephemeral ones go first, then the live stream is cut with
   * {@link chat.engine.event.Resync}.
   */
  void pause();

  void resume();

  /**
   * Ends the session. Idempotent. No event is delivered after it returns, except one whose delivery
   * is under way.
   */
  @Override
  void close();
}
