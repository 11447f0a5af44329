package chat.engine.examples.replay;

import chat.engine.ConversationId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One user of a replayed log. Thread-safe. */
public interface ReplayUser extends AutoCloseable {
  /** The name under which the chat knows it. */
  String name();

  /**
   * Sends one message; to be repeated with the same {@code clientMessageId} after a {@link
   * NotNowException}.
   */
  CompletableFuture<ReplayMessage> send(ConversationId group, String clientMessageId, String text);

  /** Messages after a seq, ascending. Blocks. */
  Page history(ConversationId group, long after);

  @Override
  void close();

  /** Part of the history. */
  record Page(List<ReplayMessage> messages, boolean hasMore) {}

  /** The chat, or the way to it, is not there at the moment. */
  final class NotNowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotNowException(String reason) {
      super(reason);
    }
  }
}
