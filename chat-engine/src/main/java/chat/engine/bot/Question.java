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

  /** The same each time this question comes to this bot; no other question has it. */
  String id();

  /** How often this node has asked the question, this time included; at least 1. */
  int attempt();

  /**
   * The last messages up to this one, this one included, ascending; as far as the bot may read
   * them, without those that were deleted. Reads the store.
   *
   * @param limit the most messages, 1 to 100
   */
  CompletableFuture<List<Message>> history(int limit);
}
