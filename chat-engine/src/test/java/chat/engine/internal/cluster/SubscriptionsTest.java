package chat.engine.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SubscriptionsTest {
  private static final Topic A = new Topic("a");
  private static final Topic B = new Topic("b");
  private static final Topic C = new Topic("c");

  private final PlayedRouter router = new PlayedRouter();
  private final Subscriptions subscriptions = new Subscriptions(router);
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() {
    goOn.countDown();
    subscriptions.close();
  }

  private CompletableFuture<Void> hold() throws InterruptedException {
    router.behaviour =
        () -> {
          begun.countDown();
          goOn.await();
        };
    CompletableFuture<Void> first = subscriptions.acquire(List.of(C));
    begun.await();
    router.behaviour = null;
    return first;
  }

  @Test
  void theRouterIsToldWhenTheFirstComesAndWhenTheLastHasGone() {
    subscriptions.acquire(List.of(A, B)).join();
    subscriptions.acquire(List.of(A)).join();
    subscriptions.release(List.of(A, B));
    subscriptions.settled().join();
    subscriptions.release(List.of(A));
    subscriptions.settled().join();
    assertThat(router.calls).containsExactly("+a,b", "-b", "-a");
  }

  @Test
  void whatQueuesUpIsOneCallAndWhatCancelsOutIsNone() throws InterruptedException {
    CompletableFuture<Void> first = hold();
    CompletableFuture<Void> a = subscriptions.acquire(List.of(A));
    CompletableFuture<Void> b = subscriptions.acquire(List.of(B));
    subscriptions.release(List.of(A));
    subscriptions.release(List.of(C));
    assertThat(subscriptions.pending()).isEqualTo(5);
    assertThat(a).isNotDone();
    goOn.countDown();
    CompletableFuture.allOf(first, a, b, subscriptions.settled()).join();
    assertThat(router.calls).containsExactly("+c", "+b", "-c");
  }

  @Test
  void nothingToAcquireOrReleaseTakesNoTurn() throws InterruptedException {
    hold();
    assertThat(subscriptions.acquire(List.of())).isCompleted();
    subscriptions.release(List.of());
    assertThat(subscriptions.pending()).isEqualTo(1);
    assertThat(subscriptions.settled()).isNotDone();
  }

  @Test
  void aReleaseTooManyIsHarmless() {
    subscriptions.release(List.of(A));
    subscriptions.settled().join();
    subscriptions.acquire(List.of(A)).join();
    assertThat(router.calls).containsExactly("+a");
    subscriptions.release(List.of(A));
    subscriptions.settled().join();
    assertThat(router.calls).containsExactly("+a", "-a");
  }

  @Test
  void whereTheRouterThrowsItIsAsIfNobodyHadAsked() {
    router.behaviour =
        () -> {
          throw new IllegalStateException("a router's fault, on purpose");
        };
    CompletableFuture<Void> refused = subscriptions.acquire(List.of(A));
    assertThatThrownBy(refused::join).hasMessageContaining("on purpose");
    router.behaviour = null;
    subscriptions.acquire(List.of(A)).join();
    assertThat(router.calls).containsExactly("+a");
    subscriptions.release(List.of(A));
    subscriptions.settled().join();
    assertThat(router.topics).isEmpty();
  }

  @Test
  void anErrorOfTheRouterFailsThoseWhoAsked() {
    router.behaviour =
        () -> {
          throw new AssertionError("a router's fault, on purpose");
        };
    assertThatThrownBy(() -> subscriptions.acquire(List.of(A)).join())
        .hasMessageContaining("on purpose");
  }

  @Test
  void closingFailsWhoWaitsAndWhoComesLater() throws InterruptedException {
    CompletableFuture<Void> first = hold();
    CompletableFuture<Void> waiting = subscriptions.acquire(List.of(A));
    subscriptions.close();
    assertThat(waiting).isCompletedExceptionally();
    await().until(first::isDone);
    for (CompletableFuture<Void> failed : List.of(waiting, subscriptions.acquire(List.of(B)))) {
      assertThatThrownBy(failed::join)
          .hasCauseInstanceOf(ChatException.class)
          .hasMessageContaining("closing");
    }
    subscriptions.release(List.of(B));
    assertThat(subscriptions.pending()).isZero();
  }

  @Test
  void atRandomTheRouterEndsWithExactlyWhatIsNeeded() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Topic> all = List.of(A, B, C);
    Map<Topic, Integer> needed = new HashMap<>();
    List<CompletableFuture<Void>> acquired = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      Topic topic = all.get(random.nextInt(3));
      if (needed.getOrDefault(topic, 0) > 0 && random.nextBoolean()) {
        needed.merge(topic, -1, Integer::sum);
        subscriptions.release(List.of(topic));
      } else {
        needed.merge(topic, 1, Integer::sum);
        acquired.add(subscriptions.acquire(List.of(topic)));
      }
    }
    subscriptions.settled().join();
    needed.values().removeIf(count -> count == 0);
    assertThat(router.topics).as("seed %d", seed).isEqualTo(needed.keySet());
    assertThat(acquired).allMatch(CompletableFuture::isDone);
    assertThat(router.subscribed(Set.copyOf(all))).isEqualTo(needed.keySet());
  }
}
