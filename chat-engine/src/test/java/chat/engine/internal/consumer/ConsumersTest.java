package chat.engine.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedOptions;
import chat.engine.internal.runtime.Answers;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.memory.InMemoryMessageStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Feeds that are opened while the engine drains. */
@Timeout(30)
final class ConsumersTest {
  private final StoreThreads reads = new StoreThreads(1, 10);
  private final Answers answers = new Answers(1, 2, 10, own -> own);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final Consumers consumers =
      new Consumers(
          new InMemoryMessageStore(), reads, answers, task -> new Thread(task).start(), "node");

  @AfterEach
  void close() {
    goOn.countDown();
    consumers.close();
    reads.close();
    answers.close();
  }

  private CompletableFuture<Feed> open() {
    return consumers.open(
        "feed", FeedOptions.DEFAULT, batch -> CompletableFuture.completedFuture(null));
  }

  private static ErrorCode code(CompletableFuture<Feed> feed) {
    return feed.handle((opened, fault) -> ((ChatException) Errors.cause(fault)).code()).join();
  }

  @Test
  void aFeedThatIsBeingOpenedDoesNotBegin() {
    var unused =
        reads.submit(
            () -> {
              goOn.await();
              return true;
            });
    CompletableFuture<Feed> feed = open();
    consumers.stopDelivering();
    goOn.countDown();
    await().until(feed::isDone);
    assertThat(code(feed)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(open())).as("nor one that comes later").isEqualTo(ErrorCode.UNAVAILABLE);
  }
}
