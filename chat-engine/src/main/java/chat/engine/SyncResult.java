package chat.engine;

import java.util.List;
import java.util.Set;

/**
 * The answer to a sync, or a page of it: the state of the user's conversations. After it the live
 * stream of the session continues each conversation of the first page with exactly the message
 * {@code lastSeq + 1}; for later pages see {@link ChatSession#sync(java.util.Map, ConversationId)}.
 *
 * <p>However much was missed, an answer stays within 256 KiB, unless {@link
 * EngineBuilder#answerBytes} is set (counted as for a {@link HistoryQuery}). It has at most 500
 * conversations, unless {@link EngineBuilder#maxSyncConversations} is set, and ends earlier where
 * they and their last messages would take more than 96 KiB, but has at least one. The missed
 * messages of all its conversations together take at most 96 KiB, and their changes 64 KiB.
 *
 * @param conversations the caller's conversations, but for those that stand as their cursor says;
 *     those that were active last first, where sending a message is activity, in the order of the
 *     time of the first page. Never empty if there are more
 * @param gone conversations of the given cursors of which the caller is no member (any more); on
 *     the first page only, and not more than take an eighth of an answer: the next sync has others
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
