package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StoreThreadsTest {
  private final StoreThreads threads = new StoreThreads(2, 16_384, Duration.ofMillis(50));
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() {
    goOn.countDown();
    threads.close();
  }

  private static ErrorCode code(CompletableFuture<?> failed) {
    await().until(failed::isDone);
    return failed
        .handle(
            (value, fault) ->
                ((ChatException) (fault instanceof ChatException ? fault : fault.getCause()))
                    .code())
        .join();
  }

  private List<CompletableFuture<String>> occupy() {
    List<CompletableFuture<String>> calls = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      calls.add(
          threads.submit(
              () -> {
                begun.countDown();
                goOn.await();
                return "done";
              }));
    }
    await().until(() -> begun.getCount() == 0);
    return calls;
  }

  @Test
  void callsRunOnStoreThreadsAndTheirFaultsAreTranslated() {
    assertThat(threads.submit(() -> Thread.currentThread().getName()).join())
        .startsWith("chat-store-");
    assertThat(
            code(
                threads.submit(
                    () -> {
                      throw new IllegalStateException("on purpose");
                    })))
        .isEqualTo(ErrorCode.INTERNAL);
    assertThat(
            code(
                threads.run(
                    () -> {
                      throw ChatException.forbidden("on purpose");
                    })))
        .isEqualTo(ErrorCode.FORBIDDEN);
    AtomicBoolean ran = new AtomicBoolean();
    threads.run(() -> ran.set(true)).join();
    assertThat(ran).isTrue();
  }

  @Test
  void anErrorFailsItsCallAndEndsNoThread() {
    for (int i = 0; i < 4; i++) {
      assertThat(
              code(
                  threads.submit(
                      () -> {
                        throw new StackOverflowError("on purpose");
                      })))
          .isEqualTo(ErrorCode.INTERNAL);
    }
    assertThat(threads.submit(() -> "still works").join()).isEqualTo("still works");
  }

  @Test
  void whenTooMuchWaitsCallsAreRefusedAsBusy() {
    List<CompletableFuture<String>> calls = occupy();
    for (int i = 0; i < 16_384; i++) {
      calls.add(threads.submit(() -> "waited"));
    }
    CompletableFuture<String> tooMuch = threads.submit(() -> "no");
    assertThat(code(tooMuch)).isEqualTo(ErrorCode.BUSY);
    goOn.countDown();
    assertThat(calls).allSatisfy(call -> assertThat(call.join()).isNotNull());
  }

  // ---- threads with helpers

  @Test
  void whatHasThreadsOfItsOwnDoesNotWaitBehindTheCallsOfOthers() {
    List<CompletableFuture<String>> others = occupy();
    try (StoreThreads own = new StoreThreads("own", 1, 10, threads)) {
      assertThat(own.submit(() -> Thread.currentThread().getName()).join()).startsWith("chat-own-");
      assertThat(others).noneMatch(CompletableFuture::isDone);
    }
  }

  @Test
  void helpersTakeWhatWaitsForThreadsThatAreBusyAndEachCallRunsOnce() {
    try (StoreThreads own = new StoreThreads("own", 1, 10_000, threads)) {
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<String> busy =
          own.submit(
              () -> {
                begun.countDown();
                goOn.await();
                return "done";
              });
      await().until(() -> begun.getCount() == 0);
      AtomicInteger runs = new AtomicInteger();
      List<CompletableFuture<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        calls.add(own.submit(runs::incrementAndGet));
      }
      assertThat(calls).allSatisfy(call -> assertThat(call.join()).isPositive());
      goOn.countDown();
      busy.join();
      own.submit(() -> "behind them all").join();
      assertThat(runs).hasValue(1_000);
    }
  }

  @Test
  void aCallIsRefusedOnlyWhereNeitherTakesIt() {
    occupy();
    try (StoreThreads full = new StoreThreads("full", 1, 1);
        StoreThreads own = new StoreThreads("own", 1, 1, full)) {
      for (int i = 0; i < 4; i++) { // two run, and two wait
        CompletableFuture<Void> unused = own.run(this::awaitGoOn);
      }
      await()
          .until(
              () -> {
                CompletableFuture<String> more = own.submit(() -> "more");
                return more.isCompletedExceptionally() && code(more) == ErrorCode.BUSY;
              });
      goOn.countDown();
    }
  }

  private void awaitGoOn() {
    try {
      goOn.await();
    } catch (InterruptedException closing) {
      throw new IllegalStateException(closing);
    }
  }

  @Test
  void closingWaitsForWhatRuns() {
    StoreThreads patient = new StoreThreads(1, 16_384, Duration.ofMinutes(1));
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<String> call =
        patient.submit(
            () -> {
              begun.countDown();
              goOn.await();
              return "done";
            });
    await().until(() -> begun.getCount() == 0);
    CompletableFuture<Boolean> closed =
        CompletableFuture.supplyAsync(
            () -> {
              patient.close();
              return call.isDone();
            });
    await().until(() -> code(patient.submit(() -> "late")) == ErrorCode.UNAVAILABLE);
    assertThat(call).isNotDone();
    assertThat(closed).isNotDone();
    goOn.countDown();
    assertThat(call.join()).isEqualTo("done");
    assertThat(closed.join()).as("the call was over before the close").isTrue();
  }

  @Test
  void closingInterruptsWhatRunsAndFailsWhatWaitsAndWhatComesLater() {
    List<CompletableFuture<String>> running = occupy();
    CompletableFuture<String> waiting = threads.submit(() -> "no");
    threads.close();
    assertThat(code(waiting)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(running).allSatisfy(call -> assertThat(code(call)).isNotNull());
    assertThat(code(threads.submit(() -> "late"))).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void theApplicationHearsOfALackOfMemory() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicBoolean heard = new AtomicBoolean();
    try {
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, fault) -> heard.set(fault instanceof OutOfMemoryError));
      CompletableFuture<String> failed =
          threads.submit(
              () -> {
                throw new OutOfMemoryError("on purpose");
              });
      await().dontCatchUncaughtExceptions().until(failed::isDone);
      assertThat(code(failed)).isEqualTo(ErrorCode.INTERNAL);
      assertThat(heard).isTrue();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
