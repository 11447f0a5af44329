package chat.engine.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BatchWorkerTest {
  private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();
  private final List<Integer> refused = new CopyOnWriteArrayList<>();
  private final List<Throwable> causes = new CopyOnWriteArrayList<>();
  private final Semaphore release = new Semaphore(0);
  private final List<BatchWorker<Integer>> workers = new ArrayList<>();

  @AfterEach
  void close() {
    release.release(1_000_000);
    workers.forEach(BatchWorker::close);
  }

  private BatchWorker<Integer> worker(int capacity, int maxBatch) {
    BatchWorker<Integer> made =
        new BatchWorker<>(
            Threads.named("test"),
            capacity,
            maxBatch,
            batch -> {
              batches.add(List.copyOf(batch));
              release.acquire();
            },
            (items, cause) -> {
              refused.addAll(items);
              causes.add(cause);
            });
    workers.add(made);
    return made;
  }

  @Test
  void whatQueuesUpDuringOneBatchIsTheNextInOrderUpToTheMost() {
    BatchWorker<Integer> worker = worker(100, 3);
    worker.offer(0);
    await().until(() -> batches.size() == 1);
    for (int i = 1; i <= 4; i++) {
      assertThat(worker.offer(i)).isTrue();
    }
    assertThat(worker.pending()).isEqualTo(5);
    release.release(3);
    await().until(() -> worker.pending() == 0);
    assertThat(batches).containsExactly(List.of(0), List.of(1, 2, 3), List.of(4));
    assertThat(refused).isEmpty();
  }

  @Test
  void theCapacityCountsWhatWaitsAndWhatIsInWork() {
    BatchWorker<Integer> worker = worker(2, 10);
    assertThat(worker.offer(1)).isTrue();
    await().until(() -> batches.size() == 1);
    assertThat(worker.offer(2)).isTrue();
    assertThat(worker.offer(3)).isFalse();
    assertThat(worker.pending()).isEqualTo(2);
    assertThat(worker.add(4)).isTrue(); // bounded by its caller
    assertThat(worker.pending()).isEqualTo(3);
    release.release(2);
    await().until(() -> worker.pending() == 0);
    assertThat(worker.offer(5)).isTrue();
    release.release();
    await().until(() -> worker.pending() == 0);
    assertThat(batches).containsExactly(List.of(1), List.of(2, 4), List.of(5));
  }

  @Test
  void whatWaitsCanBeTaken() {
    BatchWorker<Integer> worker = worker(10, 10);
    worker.offer(1);
    await().until(() -> batches.size() == 1);
    worker.offer(2);
    worker.offer(3);
    assertThat(worker.takeWaiting()).containsExactly(2, 3);
    assertThat(worker.pending()).isEqualTo(1);
    assertThat(worker.takeWaiting()).isEmpty();
  }

  @Test
  void aHandlerThatThrowsHasItsBatchRefusedAndTheThreadGoesOn() {
    AssertionError fault = new AssertionError("thrown on purpose");
    List<Integer> handled = new CopyOnWriteArrayList<>();
    BatchWorker<Integer> worker =
        new BatchWorker<>(
            Threads.named("test"),
            10,
            10,
            batch -> {
              if (batch.contains(1)) {
                throw fault;
              }
              handled.addAll(batch);
            },
            (items, cause) -> {
              refused.addAll(items);
              causes.add(cause);
              throw new IllegalStateException("thrown on purpose, too");
            });
    workers.add(worker);
    worker.offer(1);
    await().until(() -> worker.pending() == 0);
    assertThat(refused).containsExactly(1);
    assertThat(causes).containsExactly(fault);
    worker.offer(2);
    await().untilAsserted(() -> assertThat(handled).containsExactly(2));
  }

  @Test
  void theCloseRefusesWhatWaitsInterruptsWhatIsInWorkAndTakesNothingMore() {
    BatchWorker<Integer> worker = worker(10, 10);
    worker.offer(1);
    await().until(() -> batches.size() == 1);
    worker.offer(2);
    worker.close();
    await().untilAsserted(() -> assertThat(refused).containsExactlyInAnyOrder(1, 2));
    assertThat(causes).allMatch(cause -> cause instanceof InterruptedException);
    assertThat(worker.offer(3)).isFalse();
    assertThat(worker.add(4)).isFalse();
    await().until(() -> worker.pending() == 0);
    worker.close();
    assertThat(refused).hasSize(2);
  }

  @Test
  void everyItemEndsInOnePlaceHoweverTheCloseMeetsTheOffers() {
    for (int round = 0; round < 50; round++) {
      List<Integer> handled = new CopyOnWriteArrayList<>();
      List<Integer> turnedAway = new CopyOnWriteArrayList<>();
      List<Integer> kept = new CopyOnWriteArrayList<>();
      CountDownLatch half = new CountDownLatch(50);
      BatchWorker<Integer> worker =
          new BatchWorker<>(
              Threads.named("test"),
              1_000,
              7,
              batch -> handled.addAll(batch),
              (items, cause) -> turnedAway.addAll(items));
      workers.add(worker);
      Thread offers =
          new Thread(
              () -> {
                for (int i = 0; i < 100; i++) {
                  if (!worker.offer(i)) {
                    kept.add(i);
                  }
                  half.countDown();
                }
              });
      offers.start();
      await().until(() -> half.getCount() == 0);
      worker.close();
      await().until(() -> !offers.isAlive() && worker.pending() == 0);
      List<Integer> all = new ArrayList<>(handled);
      all.addAll(turnedAway);
      all.addAll(kept);
      assertThat(all).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 100).boxed().toList());
    }
  }

  @Test
  void aWorkerThatGathersLeavesAWhileBetweenTheBeginningsOfItsBatches() {
    List<Long> begun = new CopyOnWriteArrayList<>();
    Duration gather = Duration.ofSeconds(1);
    BatchWorker<Integer> worker =
        new BatchWorker<>(
            Threads.named("test"),
            100,
            10,
            gather,
            batch -> {
              begun.add(System.nanoTime());
              batches.add(List.copyOf(batch));
            },
            (items, cause) -> {});
    workers.add(worker);
    worker.offer(1);
    await().until(() -> batches.size() == 1);
    worker.offer(2);
    worker.offer(3);
    await().until(() -> worker.pending() == 0);
    assertThat(batches).containsExactly(List.of(1), List.of(2, 3));
    assertThat(begun.get(1) - begun.get(0)).isGreaterThan(gather.toNanos() * 9 / 10);
  }
}
