package chat.engine.internal.util;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BatchWorkerTest {
  private final Queue<List<String>> handled = new ConcurrentLinkedQueue<>();
  private final Queue<List<String>> refused = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> causes = new ConcurrentLinkedQueue<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final List<BatchWorker<?>> workers = new ArrayList<>();

  @AfterEach
  void close() {
    workers.forEach(BatchWorker::close);
  }

  private BatchWorker<String> worker(
      int capacity, int maxBatch, BatchWorker.Handler<String> handler) {
    BatchWorker<String> worker =
        new BatchWorker<>(Threads.named("test"), capacity, maxBatch, handler, this::refuse);
    workers.add(worker);
    return worker;
  }

  private void refuse(List<String> items, Throwable cause) {
    refused.add(List.copyOf(items));
    causes.add(cause);
  }

  /** Holds the first batch until told to go on. */
  private void handle(List<String> batch) throws InterruptedException {
    begun.countDown();
    goOn.await();
    handled.add(List.copyOf(batch));
  }

  private BatchWorker<String> busy(int capacity, int maxBatch) throws InterruptedException {
    BatchWorker<String> worker = worker(capacity, maxBatch, this::handle);
    assertThat(worker.offer("first")).isTrue();
    begun.await();
    return worker;
  }

  @Test
  void whatQueuesUpMeanwhileIsOneBatchInItsOrder() throws InterruptedException {
    BatchWorker<String> worker = busy(100, 3);
    List.of("a", "b", "c", "d").forEach(worker::offer);
    assertThat(worker.pending()).as("the batch in work counts").isEqualTo(5);
    goOn.countDown();
    await().until(() -> worker.pending() == 0);
    assertThat(handled).containsExactly(List.of("first"), List.of("a", "b", "c"), List.of("d"));
    assertThat(refused).isEmpty();
  }

  @Test
  void offersBeyondTheCapacityAreRefusedAndTheCallerKeepsThem() throws InterruptedException {
    BatchWorker<String> worker = busy(2, 10);
    assertThat(worker.offer("second")).isTrue();
    assertThat(worker.offer("third")).isFalse();
    assertThat(worker.pending()).isEqualTo(2);
    assertThat(worker.add("whatever the capacity")).isTrue();
    assertThat(worker.pending()).isEqualTo(3);
    goOn.countDown();
    await().until(() -> worker.pending() == 0);
    assertThat(worker.offer("room again")).isTrue();
    await().untilAsserted(() -> assertThat(handled).hasSize(3));
    assertThat(refused).isEmpty();
  }

  @Test
  void aBatchInWhichTheHandlerThrowsIsRefusedAndTheNextIsHandled() {
    IllegalStateException fault = new IllegalStateException("on purpose");
    BatchWorker<String> worker =
        worker(
            100,
            10,
            batch -> {
              if (batch.contains("poison")) {
                throw fault;
              }
              handled.add(List.copyOf(batch));
            });
    worker.offer("poison");
    await().until(() -> worker.pending() == 0);
    worker.offer("good");
    await().untilAsserted(() -> assertThat(handled).containsExactly(List.of("good")));
    assertThat(refused).containsExactly(List.of("poison"));
    assertThat(causes).containsExactly(fault);
  }

  @Test
  void anErrorEndsNeitherTheThreadNorTheAccounts() {
    BatchWorker<String> worker =
        worker(
            100,
            10,
            batch -> {
              throw new AssertionError("on purpose");
            });
    worker.offer("one");
    worker.offer("two");
    await().until(() -> worker.pending() == 0);
    assertThat(refused.stream().flatMap(List::stream)).containsExactly("one", "two");
  }

  @Test
  void theApplicationHearsOfALackOfMemoryInTheHandlerAndInTheRefusal() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Queue<Throwable> heard = new ConcurrentLinkedQueue<>();
    OutOfMemoryError first = new OutOfMemoryError("on purpose");
    OutOfMemoryError second = new OutOfMemoryError("on purpose, too");
    try {
      Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> heard.add(fault));
      BatchWorker<String> worker =
          new BatchWorker<>(
              Threads.named("test"),
              10,
              10,
              batch -> {
                throw first;
              },
              (items, cause) -> {
                throw second;
              });
      workers.add(worker);
      worker.offer("one");
      await()
          .dontCatchUncaughtExceptions()
          .untilAsserted(() -> assertThat(heard).containsExactly(first, second));
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void aRefusalThatThrowsEndsNothing() {
    AtomicInteger calls = new AtomicInteger();
    BatchWorker<String> worker =
        new BatchWorker<>(
            Threads.named("test"),
            10,
            10,
            batch -> {
              calls.incrementAndGet();
              throw new IllegalStateException("on purpose");
            },
            (items, cause) -> {
              throw new IllegalStateException("a refusal's fault, on purpose");
            });
    workers.add(worker);
    worker.offer("one");
    await().until(() -> worker.pending() == 0);
    worker.offer("two");
    await().until(() -> calls.get() == 2 && worker.pending() == 0);
  }

  @Test
  void closingInterruptsTheBatchInWorkAndRefusesTheRest() throws InterruptedException {
    BatchWorker<String> worker = busy(100, 10);
    worker.offer("waiting");
    worker.close();
    assertThat(refused).contains(List.of("waiting"));
    await().untilAsserted(() -> assertThat(refused).hasSize(2));
    assertThat(refused).contains(List.of("first"));
    assertThat(causes).allSatisfy(c -> assertThat(c).isInstanceOf(InterruptedException.class));
    await().until(() -> worker.pending() == 0);
    assertThat(worker.offer("late")).isFalse();
    assertThat(worker.add("late")).isFalse();
    assertThat(worker.pending()).isZero();
    worker.close();
    assertThat(refused).hasSize(2);
    assertThat(handled).isEmpty();
  }

  /** A thread that waits can be given an item before it notices the interrupt. */
  @Test
  void nothingIsHandledThatComesAfterTheClose() {
    for (int i = 0; i < 1_000; i++) {
      AtomicReference<Thread> itself = new AtomicReference<>();
      BatchWorker<String> worker =
          new BatchWorker<>(
              run -> {
                Thread thread = Threads.named("test").newThread(run);
                itself.set(thread);
                return thread;
              },
              10,
              10,
              batch -> handled.add(List.copyOf(batch)),
              this::refuse);
      while (itself.get().getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      worker.close();
      worker.add("late");
    }
    assertThat(handled).isEmpty();
  }

  @Test
  void aHandlerMayCloseItsWorker() {
    AtomicReference<BatchWorker<String>> self = new AtomicReference<>();
    AtomicReference<Boolean> interrupted = new AtomicReference<>();
    BatchWorker<String> worker =
        worker(
            10,
            1,
            batch -> {
              await().until(() -> self.get() != null);
              self.get().close();
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    self.set(worker);
    worker.offer("one");
    await().untilAsserted(() -> assertThat(interrupted).hasValue(false));
    await().until(() -> worker.pending() == 0);
    assertThat(worker.offer("late")).isFalse();
  }

  @Test
  void whatWaitsCanBeTakenToBeFinishedElsewhere() throws InterruptedException {
    BatchWorker<String> worker = busy(100, 10);
    worker.offer("a");
    worker.offer("b");
    assertThat(worker.takeWaiting()).containsExactly("a", "b");
    assertThat(worker.takeWaiting()).isEmpty();
    assertThat(worker.pending()).isEqualTo(1);
    goOn.countDown();
  }

  @Test
  void aWorkerThatGathersPutsTheItemsOfAWhileIntoOneBatch() {
    Duration gather = Duration.ofSeconds(4);
    BatchWorker<String> worker =
        new BatchWorker<>(
            Threads.named("test"),
            100,
            100,
            gather,
            batch -> handled.add(List.copyOf(batch)),
            this::refuse);
    workers.add(worker);
    worker.offer("at once");
    await().atMost(gather).untilAsserted(() -> assertThat(handled).hasSize(1));
    long afterTheFirst = System.nanoTime();
    worker.offer("a");
    worker.offer("b");
    await().untilAsserted(() -> assertThat(handled).hasSize(2));
    assertThat(System.nanoTime() - afterTheFirst).isGreaterThan(gather.toNanos() / 4);
    assertThat(handled).contains(List.of("a", "b"));
  }

  /** Equal items are not the same item: each must end in exactly one place. */
  @RepeatedTest(30)
  void everyItemEndsInExactlyOnePlaceWhenOffersCrossTheClose() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int threads = 4;
    int each = 200;
    int spins = random.nextInt(40_000);
    Set<String> taken =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    AtomicInteger twice = new AtomicInteger();
    BatchWorker.Handler<String> take =
        batch -> batch.forEach(item -> twice.addAndGet(taken.add(item) ? 0 : 1));
    BatchWorker<String> worker =
        new BatchWorker<>(
            Threads.named("test"),
            random.nextBoolean() ? 50 : 10_000,
            8,
            take,
            (items, cause) -> items.forEach(item -> twice.addAndGet(taken.add(item) ? 0 : 1)));
    CyclicBarrier start = new CyclicBarrier(threads + 1);
    Set<String> kept =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    List<Thread> offering =
        IntStream.range(0, threads)
            .mapToObj(
                t ->
                    new Thread(
                        () -> {
                          try {
                            start.await();
                          } catch (Exception broken) {
                            throw new IllegalStateException(broken);
                          }
                          for (int i = 0; i < each; i++) {
                            String item = new StringBuilder("equal").toString();
                            boolean accepted = i % 2 == 0 ? worker.offer(item) : worker.add(item);
                            if (!accepted) {
                              kept.add(item);
                            }
                          }
                        }))
            .toList();
    offering.forEach(Thread::start);
    start.await();
    for (int i = 0; i < spins; i++) {
      Thread.onSpinWait();
    }
    worker.close();
    for (Thread thread : offering) {
      thread.join();
    }
    await()
        .untilAsserted(
            () ->
                assertThat(taken.size() + kept.size())
                    .as("seed %d", seed)
                    .isEqualTo(threads * each));
    kept.retainAll(taken);
    assertThat(kept).as("kept and taken, seed %d", seed).isEmpty();
    assertThat(twice).as("seed %d", seed).hasValue(0);
    await().until(() -> worker.pending() == 0);
  }
}
