package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.hook.EngineTimings;
import chat.engine.internal.util.Threads;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An executor of the application, in all its moods. */
@Timeout(60)
final class HostExecutorTest {
  private final Metrics metrics = new Metrics(EngineTimings.NONE, () -> Instant.EPOCH);
  private final AtomicLong nanos = new AtomicLong(1);
  private final ElasticPool own = new ElasticPool(1, 8, Threads.named("own"), false);
  private final Deque<Runnable> kept = new ArrayDeque<>();
  private final Queue<String> ran = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    own.close();
  }

  private HostExecutor on(Executor host) {
    return new HostExecutor(host, own, nanos::get, metrics);
  }

  private void give(HostExecutor executor, String task) {
    executor.execute(() -> ran.add(task + " on " + Thread.currentThread().getName()));
  }

  private long fallbacks() {
    return Objects.requireNonNull(metrics.counters().get("executor_fallbacks"));
  }

  private void passTime(HostExecutor executor, long millis) {
    nanos.addAndGet(millis * 1_000_000);
    executor.rescueWaiting();
  }

  @Test
  void tasksRunOnTheGivenExecutor() {
    HostExecutor executor = on(task -> new Thread(task, "host").start());
    for (int i = 0; i < 100; i++) {
      give(executor, "task");
    }
    await().until(() -> ran.size() == 100 && executor.isIdle());
    assertThat(ran).containsOnly("task on host");
    passTime(executor, 1_000);
    assertThat(ran).hasSize(100);
    assertThat(fallbacks()).isZero();
  }

  @Test
  void whatItRefusesOrThrowsAtRunsOnAThreadOfTheEngine() {
    HostExecutor refusing =
        on(
            task -> {
              throw new RejectedExecutionException("on purpose");
            });
    HostExecutor broken =
        on(
            task -> {
              throw new AssertionError("on purpose");
            });
    give(refusing, "refused");
    give(broken, "broken");
    await().until(() -> ran.size() == 2 && refusing.isIdle() && broken.isIdle());
    assertThat(ran).containsExactlyInAnyOrder("refused on chat-own-1", "broken on chat-own-1");
    assertThat(fallbacks()).isEqualTo(2);
  }

  /** As a caller-runs policy: a lane would run the application's code. */
  @Test
  void whatItWouldRunOnTheCallingThreadRunsOnAThreadOfTheEngine() {
    HostExecutor executor = on(Runnable::run);
    give(executor, "task");
    await().until(executor::isIdle);
    assertThat(ran).containsExactly("task on chat-own-1");
  }

  @Test
  void anExecutorThatRunsATaskAndThrowsRunsItOnce() {
    HostExecutor executor =
        on(
            task -> {
              Thread host = new Thread(task, "host");
              host.start();
              try {
                host.join();
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
              }
              throw new IllegalStateException("on purpose");
            });
    give(executor, "task");
    assertThat(ran).containsExactly("task on host");
    assertThat(executor.isIdle()).isTrue();
    assertThat(fallbacks()).isZero();
  }

  @Test
  void whatItDoesNotBeginInTimeRunsOnAThreadOfTheEngineAndOnce() {
    HostExecutor executor = on(kept::add);
    give(executor, "late");
    passTime(executor, 60);
    give(executor, "later");
    assertThat(executor.isIdle()).isFalse();
    passTime(executor, 39);
    assertThat(fallbacks()).isZero();
    passTime(executor, 1);
    await().until(() -> ran.size() == 1);
    assertThat(ran).containsExactly("late on chat-own-1");
    Objects.requireNonNull(kept.pollLast()).run(); // begun on this thread, which did not give it
    Objects.requireNonNull(kept.pollFirst()).run();
    passTime(executor, 1_000);
    await().until(executor::isIdle);
    assertThat(ran).hasSize(2);
    assertThat(fallbacks()).isEqualTo(1);
  }

  @Test
  void anExecutorThatStandsStillIsGivenNothingUntilItRunsWhatItHas() {
    HostExecutor executor = on(kept::add);
    give(executor, "task");
    give(executor, "task");
    passTime(executor, 100);
    for (int i = 0; i < 1_000; i++) {
      give(executor, "task");
    }
    await().until(() -> ran.size() == 1_002 && executor.isIdle());
    assertThat(kept).hasSize(2);
    kept.remove().run();
    give(executor, "task");
    kept.remove().run();
    await().until(() -> ran.size() == 1_003);
    assertThat(kept).isEmpty();
    give(executor, "again");
    assertThat(kept).hasSize(1);
  }

  @Test
  void anInterruptOfATaskDoesNotReachTheTasksOfOthersOnItsThread() throws Exception {
    HostExecutor executor = on(kept::add);
    executor.execute(() -> Thread.currentThread().interrupt());
    executor.execute(() -> {});
    AtomicInteger interrupted = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(1);
    Thread host =
        new Thread(
            () -> {
              Objects.requireNonNull(kept.poll()).run();
              interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
              Thread.currentThread().interrupt(); // the application's own
              Objects.requireNonNull(kept.poll()).run();
              interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 10 : 0);
              done.countDown();
            });
    host.start();
    done.await();
    assertThat(interrupted).hasValue(10);
  }

  @Test
  void aTaskThatThrowsHarmsNobodyAndCountsAsDone() {
    HostExecutor executor = on(task -> new Thread(task, "host").start());
    executor.execute(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    await().until(executor::isIdle);
  }

  @Test
  void aThreadOfTheApplicationCountsAsTheEnginesWhileItRunsATask() {
    AtomicInteger seen = new AtomicInteger();
    HostExecutor executor = on(kept::add);
    executor.execute(() -> seen.addAndGet(Threads.isEngineThread() ? 1 : 0));
    Thread host = new Thread(Objects.requireNonNull(kept.poll()));
    host.start();
    await().until(executor::isIdle);
    assertThat(seen).hasValue(1);
    assertThat(Threads.isEngineThread()).isFalse();
  }

  /** As one that its owner ends together with the engine. */
  @Test
  void whatHasNotBegunWhenItClosesAndWhatComesLaterRunsOnAThreadOfTheEngine() {
    HostExecutor executor = on(kept::add);
    give(executor, "before");
    executor.close();
    executor.close();
    give(executor, "after");
    await().until(() -> ran.size() == 2 && executor.isIdle());
    assertThat(ran).containsExactly("before on chat-own-1", "after on chat-own-1");
    kept.forEach(Runnable::run);
    assertThat(ran).as("each once").hasSize(2);
    assertThat(fallbacks()).as("none of which the executor is to blame for").isZero();
  }
}
