package chat.engine.bot;

import chat.engine.Experimental;
import java.util.concurrent.CompletableFuture;

/**
 * How a bot answers one question. Its answers are messages of the bot in the conversation; in
 * groups they are replies to the question. Each has a client message id that follows from the
 * question and from its number, so when a question comes again its first answer is not sent again,
 * nor the second. That holds if the bot answers with as many messages each time; what they say may
 * differ, and the first text stays. Thread-safe.
 *
 * <p>Faults: futures fail as {@link chat.engine.ChatUser#send} does, but if the bot may not write
 * there any more they complete, and nothing was sent.
 */
@Experimental
public interface Answer {
  /**
   * Sends an answer. Blank text sends nothing, and does not count.
   *
   * @return completes after the commit
   */
  CompletableFuture<Void> reply(String text);

  /**
   * Begins an answer that grows: a message that says "…" at first and is edited as its text comes.
   * While it is written its {@linkplain chat.engine.Message#attributes attributes} are {@code
   * {"bot":{"answer_to":SEQ,"writing":true}}}, and afterwards {@code {"bot":{"answer_to":SEQ}}}.
   *
   * @return completes after the commit of the message
   */
  CompletableFuture<StreamedAnswer> stream();
}
