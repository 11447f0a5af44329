package chat.engine.internal.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.internal.runtime.StoreThreads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PublicationOrderTest {
  private static final ConversationId TALK = ConversationId.of(7);
  private static final ConversationId OTHER = ConversationId.of(8);

  private final StoreThreads threads = new StoreThreads(2, 100);
  private final PublicationOrder order = new PublicationOrder(threads);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final List<Integer> shown = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void close() {
    goOn.countDown();
    threads.close();
  }

  private Callable<Boolean> showing(int number) {
    return () -> shown.add(number);
  }

  private CompletableFuture<Boolean> blocked() {
    return order.run(
        Set.of(TALK),
        () -> {
          goOn.await();
          return shown.add(0);
        });
  }

  @Test
  void publicationsOfAConversationFollowEachOther() {
    CompletableFuture<Boolean> first = blocked();
    CompletableFuture<Boolean> both = order.run(Set.of(TALK, OTHER), showing(1));
    CompletableFuture<Boolean> last = order.run(Set.of(OTHER), showing(2));
    assertThat(order.run(Set.of(ConversationId.of(9)), showing(9)).join())
        .as("of a conversation in which nothing waits")
        .isTrue();
    assertThat(first).isNotDone();
    goOn.countDown();
    assertThat(List.of(first.join(), both.join(), last.join())).containsOnly(true);
    assertThat(shown).containsExactly(9, 0, 1, 2);
  }

  @Test
  void aPublicationThatFailsHoldsNoneUp() {
    CompletableFuture<Boolean> failed =
        order.run(
            Set.of(TALK),
            () -> {
              goOn.await();
              throw ChatException.unavailable("the store is away", null);
            });
    CompletableFuture<Boolean> next = order.run(Set.of(TALK), showing(1));
    goOn.countDown();
    assertThat(next.join()).isTrue();
    assertThat(failed).isCompletedExceptionally();
  }

  @Test
  void onlySoManyWait() {
    List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
    waiting.add(blocked());
    IntStream.range(1, PublicationOrder.MOST_UNDER_WAY)
        .forEach(i -> waiting.add(order.run(Set.of(TALK), showing(i))));
    for (ConversationId conversation : List.of(TALK, OTHER)) {
      CompletableFuture<Boolean> beyond = order.run(Set.of(conversation), showing(-1));
      assertThat(beyond).isCompletedExceptionally();
      assertThatThrownBy(beyond::join)
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              ChatException.class,
              refusal -> {
                assertThat(refusal.code()).isEqualTo(ErrorCode.BUSY);
                assertThat(refusal.retryAfter()).isPresent();
              });
    }
    goOn.countDown();
    waiting.forEach(CompletableFuture::join);
    assertThat(shown)
        .containsExactlyElementsOf(
            IntStream.range(0, PublicationOrder.MOST_UNDER_WAY).boxed().toList());
    assertThat(order.run(Set.of(TALK), showing(-2)).join()).as("there is room again").isTrue();
  }

  @Test
  void allThatWaitEndWithTheThreads() {
    List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
    waiting.add(blocked());
    IntStream.range(1, PublicationOrder.MOST_UNDER_WAY)
        .forEach(i -> waiting.add(order.run(Set.of(TALK), showing(i))));
    CompletableFuture<Void> closed = CompletableFuture.runAsync(threads::close);
    await().until(() -> threads.submit(() -> true).isCompletedExceptionally());
    goOn.countDown();
    closed.join();
    assertThat(waiting).allSatisfy(publication -> assertThat(publication).isDone());
  }
}
