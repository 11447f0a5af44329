package chat.engine.bot;

import chat.engine.Experimental;
import java.util.concurrent.CompletableFuture;

/**
 * How a bot answers one question. Its answers are messages of the bot in the conversation; in
 * groups they are replies to the question. The client message id of each follows from the question
 * and from its number, so if a question comes again, answers that were sent are not sent again.
 * That holds if the bot answers with the same number of messages each time; their texts may differ,
 * and the first text stays. Thread-safe.
 *
 * <p>Faults: futures fail as {@link chat.engine.ChatUser#send} does, but if the bot may no longer
 * write there they complete, and nothing is sent.
 */
@Experimental
public interface Answer {
  /**
   * Sends an answer. A blank text is not sent, and does not count.
   *
   * @return completes after the commit
   */
  CompletableFuture<Void> reply(String text);

  /**
   * Begins a streamed answer: a message that says "…" at first and is edited as its text comes.
   * While it is written its {@linkplain chat.engine.Message#attributes attributes} are {@code
   * {"bot":{"answer_to":SEQ,"writing":true}}}, and afterwards {@code {"bot":{"answer_to":SEQ}}}.
   *
   * @return completes after the commit of the message
   */
  CompletableFuture<StreamedAnswer> stream();
}
