package chat.engine.feed;

import chat.engine.Experimental;
import java.util.concurrent.CompletionStage;

/** Takes what a feed delivers. */
@Experimental
@FunctionalInterface
public interface FeedConsumer {
  /**
   * Takes one batch. When the stage completes, the batch is done and the cursor moves behind it;
   * the next batch of the same conversation comes after that, while those of other conversations
   * come at the same time.
   *
   * <p>If it throws or the stage fails, the same entries come again, after 1 s the first time and
   * twice as long each further time, up to 1 min; more entries of the conversation may then be
   * behind them. Other conversations go on. To leave entries out for good, complete normally. Where
   * only the first entries are done, fail with {@link PartlyDone}.
   *
   * <p>Completed entries may still come again: after a crash, after a lease that ended because the
   * process or the database stood still, and after a replay. So act by {@link FeedEntry#id}, or in
   * a way that can be repeated; a message that is sent in answer can use it as its client message
   * id.
   *
   * <p>Runs on the engine's threads for hooks, or on the executor of the application. It may block,
   * which holds up only its own conversation, and occupies one of the batches that a feed has in
   * hand at a time, {@link FeedOptions#concurrency}.
   */
  CompletionStage<?> accept(FeedBatch batch) throws Exception;
}
