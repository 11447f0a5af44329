package chat.engine;

import java.util.List;
import java.util.Set;

/**
 * The answer to a sync: where everything stands. After it the live stream of the session continues
 * each conversation with exactly the message {@code lastSeq + 1}.
 *
 * @param conversations the caller's conversations; with cursors only those with messages after
 *     their cursor and those without a cursor
 * @param gone conversations of the given cursors of which the caller is no member (any more)
 */
public record SyncResult(List<ConversationState> conversations, Set<ConversationId> gone) {
  public SyncResult {
    conversations = List.copyOf(conversations);
    gone = Set.copyOf(gone);
  }
}
