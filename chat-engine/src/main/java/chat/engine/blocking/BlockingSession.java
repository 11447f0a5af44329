package chat.engine.blocking;

import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.Presence;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@link ChatSession} whose calls wait for their answers. Errors and interrupts as for {@link
 * BlockingChat}. Thread-safe.
 */
public final class BlockingSession implements AutoCloseable {
  private final ChatSession session;

  BlockingSession(ChatSession session) {
    this.session = session;
  }

  /** What the user of this session can do; what is sent this way is not delivered to it. */
  public BlockingUser asUser() {
    return new BlockingUser(session);
  }

  /** The session behind this view, for all that does not wait: pausing, its id. */
  public ChatSession session() {
    return session;
  }

  /** As {@link ChatSession#sync(Map)}. */
  public SyncResult sync(Map<ConversationId, SyncCursor> cursors) {
    return Await.result(session.sync(cursors));
  }

  /** As {@link ChatSession#sync(Map, ConversationId)}. */
  public SyncResult sync(Map<ConversationId, SyncCursor> cursors, ConversationId after) {
    return Await.result(session.sync(cursors, after));
  }

  /** As {@link ChatSession#watchPresence}. */
  public List<Presence> watchPresence(Set<UserId> users) {
    return Await.result(session.watchPresence(users));
  }

  /** As {@link ChatSession#typing}. */
  public void typing(ConversationId conversation, boolean on) {
    Await.result(session.typing(conversation, on));
  }

  /** As {@link ChatSession#close}. */
  @Override
  public void close() {
    session.close();
  }
}
