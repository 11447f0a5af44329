package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ElasticPoolTest {
  private final List<ElasticPool> pools = new ArrayList<>();
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() {
    goOn.countDown();
    pools.forEach(ElasticPool::close);
  }

  private ElasticPool pool(int size, boolean finishesTasks) {
    ElasticPool pool = new ElasticPool(size, Threads.named("test"), finishesTasks);
    pools.add(pool);
    return pool;
  }

  private void block() {
    try {
      goOn.await();
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFewThreadsAreEnoughWhileNobodyBlocks() {
    ElasticPool pool = pool(2, false);
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < 1_000; i++) {
      pool.execute(runs::incrementAndGet);
    }
    await().until(pool::isIdle);
    assertThat(runs).hasValue(1_000);
    assertThat(pool.threadCount()).isEqualTo(2);
  }

  @Test
  void anotherThreadTakesThePlaceOfOneThatIsStuckAndEndsWhenItIsNot() {
    ElasticPool pool = pool(1, false);
    AtomicBoolean ran = new AtomicBoolean();
    pool.execute(this::block);
    pool.execute(() -> ran.set(true));
    assertThat(pool.isIdle()).isFalse();
    await()
        .until(
            () -> {
              pool.replaceStuckWorkers();
              return ran.get();
            });
    assertThat(pool.threadCount()).as("it stays, for the next").isEqualTo(2);
    assertThat(pool.isIdle()).as("one is still at work").isFalse();
    goOn.countDown();
    await()
        .until(
            () -> {
              pool.replaceStuckWorkers();
              return pool.threadCount() == 1 && pool.isIdle();
            });
  }

  /** 2, 4, 8: the time until an innocent task runs grows with the logarithm of the blockers. */
  @Test
  void whereAllAreStuckTheNumberOfThreadsDoubles() {
    ElasticPool pool = pool(2, false);
    AtomicInteger begun = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      pool.execute(
          () -> {
            begun.incrementAndGet();
            block();
          });
    }
    List<Integer> counts = new ArrayList<>();
    await()
        .until(
            () -> {
              if (begun.get() == pool.threadCount()) {
                int before = pool.threadCount();
                pool.replaceStuckWorkers();
                if (pool.threadCount() > before) {
                  counts.add(pool.threadCount());
                }
              }
              return begun.get() == 100;
            });
    assertThat(counts).startsWith(4, 8, 16).hasSizeLessThan(8);
    assertThat(pool.threadCount()).as("as many as there are tasks").isEqualTo(100);
  }

  @Test
  void nobodyIsReplacedWhereNothingWaits() {
    ElasticPool pool = pool(1, false);
    pool.execute(this::block);
    await()
        .during(Duration.ofMillis(100))
        .until(
            () -> {
              pool.replaceStuckWorkers();
              return pool.threadCount() == 1;
            });
  }

  @Test
  void whenAllThreadsAreStuckThoseThatWereForLongestAreInterrupted() {
    ElasticPool pool = pool(2, false);
    Queue<Integer> interrupted = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 520; i++) {
      int number = i;
      pool.execute(
          () -> {
            try {
              goOn.await();
            } catch (InterruptedException tooLong) {
              interrupted.add(number);
              Thread.currentThread().interrupt();
            }
          });
    }
    AtomicBoolean ran = new AtomicBoolean();
    AtomicBoolean innocentInterrupted = new AtomicBoolean();
    pool.execute(
        () -> {
          innocentInterrupted.set(Thread.currentThread().isInterrupted());
          ran.set(true);
        });
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              pool.replaceStuckWorkers();
              return ran.get();
            });
    assertThat(pool.threadCount()).isLessThanOrEqualTo(ElasticPool.MAX_THREADS);
    assertThat(interrupted).isNotEmpty().hasSizeLessThan(200);
    assertThat(innocentInterrupted).isFalse();
  }

  @Test
  void theInterruptOfOneTaskIsNotPassedOnToTheNext() {
    ElasticPool pool = pool(1, false);
    List<Boolean> interrupted = new CopyOnWriteArrayList<>();
    CountDownLatch stuck = new CountDownLatch(1);
    pool.execute(
        () -> {
          try {
            stuck.await();
          } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
          }
          Thread.currentThread().interrupt(); // as a listener that was interrupted and says so
        });
    for (int i = 0; i < 50; i++) {
      int number = i;
      pool.execute(
          () -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            if (number == 0) {
              stuck.countDown();
              block();
            }
          });
    }
    await()
        .until(
            () -> {
              pool.replaceStuckWorkers();
              return interrupted.size() == 50;
            });
    assertThat(interrupted).doesNotContain(true);
  }

  @Test
  void whatATaskThrowsEndsNoThread() {
    ElasticPool pool = pool(1, false);
    pool.execute(
        () -> {
          throw new AssertionError("on purpose");
        });
    AtomicBoolean ran = new AtomicBoolean();
    pool.execute(() -> ran.set(true));
    await().untilTrue(ran);
    await().until(pool::isIdle);
    assertThat(pool.threadCount()).isEqualTo(1);
  }

  @Test
  void closingInterruptsAndDropsWhereTasksAreNotFinished() {
    ElasticPool pool = pool(1, false);
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicBoolean ran = new AtomicBoolean();
    pool.execute(
        () -> {
          begun.countDown();
          block();
          interrupted.set(Thread.currentThread().isInterrupted());
        });
    await().until(() -> begun.getCount() == 0);
    pool.execute(() -> ran.set(true));
    pool.close();
    await().untilTrue(interrupted);
    await().until(() -> pool.isIdle() && pool.threadCount() == 0);
    pool.execute(() -> ran.set(true));
    assertThat(pool.isIdle()).isTrue();
    assertThat(ran).isFalse();
  }

  @Test
  void closingFinishesTasksWhereTheyAreToBeFinishedEvenLateOnes() {
    ElasticPool pool = pool(1, true);
    Queue<String> ran = new ConcurrentLinkedQueue<>();
    pool.execute(this::block);
    pool.execute(() -> ran.add("waited"));
    pool.close();
    await().untilAsserted(() -> assertThat(ran).containsExactly("waited"));
    pool.execute(() -> ran.add("late"));
    await().untilAsserted(() -> assertThat(ran).containsExactly("waited", "late"));
    goOn.countDown();
    await().until(() -> pool.threadCount() == 0 && pool.isIdle());
  }
}
