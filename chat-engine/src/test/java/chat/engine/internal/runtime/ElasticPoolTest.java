package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ElasticPoolTest {
  private static final int MAX_THREADS = 512;

  private final List<ElasticPool> pools = new ArrayList<>();
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() {
    goOn.countDown();
    pools.forEach(ElasticPool::close);
  }

  private ElasticPool pool(int size, boolean finishesTasks) {
    ElasticPool pool = new ElasticPool(size, MAX_THREADS, Threads.named("test"), finishesTasks);
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

  /** Whether that held in one try, which may have taken too long to tell. */
  private boolean seenThatAYoungTaskIsNotStuck() throws InterruptedException {
    ElasticPool pool = pool(1, false);
    CountDownLatch begun = new CountDownLatch(1);
    long before = System.nanoTime();
    pool.execute(
        () -> {
          begun.countDown();
          block();
        });
    pool.execute(() -> {});
    begun.await();
    pool.replaceStuckWorkers();
    int threads = pool.threadCount();
    boolean inTime = System.nanoTime() - before < ElasticPool.STUCK.toNanos();
    if (inTime) {
      assertThat(threads).isEqualTo(1);
    }
    return inTime;
  }

  @Test
  void aTaskIsNotStuckFromTheStart() {
    await().until(this::seenThatAYoungTaskIsNotStuck);
  }

  /** 2, 4, 8: the time until an innocent task runs grows with the logarithm of the blockers. */
  @Test
  void whereAllAreStuckTheNumberOfThreadsDoubles() {
    ElasticPool pool = pool(2, false);
    AtomicInteger begun = new AtomicInteger();
    AtomicLong lastBegan = new AtomicLong();
    for (int i = 0; i < 100; i++) {
      pool.execute(
          () -> {
            lastBegan.set(System.nanoTime());
            begun.incrementAndGet();
            block();
          });
    }
    List<Integer> counts = new ArrayList<>();
    await()
        .until(
            () -> {
              boolean allStuck =
                  begun.get() == pool.threadCount()
                      && System.nanoTime() - lastBegan.get() > 2 * ElasticPool.STUCK.toNanos();
              if (allStuck) {
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
    Queue<Duration> interrupted = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 520; i++) {
      pool.execute(
          () -> {
            long begun = System.nanoTime();
            try {
              goOn.await();
            } catch (InterruptedException tooLong) {
              interrupted.add(Duration.ofNanos(System.nanoTime() - begun));
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
    assertThat(pool.threadCount()).isLessThanOrEqualTo(MAX_THREADS);
    assertThat(interrupted)
        .isNotEmpty()
        .hasSizeLessThan(200)
        .allSatisfy(blocked -> assertThat(blocked).isGreaterThan(Duration.ofMillis(990)));
    assertThat(innocentInterrupted).isFalse();
  }

  /** Tasks that were interrupted and say so, on a thread that is one too many by now. */
  @Test
  void theInterruptOfOneTaskIsNotPassedOnToTheNext() {
    ElasticPool pool = pool(1, false);
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    Runnable rude =
        new Runnable() {
          @Override
          public void run() {
            interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
            ran.incrementAndGet();
            if (!enough.get()) {
              pool.execute(this);
              pool.execute(() -> {});
            }
            Thread.currentThread().interrupt();
          }
        };
    pool.execute(this::block);
    pool.execute(rude);
    await().until(() -> replacedOnce(pool) && ran.get() > 0);
    goOn.countDown();
    int before = ran.get();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              pool.replaceStuckWorkers();
              return ran.get() > before + 5_000;
            });
    enough.set(true);
    assertThat(interrupted).hasValue(0);
  }

  private static boolean replacedOnce(ElasticPool pool) {
    pool.replaceStuckWorkers();
    return pool.threadCount() == 2;
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
