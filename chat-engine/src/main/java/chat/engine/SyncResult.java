package chat.engine;

import java.util.List;
import java.util.Set;

/**
 * The answer to a sync: where everything stands. After it the live stream of the session continues
 * each conversation with exactly the message {@code lastSeq + 1}.
 *
 * <p>However much was missed, its messages stay within bounds: those missed, of all conversations
 * together, take at most 512 KiB, and so do the last messages with at most 256 KiB. (Counted as for
 * a {@link HistoryQuery}.) Conversations come in no particular order, so which of them get less is
 * not to be relied upon.
 *
 * @param conversations the caller's conversations, but for those that stand as their cursor says
 * @param gone conversations of the given cursors of which the caller is no member (any more)
 */
public record SyncResult(List<ConversationState> conversations, Set<ConversationId> gone) {
  public SyncResult {
    conversations = List.copyOf(conversations);
    gone = Set.copyOf(gone);
  }
}
