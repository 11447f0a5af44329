package chat.engine.internal.bot;

import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.bot.Question;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One question to one bot. Immutable. */
record BotQuestion(
    ChatUser asBot, UserId bot, Message message, Conversation conversation, int attempt)
    implements Question {
  @Override
  public String id() {
    return message.conversation() + ":m:" + message.seq() + ":" + bot;
  }

  @Override
  public CompletableFuture<List<Message>> history(int limit) {
    if (limit < 1 || limit > HistoryQuery.MAX_LIMIT) {
      throw ChatException.badRequest(
          "limit must be 1 to " + HistoryQuery.MAX_LIMIT + ", not " + limit);
    }
    return asBot
        .history(message.conversation(), HistoryQuery.before(message.seq() + 1).limit(limit))
        .thenApply(page -> page.messages().stream().filter(one -> !one.deleted()).toList());
  }
}
