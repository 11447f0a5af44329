package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many short lives of a pool: tasks come from several threads, some of them block, some throw, and
 * the pool closes at any time. No task runs twice; all run, but for those that a pool drops which
 * need not finish; and in the end nothing counts as pending. A seed fixes the tasks, not the order
 * of the threads.
 */
@Timeout(60)
final class ElasticPoolRoundsTest {
  private static final int ROUNDS = 200;
  private static final int TASKS = 24;
  private static final int CALLERS = 2;

  @Test
  void everyTaskRunsOnceOrIsDroppedByTheClose() {
    long first = Long.getLong("chat.pool.seed", System.nanoTime());
    List<ElasticPool> pools = new ArrayList<>();
    for (long seed = first; seed < first + ROUNDS; seed++) {
      try {
        Round round = new Round(seed);
        pools.add(round.pool);
        round.run();
      } catch (AssertionError | RuntimeException fault) {
        throw new AssertionError("with -Dchat.pool.seed=" + seed, fault);
      }
    }
    soon(() -> assertThat(pools).as("threads").allMatch(pool -> pool.threadCount() == 0));
  }

  private static final class Round {
    private final Random random;
    private final boolean finishes;
    private final boolean closesEarly;
    private final ElasticPool pool;
    private final AtomicIntegerArray runs = new AtomicIntegerArray(TASKS);
    private final CountDownLatch goOn = new CountDownLatch(1);

    Round(long seed) {
      random = new Random(seed * 0x9E3779B97F4A7C15L);
      finishes = random.nextBoolean();
      closesEarly = random.nextInt(3) == 0;
      pool = new ElasticPool(1 + random.nextInt(3), 8, Threads.named("elastic-rounds"), finishes);
    }

    void run() {
      List<Runnable> tasks = new ArrayList<>();
      // Fewer that block than there are threads, for nobody replaces the threads here.
      int blocks = pool.threadCount() > 1 && !closesEarly ? random.nextInt(TASKS) : -1;
      for (int i = 0; i < TASKS; i++) {
        tasks.add(task(i, i == blocks));
      }
      List<CompletableFuture<Void>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        List<Runnable> own = tasks.subList(i * TASKS / CALLERS, (i + 1) * TASKS / CALLERS);
        callers.add(CompletableFuture.runAsync(() -> own.forEach(pool::execute)));
      }
      if (closesEarly) {
        CompletableFuture.anyOf(callers.toArray(CompletableFuture[]::new)).join();
        pool.close();
      }
      callers.forEach(CompletableFuture::join);
      if (blocks >= 0) {
        soon(() -> assertThat(ran()).as("beside one that blocks").isEqualTo(TASKS - 1));
        goOn.countDown();
      }
      if (finishes || !closesEarly) {
        soon(() -> assertThat(ran()).as("tasks that ran").isEqualTo(TASKS));
      }
      soon(() -> assertThat(pool.isIdle()).as("idle").isTrue());
      pool.close();
      for (int i = 0; i < TASKS; i++) {
        assertThat(runs.get(i)).as("runs of task %d", i).isLessThanOrEqualTo(1);
      }
    }

    private Runnable task(int number, boolean blocks) {
      boolean fails = random.nextInt(100) == 0;
      return () -> {
        if (blocks) {
          awaitQuietly();
        }
        runs.incrementAndGet(number);
        if (fails) {
          throw new IllegalStateException("thrown on purpose");
        }
      };
    }

    private void awaitQuietly() {
      try {
        goOn.await();
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }

    private int ran() {
      int sum = 0;
      for (int i = 0; i < TASKS; i++) {
        sum += Math.min(1, runs.get(i));
      }
      return sum;
    }
  }

  private static void soon(ThrowingRunnable assertion) {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(assertion);
  }
}
