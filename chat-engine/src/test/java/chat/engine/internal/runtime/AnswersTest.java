package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.internal.util.Threads;
import chat.engine.spi.StoreUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AnswersTest {
  private final Answers answers = new Answers(2, 512, 1_000, own -> own);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() {
    goOn.countDown();
    answers.close();
  }

  private void block() {
    boolean waiting = true;
    while (waiting) {
      try {
        goOn.await();
        waiting = false;
      } catch (InterruptedException ignored) {
        // as an application that does not care
      }
    }
  }

  private static ErrorCode code(CompletableFuture<?> failed) {
    AtomicReference<Throwable> fault = new AtomicReference<>();
    failed.whenComplete((value, thrown) -> fault.set(thrown));
    return ((ChatException) fault.get()).code();
  }

  @Test
  void dependentsRunOnAThreadOfTheirOwn() {
    CompletableFuture<String> internal = new CompletableFuture<>();
    AtomicReference<String> thread = new AtomicReference<>("");
    CompletableFuture<String> handed =
        answers
            .of(internal)
            .thenApply(
                value -> {
                  thread.set(Thread.currentThread().getName());
                  return value;
                });
    internal.complete("value");
    assertThat(handed.join()).isEqualTo("value");
    assertThat(thread.get()).startsWith("chat-answer-");
    await().until(() -> answers.open() == 0 && answers.isIdle());
  }

  @Test
  void faultsComeOutAsTheApiPromises() {
    CompletableFuture<String> handed =
        answers.of(CompletableFuture.failedFuture(new StoreUnavailableException("away", null)));
    await().until(handed::isDone);
    assertThat(code(handed)).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void dependentsThatBlockDelayNobodyElse() {
    for (int i = 0; i < 10; i++) {
      CompletableFuture<String> internal = new CompletableFuture<>();
      answers.of(internal).thenRun(this::block);
      internal.complete("value");
    }
    assertThat(answers.isIdle()).isFalse();
    CompletableFuture<String> other = answers.of(CompletableFuture.completedFuture("other"));
    await()
        .until(
            () -> {
              answers.replaceStuckThreads();
              return other.isDone();
            });
    assertThat(answers.threadCount()).isGreaterThan(2);
  }

  // ---- too many answers

  private static CompletableFuture<String> given() {
    return CompletableFuture.completedFuture("value");
  }

  /** Occupies a thread, which no interrupt frees. */
  private void occupy(Answers threads) {
    CompletableFuture<String> held = new CompletableFuture<>();
    CompletableFuture<Void> unused = threads.of(held).thenAccept(value -> block());
    held.complete("value");
  }

  @Test
  void whenAllThreadsAreBlockedAndAsManyAnswersWaitCallsAreRefusedUntilOneReturns() {
    try (Answers few = new Answers(2, 4, 1_000, own -> own)) {
      for (int i = 0; i < 4; i++) {
        occupy(few);
      }
      await()
          .until(
              () -> {
                few.replaceStuckThreads();
                return few.threadCount() == 4 && few.waiting() == 0;
              });
      AtomicInteger begun = new AtomicInteger();
      List<CompletableFuture<String>> calls = new ArrayList<>();
      await()
          .until(
              () -> {
                few.replaceStuckThreads();
                CompletableFuture<String> call =
                    few.call(
                        () -> {
                          begun.incrementAndGet();
                          return given();
                        });
                calls.add(call);
                return call.isCompletedExceptionally();
              });
      assertThat(code(calls.get(calls.size() - 1))).isEqualTo(ErrorCode.BUSY);
      assertThat(begun).as("what is refused was not begun").hasValue(calls.size() - 1);
      assertThat(few.waiting()).isLessThanOrEqualTo(1_000);
      int waiting = few.waiting();
      for (int i = 0; i < 10_000; i++) {
        assertThat(few.call(AnswersTest::given)).isCompletedExceptionally();
      }
      assertThat(few.waiting()).as("memory stays flat").isEqualTo(waiting);
      goOn.countDown();
      assertThat(calls.subList(0, calls.size() - 1))
          .allSatisfy(call -> assertThat(call.join()).isEqualTo("value"));
      await()
          .untilAsserted(
              () -> {
                few.replaceStuckThreads();
                assertThat(few.call(AnswersTest::given).join()).isEqualTo("value");
              });
    }
  }

  /** A host's executor, or dependents that are slow and never stuck. */
  @Test
  void moreAnswersThanMayWaitAreNotTakenHoweverTheThreadsAre() {
    List<Runnable> kept = new ArrayList<>();
    try (Answers slow = new Answers(1, 512, 3, own -> kept::add)) {
      for (int i = 0; i < 3; i++) {
        assertThat(slow.call(AnswersTest::given)).isNotDone();
      }
      assertThat(code(slow.call(AnswersTest::given))).isEqualTo(ErrorCode.BUSY);
      kept.remove(0).run();
      assertThat(slow.call(AnswersTest::given)).isNotDone();
      assertThat(code(slow.take(AnswersTest::given))).isEqualTo(ErrorCode.BUSY);
    }
  }

  @Test
  void futuresAreCompletedWhereTheHostWantsItUntilTheClose() {
    AtomicInteger byHost = new AtomicInteger();
    Answers hosted =
        new Answers(
            1,
            1,
            1_000,
            own ->
                task -> {
                  byHost.incrementAndGet();
                  own.execute(task);
                });
    assertThat(hosted.of(CompletableFuture.completedFuture("value")).join()).isEqualTo("value");
    assertThat(byHost).hasValue(1);
    hosted.close();
    await().until(() -> hosted.threadCount() == 0);
    AtomicBoolean ran = new AtomicBoolean();
    hosted.execute(() -> ran.set(true));
    await().untilTrue(ran);
    assertThat(byHost).as("its executor may be gone").hasValue(1);
  }

  @Test
  void closingFailsWhatIsOpenAndWhatComesLater() {
    CompletableFuture<String> never = answers.of(new CompletableFuture<>());
    CompletableFuture<String> tracked = answers.track(new CompletableFuture<>());
    assertThat(answers.open()).isEqualTo(2);
    answers.close();
    assertThat(code(never)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(tracked)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(answers.track(new CompletableFuture<>()))).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(answers.of(new CompletableFuture<>()))).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(answers.open()).isZero();
  }

  @Test
  void whatWasAnsweredBeforeTheCloseIsStillTold() {
    CompletableFuture<String> first = answers.of(CompletableFuture.completedFuture("value"));
    AtomicBoolean ran = new AtomicBoolean();
    answers.execute(() -> ran.set(true));
    answers.close();
    assertThat(first).isCompletedWithValue("value");
    await().untilTrue(ran);
  }

  /** An answer that is on its way, or that the application's executor keeps, is not replaced. */
  @Test
  void whatWasAnsweredBeforeTheCloseIsNotReplacedByAFailure() {
    Answers keeping = new Answers(2, 512, 1_000, own -> task -> {});
    CompletableFuture<String> kept = keeping.of(CompletableFuture.completedFuture("value"));
    CompletableFuture<String> failed = keeping.track(new CompletableFuture<>());
    keeping.fail(failed, ChatException.conflict("first"));
    keeping.close();
    assertThat(kept).isCompletedWithValue("value");
    assertThat(code(failed)).isEqualTo(ErrorCode.CONFLICT);
  }

  /** Dependents that never return must hold up neither the close nor the other futures. */
  @Test
  void closingIsHeldUpByNoDependentAndRunsNoneOnItsOwnThread() {
    List<CompletableFuture<?>> handed = new ArrayList<>();
    AtomicBoolean onCaller = new AtomicBoolean();
    Thread caller = Thread.currentThread();
    for (int i = 0; i < 30; i++) {
      CompletableFuture<String> one = answers.track(new CompletableFuture<>());
      one.whenComplete(
          (value, fault) -> {
            onCaller.compareAndSet(false, Thread.currentThread() == caller);
            block();
          });
      handed.add(one);
    }
    answers.close();
    assertThat(handed).allMatch(CompletableFuture::isDone);
    assertThat(onCaller).isFalse();
  }

  @RepeatedTest(20)
  void whateverCrossesTheCloseIsComplete() throws InterruptedException {
    Random random = new Random();
    List<CompletableFuture<?>> handed = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    Thread asking =
        Threads.named("asking")
            .newThread(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    CompletableFuture<String> internal = new CompletableFuture<>();
                    handed.add(
                        i % 2 == 0
                            ? answers.of(internal)
                            : answers.track(new CompletableFuture<>()));
                    if (i % 3 == 0) {
                      internal.complete("value");
                    }
                    if (i == 100) {
                      begun.countDown();
                    }
                  }
                });
    asking.start();
    begun.await();
    for (int i = random.nextInt(10_000); i > 0; i--) {
      Thread.onSpinWait();
    }
    answers.close();
    asking.join();
    await().until(() -> handed.stream().allMatch(CompletableFuture::isDone));
    await().until(() -> answers.open() == 0);
  }
}
