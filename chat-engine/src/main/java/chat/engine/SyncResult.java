package chat.engine;

import java.util.List;
import java.util.Set;

/**
 * The answer to a sync, or a page of it: where everything stands. After it the live stream of the
 * session continues each conversation of the first page with exactly the message {@code lastSeq +
 * 1}; for later pages see {@link ChatSession#sync(java.util.Map, ConversationId)}.
 *
 * <p>However much was missed, an answer stays within bounds. It has at most 500 conversations,
 * unless {@link EngineBuilder#maxSyncConversations} is set. The missed messages of all its
 * conversations together take at most 512 KiB, and the last messages at most 256 KiB. (Counted as
 * for a {@link HistoryQuery}.)
 *
 * @param conversations the caller's conversations, but for those that stand as their cursor says;
 *     ascending by id. Never empty if there are more
 * @param gone conversations of the given cursors of which the caller is no member (any more); on
 *     the first page only
 * @param hasMore whether there are more behind the last of these: ask for them with {@link
 *     ChatSession#sync(java.util.Map, ConversationId)}
 */
public record SyncResult(
    List<ConversationState> conversations, Set<ConversationId> gone, boolean hasMore) {
  public SyncResult {
    conversations = List.copyOf(conversations);
    gone = Set.copyOf(gone);
  }
}
