package chat.engine.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/**
 * Runs tasks at the same time, one thread each, and fails the test if one of them fails or does not
 * end.
 */
final class Together {
  /**
   * What tests are tagged with that run tasks against each other many times: mutation tests leave
   * them out.
   */
  static final String TAG = "races";

  private static final long MOST_SECONDS = 60;

  private Together() {}

  /** The results in the order of the tasks. */
  static <T> List<T> run(int count, IntFunction<Callable<T>> task) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            count,
            runnable -> {
              Thread thread = new Thread(runnable, "chat-contract");
              thread.setDaemon(true);
              return thread;
            });
    try {
      CountDownLatch ready = new CountDownLatch(count);
      List<Future<T>> futures = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        Callable<T> one = task.apply(i);
        futures.add(
            threads.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  return one.call();
                }));
      }
      List<T> results = new ArrayList<>(count);
      for (Future<T> future : futures) {
        results.add(future.get(MOST_SECONDS, TimeUnit.SECONDS));
      }
      return results;
    } catch (ExecutionException failed) {
      throw new AssertionError("one of the tasks failed", failed.getCause());
    } catch (TimeoutException stuck) {
      throw new AssertionError("a task did not end within " + MOST_SECONDS + " s", stuck);
    } finally {
      threads.shutdownNow();
    }
  }
}
