package chat.engine.internal.bot;

import chat.engine.ChatApplication;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An answer that grew on a node that died, to a question with which its bot does not go on: it was
 * removed from the group or is suspended, or gave the question up. Nobody would end it.
 * Thread-safe, never blocks.
 *
 * <p>Costs a page of the history, only where an attempt has said nothing.
 */
final class UnfinishedAnswer {
  /** Behind the question. In a crowd that is faster than a bot it stays as it is. */
  private static final int LOOKED_THROUGH = HistoryQuery.MAX_LIMIT;

  private final ChatApplication application;
  private final BotQuestion question;

  UnfinishedAnswer(ChatApplication application, BotQuestion question) {
    this.application = application;
    this.question = question;
  }

  /** Ends it with what it shows, if there is one. Completes also if there is nothing to do. */
  CompletableFuture<Void> end() {
    Message asked = question.message();
    return BotAnswer.unlessOver(
        application
            .history(asked.conversation(), HistoryQuery.after(asked.seq()).limit(LOOKED_THROUGH))
            .thenCompose(page -> endAmong(page.messages())));
  }

  private CompletableFuture<Void> endAmong(List<Message> messages) {
    String writing = GrowingAnswer.attributes(question.message(), true);
    return CompletableFuture.allOf(
        messages.stream()
            .filter(message -> message.from().equals(question.bot()))
            .filter(message -> writing.equals(message.attributes()))
            .map(this::end)
            .toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<Void> end(Message answer) {
    String done = GrowingAnswer.attributes(question.message(), false);
    String writing = GrowingAnswer.attributes(question.message(), true);
    return application
        .editMessage(
            answer.conversation(),
            answer.seq(),
            new MessageEdit(answer.text(), List.of(), done).onlyWhile(writing))
        .thenAccept(ack -> {});
  }
}
