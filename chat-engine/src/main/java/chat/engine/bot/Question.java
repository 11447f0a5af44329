package chat.engine.bot;

import chat.engine.Conversation;
import chat.engine.Experimental;
import chat.engine.Message;
import chat.engine.UserId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A message that a bot is asked. Thread-safe. */
@Experimental
public interface Question {
  /** The user whom the bot speaks for. */
  UserId bot();

  /** As it is now. */
  Message message();

  Conversation conversation();

  /** The same each time this question comes to this bot, and no other has it. */
  String id();

  /** 1, or how often this node was asked, this time included. */
  int attempt();

  /**
   * The last messages up to this one, this one included, ascending; as far as the bot may read
   * them, without those that were deleted. Reads the store.
   *
   * @param limit at most so many, 1 to 100
   */
  CompletableFuture<List<Message>> history(int limit);
}
