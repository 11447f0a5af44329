package chat.engine.internal.sync;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.MessageVersion;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import java.util.List;

/**
 * Reads what messages said before they were edited, for those who may read the messages. Blocks:
 * call it on a store thread. Thread-safe.
 */
public final class EditHistory {
  private final MessageStore store;
  private final HistoryReader histories;
  private final boolean on;
  private final int answerBytes;

  public EditHistory(MessageStore store, HistoryReader histories, EngineOptions options) {
    this.store = store;
    this.histories = histories;
    this.on = options.editHistory();
    this.answerBytes = options.count(Limit.ANSWER_BYTES);
  }

  /**
   * A page of the versions of a message, the present one at last.
   *
   * @throws ChatException {@code FORBIDDEN} if edits keep nothing, {@code NOT_FOUND} for one who is
   *     no member, and for no such message
   */
  public Page<MessageVersion> read(
      UserId user, ConversationId id, long seq, PageQuery<Long> query) {
    if (!on) {
      throw ChatException.forbidden("edit history is switched off in this installation");
    }
    Long last = query.after();
    long after = last == null ? 0 : last;
    List<MessageVersion> found =
        store.versions(new MessagePlace(id, seq), after, query.limit() + 1);
    histories.requireReadable(user, id, seq, found.isEmpty());
    List<MessageVersion> page = AnswerBudget.firstVersions(found, query.limit(), answerBytes);
    return new Page<>(page, page.size() < found.size());
  }
}
