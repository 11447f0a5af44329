package chat.engine.internal.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HookRunnerTest {
  private static final Duration DEADLINE = Duration.ofSeconds(2);
  private final Metrics metrics = new Metrics(EngineTimings.NONE, () -> Instant.EPOCH);
  private final AtomicLong nanos = new AtomicLong(Duration.ofHours(1).toNanos());
  private final HookThreads threads = new HookThreads();
  private final List<HookRunner> runners = new ArrayList<>();
  private final Semaphore release = new Semaphore(0);
  private final AtomicInteger interrupts = new AtomicInteger();
  private final AtomicInteger hangs = new AtomicInteger();

  @AfterEach
  void close() {
    release.release(1_000);
    runners.forEach(HookRunner::close);
    threads.close();
  }

  /** A hook of a question in text, and how it is called. */
  private final class Asked {
    private final Function<String, @Nullable CompletionStage<String>> hook;
    private final HookRunner runner;

    Asked(Function<String, @Nullable CompletionStage<String>> hook, int calls, int waiting) {
      this.hook = hook;
      this.runner =
          new HookRunner("send hook", threads, calls, waiting, DEADLINE, nanos::get, metrics);
      runners.add(runner);
    }

    CompletableFuture<String> ask(String question) {
      return runner.call(() -> hook.apply(question));
    }

    void check() {
      runner.check();
    }
  }

  private Asked runner(UnaryOperator<String> blocking, int calls, int waiting) {
    return new Asked(
        question -> CompletableFuture.completedFuture(blocking.apply(question)), calls, waiting);
  }

  private long metric(String name) {
    return MetricValues.of(metrics, name);
  }

  /** A call that has not begun yet has no deadline. */
  private void awaitHanging(int calls) {
    await().until(() -> hangs.get() == calls);
    assertThat(metric("send_hook_calls_running")).isEqualTo(calls);
  }

  private static ChatException refusal(CompletableFuture<?> call) {
    try {
      call.join();
    } catch (CompletionException failed) {
      return (ChatException) Objects.requireNonNull(failed.getCause());
    }
    throw new AssertionError("was allowed");
  }

  /** Hangs, and returns when it is interrupted or released. */
  private String hang(String message) {
    hangs.incrementAndGet();
    try {
      release.acquire();
    } catch (InterruptedException end) {
      interrupts.incrementAndGet();
    }
    return message;
  }

  /** Hangs until it is released, whatever interrupts it. */
  private String hangOn(String message) {
    hangs.incrementAndGet();
    release.acquireUninterruptibly();
    return message;
  }

  private void passDeadline(Asked runner) {
    nanos.addAndGet(DEADLINE.toNanos());
    runner.check();
  }

  @Test
  void theHookIsAskedAndMayAnswerOrRefuse() {
    Asked runner =
        runner(
            message -> {
              if (message.equals("refuse")) {
                throw ChatException.forbidden("not that");
              }
              return message + "!";
            },
            2,
            2);
    assertThat(runner.runner.deadline()).isEqualTo(DEADLINE);
    assertThat(runner.ask("x").join()).isEqualTo("x!");
    assertThat(refusal(runner.ask("refuse")).code()).isEqualTo(ErrorCode.FORBIDDEN);
    assertThat(metric("hook_faults")).isZero();
  }

  // ---- answers that come later

  @Test
  void anAnswerMayComeLaterAndTakesNoThreadUntilThen() {
    List<CompletableFuture<String>> answers = new CopyOnWriteArrayList<>();
    Asked asked =
        new Asked(
            message -> {
              CompletableFuture<String> answer = new CompletableFuture<>();
              answers.add(answer);
              return answer;
            },
            3,
            1);
    List<CompletableFuture<String>> calls =
        List.of(asked.ask("1"), asked.ask("2"), asked.ask("3"), asked.ask("4"));
    await().until(() -> answers.size() == 3);
    assertThat(refusal(asked.ask("5")).code()).isEqualTo(ErrorCode.BUSY);
    answers.get(1).complete("later");
    await().until(() -> answers.size() == 4); // the one that waited
    assertThat(calls.stream().filter(CompletableFuture::isDone)).hasSize(1);
    answers.get(0).completeExceptionally(ChatException.forbidden("no"));
    answers.get(2).completeExceptionally(new IllegalStateException("broken on purpose"));
    answers.get(3).complete("last");
    await().until(() -> calls.stream().allMatch(CompletableFuture::isDone));
    assertThat(
            calls.stream()
                .map(call -> call.handle((said, no) -> no == null ? said : refusal(call).code()))
                .map(CompletableFuture::join))
        .containsExactlyInAnyOrder("later", "last", ErrorCode.FORBIDDEN, ErrorCode.INTERNAL);
    assertThat(metric("send_hook_calls_running")).isZero();
    assertThat(metric("hook_faults")).isEqualTo(1);
  }

  @Test
  void aFutureThatIsNeverCompletedIsRefusedAtTheDeadlineAndGivesItsPlaceAway() {
    CompletableFuture<String> never = new CompletableFuture<>();
    Asked asked =
        new Asked(
            message -> message.equals("never") ? never : CompletableFuture.completedFuture(message),
            1,
            1);
    CompletableFuture<String> call = asked.ask("never");
    CompletableFuture<String> waiting = asked.ask("next");
    await().until(() -> never.getNumberOfDependents() == 1);
    passDeadline(asked);
    assertThat(refusal(call)).hasMessage("the send hook did not answer within 2000 ms");
    await().until(waiting::isDone); // a place that is not given away fails the test, and no more
    assertThat(waiting.join()).isEqualTo("next");
    assertThat(metric("send_hook_calls_stuck")).isZero();
    never.complete("too late");
    assertThat(refusal(call).code()).isEqualTo(ErrorCode.INTERNAL);
    await().until(() -> metric("send_hook_calls_running") == 0);
    assertThat(asked.ask("after").join()).isEqualTo("after");
  }

  @Test
  void nullInPlaceOfAFutureIsRefusedWithASentence() {
    Asked asked = new Asked(message -> null, 1, 1);
    assertThat(refusal(asked.ask("x")))
        .hasMessage(
            "the send hook returned null; it must return a future, or fail with a ChatException");
    assertThat(metric("send_hook_calls_running")).isZero();
  }

  @Test
  void aThreadThatCannotBeHadRefusesTheCall() {
    HookRunner none =
        new HookRunner(
            "send hook",
            task -> {
              throw new RejectedExecutionException("on purpose");
            },
            1,
            5,
            DEADLINE,
            nanos::get,
            metrics);
    for (int i = 0; i < 3; i++) {
      CompletableFuture<String> call = none.call(() -> CompletableFuture.completedFuture("x"));
      assertThat(refusal(call).code()).isEqualTo(ErrorCode.BUSY);
    }
  }

  // ---- what goes wrong

  @Test
  void nullAndThrowablesRefuseTheirOwnSendWithInternal() {
    Asked runner =
        runner(
            message -> {
              switch (message) {
                case "null":
                  return nothing();
                case "error":
                  throw new StackOverflowError("thrown on purpose");
                case "exception":
                  throw new IllegalStateException("thrown on purpose");
                default:
                  return message;
              }
            },
            2,
            2);
    ChatException none = refusal(runner.ask("null"));
    assertThat(none.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(none).hasMessageContaining("answered null");
    assertThat(refusal(runner.ask("error")).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(refusal(runner.ask("exception")).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(metric("hook_faults")).isEqualTo(3);
    assertThat(runner.ask("good").join()).isEqualTo("good");
  }

  @SuppressWarnings("NullAway") // what an application without null checks may return
  private static String nothing() {
    return null;
  }

  @Test
  void aCallThatMissesItsDeadlineIsRefusedAndThenInterrupted() {
    Asked runner = runner(this::hang, 1, 1);
    CompletableFuture<String> call = runner.ask("x");
    awaitHanging(1);
    nanos.addAndGet(DEADLINE.toNanos() - 1);
    runner.check();
    assertThat(call).isNotDone();
    nanos.addAndGet(1);
    runner.check();
    assertThat(refusal(call).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(refusal(call)).hasMessageContaining("2000 ms");
    await().untilAsserted(() -> assertThat(interrupts).hasValue(1));
    await().until(() -> metric("send_hook_calls_running") == 0);
    assertThat(metric("hook_timeouts")).isEqualTo(1);
    assertThat(metric("send_hook_calls_stuck")).isZero();
    release.release();
    assertThat(runner.ask("next").join()).isEqualTo("next");
    assertThat(interrupts).hasValue(1);
  }

  @Test
  void callsWaitForAThreadUpToABound() {
    Asked runner = runner(this::hang, 1, 2);
    CompletableFuture<String> first = runner.ask("1");
    CompletableFuture<String> second = runner.ask("2");
    CompletableFuture<String> third = runner.ask("3");
    assertThat(refusal(runner.ask("4")).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(second).isNotDone();
    release.release(3);
    assertThat(first.join()).isEqualTo("1");
    assertThat(second.join()).isEqualTo("2");
    assertThat(third.join()).isEqualTo("3");
  }

  @Test
  void aCallThatIgnoresItsInterruptCostsItsOwnThreadOnly() {
    Asked runner = runner(message -> message.equals("hang") ? hangOn(message) : message, 2, 5);
    CompletableFuture<String> hanging = runner.ask("hang");
    awaitHanging(1);
    passDeadline(runner);
    assertThat(refusal(hanging).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(metric("send_hook_calls_stuck")).isZero();
    runner.check();
    assertThat(metric("send_hook_calls_stuck")).isEqualTo(1);
    runner.check();
    assertThat(metric("send_hook_calls_stuck")).isEqualTo(1);
    assertThat(metric("hook_timeouts")).isEqualTo(1);
    for (int i = 0; i < 20; i++) {
      assertThat(runner.ask("other").join()).isEqualTo("other");
    }
    release.release();
    await().until(() -> metric("send_hook_calls_stuck") == 0);
  }

  @Test
  void whenAllThreadsAreStuckCallsAreRefusedAtOnceUntilOneReturns() {
    Asked runner = runner(this::hangOn, 2, 5);
    runner.ask("1");
    runner.ask("2");
    awaitHanging(2);
    CompletableFuture<String> waiting = runner.ask("3");
    passDeadline(runner);
    assertThat(waiting).isNotDone();
    runner.check();
    assertThat(refusal(waiting).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(refusal(runner.ask("4"))).hasMessageContaining("hang");
    release.release(1);
    await().until(() -> metric("send_hook_calls_stuck") == 1);
    CompletableFuture<String> later = runner.ask("5");
    release.release(2);
    assertThat(later.join()).isEqualTo("5");
  }

  @Test
  void theInterruptOfOneCallDoesNotReachTheNext() {
    AtomicBoolean interrupted = new AtomicBoolean();
    Asked runner =
        runner(
            message -> {
              if (message.equals("hang")) {
                hang(message);
                Thread.currentThread().interrupt(); // as code does that was interrupted
              } else {
                interrupted.set(Thread.currentThread().isInterrupted());
              }
              return message;
            },
            1,
            5);
    runner.ask("hang");
    awaitHanging(1);
    passDeadline(runner);
    CompletableFuture<String> next = runner.ask("next");
    await().until(next::isDone); // a hook that is not interrupted fails the test, and no more
    assertThat(interrupted).isFalse();
  }

  @Test
  void theTimersWatchTheDeadline() {
    Asked runner = runner(this::hang, 1, 1);
    try (Timers timers = new Timers()) {
      runner.runner.start(timers);
      CompletableFuture<String> call = runner.ask("x");
      awaitHanging(1);
      nanos.addAndGet(DEADLINE.toNanos());
      assertThat(refusal(call).code()).isEqualTo(ErrorCode.INTERNAL);
    }
  }

  @Test
  void theCloseFailsWhatRunsAndWhatWaitsAndWhatComesLater() {
    CountDownLatch ended = new CountDownLatch(1);
    Asked runner =
        runner(
            message -> {
              String same = hang(message);
              ended.countDown();
              return same;
            },
            1,
            5);
    CompletableFuture<String> running = runner.ask("1");
    awaitHanging(1);
    CompletableFuture<String> waiting = runner.ask("2");
    runner.runner.close();
    assertThat(refusal(running).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(refusal(waiting).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(refusal(runner.ask("3")).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    await().until(() -> ended.getCount() == 0);
    assertThat(interrupts).hasValue(1);
  }
}
