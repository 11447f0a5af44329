package chat.engine.internal.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.hook.SendHook;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Timers;
import chat.engine.memory.InMemoryMessageStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SendHookRunnerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final NewMessage HELLO = NewMessage.text("hello");
  private static final Duration DEADLINE = Duration.ofSeconds(2);
  private static final Conversation TALK =
      new InMemoryMessageStore()
          .conversations()
          .openDirect(ConversationId.of(1), ADA, UserId.of("bob"), Instant.EPOCH);

  private final Metrics metrics = new Metrics(EngineTimings.NONE, () -> Instant.EPOCH);
  private final AtomicLong nanos = new AtomicLong(Duration.ofHours(1).toNanos());
  private final List<SendHookRunner> runners = new ArrayList<>();
  private final Semaphore release = new Semaphore(0);
  private final AtomicInteger interrupts = new AtomicInteger();

  @AfterEach
  void close() {
    release.release(1_000);
    runners.forEach(SendHookRunner::close);
  }

  private SendHookRunner runner(@Nullable SendHook hook, int calls, int waiting) {
    SendHookRunner made = new SendHookRunner(hook, calls, waiting, DEADLINE, nanos::get, metrics);
    runners.add(made);
    return made;
  }

  private static CompletableFuture<NewMessage> ask(SendHookRunner runner, String text) {
    return runner.onSend(ADA, TALK, NewMessage.text(text));
  }

  private long metric(String name) {
    return Objects.requireNonNull(metrics.snapshot().get(name));
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
  private NewMessage hang(UserId sender, Conversation conversation, NewMessage message) {
    try {
      release.acquire();
    } catch (InterruptedException end) {
      interrupts.incrementAndGet();
    }
    return message;
  }

  /** Hangs until it is released, whatever interrupts it. */
  private NewMessage hangOn(UserId sender, Conversation conversation, NewMessage message) {
    release.acquireUninterruptibly();
    return message;
  }

  private void passDeadline(SendHookRunner runner) {
    nanos.addAndGet(DEADLINE.toNanos());
    runner.check();
  }

  @Test
  void withoutAHookAMessagePasses() {
    SendHookRunner none = runner(null, 1, 1);
    assertThat(none.isSet()).isFalse();
    assertThat(none.onSend(ADA, TALK, HELLO).join()).isSameAs(HELLO);
  }

  @Test
  void theHookIsAskedAndMayChangeOrRefuse() {
    SendHookRunner runner =
        runner(
            (sender, conversation, message) -> {
              assertThat(sender).isEqualTo(ADA);
              assertThat(conversation).isEqualTo(TALK);
              if (message.text().equals("refuse")) {
                throw ChatException.forbidden("not that");
              }
              return message.withText("changed");
            },
            2,
            2);
    assertThat(runner.isSet()).isTrue();
    assertThat(runner.deadline()).isEqualTo(DEADLINE);
    assertThat(ask(runner, "x").join().text()).isEqualTo("changed");
    assertThat(refusal(ask(runner, "refuse")).code()).isEqualTo(ErrorCode.FORBIDDEN);
    assertThat(metric("hook_faults")).isZero();
  }

  @Test
  void nullAndThrowablesRefuseTheirOwnSendWithInternal() {
    SendHookRunner runner =
        runner(
            (sender, conversation, message) -> {
              switch (message.text()) {
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
    ChatException none = refusal(ask(runner, "null"));
    assertThat(none.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(none).hasMessageContaining("returned null");
    assertThat(refusal(ask(runner, "error")).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(refusal(ask(runner, "exception")).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(metric("hook_faults")).isEqualTo(3);
    assertThat(ask(runner, "good").join().text()).isEqualTo("good");
  }

  @SuppressWarnings("NullAway") // what an application without null checks may return
  private static NewMessage nothing() {
    return null;
  }

  @Test
  void aCallThatMissesItsDeadlineIsRefusedAndThenInterrupted() {
    SendHookRunner runner = runner(this::hang, 1, 1);
    CompletableFuture<NewMessage> call = ask(runner, "x");
    await().until(() -> metric("hook_calls_running") == 1);
    nanos.addAndGet(DEADLINE.toNanos() - 1);
    runner.check();
    assertThat(call).isNotDone();
    nanos.addAndGet(1);
    runner.check();
    assertThat(refusal(call).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(refusal(call)).hasMessageContaining("2000 ms");
    await().untilAsserted(() -> assertThat(interrupts).hasValue(1));
    await().until(() -> metric("hook_calls_running") == 0);
    assertThat(metric("hook_timeouts")).isEqualTo(1);
    assertThat(metric("hook_calls_stuck")).isZero();
    release.release();
    assertThat(ask(runner, "next").join().text()).isEqualTo("next");
    assertThat(interrupts).hasValue(1);
  }

  @Test
  void callsWaitForAThreadUpToABound() {
    SendHookRunner runner = runner(this::hang, 1, 2);
    CompletableFuture<NewMessage> first = ask(runner, "1");
    CompletableFuture<NewMessage> second = ask(runner, "2");
    CompletableFuture<NewMessage> third = ask(runner, "3");
    assertThat(refusal(ask(runner, "4")).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(second).isNotDone();
    release.release(3);
    assertThat(first.join().text()).isEqualTo("1");
    assertThat(second.join().text()).isEqualTo("2");
    assertThat(third.join().text()).isEqualTo("3");
  }

  @Test
  void aCallThatIgnoresItsInterruptCostsItsOwnThreadOnly() {
    SendHookRunner runner =
        runner(
            (sender, conversation, message) ->
                message.text().equals("hang") ? hangOn(sender, conversation, message) : message,
            2,
            5);
    CompletableFuture<NewMessage> hanging = ask(runner, "hang");
    await().until(() -> metric("hook_calls_running") == 1);
    passDeadline(runner);
    assertThat(refusal(hanging).code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(metric("hook_calls_stuck")).isZero();
    runner.check();
    assertThat(metric("hook_calls_stuck")).isEqualTo(1);
    runner.check();
    assertThat(metric("hook_calls_stuck")).isEqualTo(1);
    assertThat(metric("hook_timeouts")).isEqualTo(1);
    for (int i = 0; i < 20; i++) {
      assertThat(ask(runner, "other").join().text()).isEqualTo("other");
    }
    release.release();
    await().until(() -> metric("hook_calls_stuck") == 0);
  }

  @Test
  void whenAllThreadsAreStuckCallsAreRefusedAtOnceUntilOneReturns() {
    SendHookRunner runner = runner(this::hangOn, 2, 5);
    ask(runner, "1");
    ask(runner, "2");
    await().until(() -> metric("hook_calls_running") == 2);
    CompletableFuture<NewMessage> waiting = ask(runner, "3");
    passDeadline(runner);
    assertThat(waiting).isNotDone();
    runner.check();
    assertThat(refusal(waiting).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(refusal(ask(runner, "4"))).hasMessageContaining("hang");
    release.release(1);
    await().until(() -> metric("hook_calls_stuck") == 1);
    CompletableFuture<NewMessage> later = ask(runner, "5");
    release.release(2);
    assertThat(later.join().text()).isEqualTo("5");
  }

  @Test
  void theInterruptOfOneCallDoesNotReachTheNext() {
    AtomicBoolean interrupted = new AtomicBoolean();
    SendHookRunner runner =
        runner(
            (sender, conversation, message) -> {
              if (message.text().equals("hang")) {
                hang(sender, conversation, message);
                Thread.currentThread().interrupt(); // as code does that was interrupted
              } else {
                interrupted.set(Thread.currentThread().isInterrupted());
              }
              return message;
            },
            1,
            5);
    ask(runner, "hang");
    await().until(() -> metric("hook_calls_running") == 1);
    passDeadline(runner);
    CompletableFuture<NewMessage> next = ask(runner, "next");
    await().until(next::isDone); // a hook that is not interrupted fails the test, and no more
    assertThat(interrupted).isFalse();
  }

  @Test
  void theTimersWatchTheDeadline() {
    SendHookRunner runner = runner(this::hang, 1, 1);
    try (Timers timers = new Timers()) {
      runner.start(timers);
      CompletableFuture<NewMessage> call = ask(runner, "x");
      await().until(() -> metric("hook_calls_running") == 1);
      nanos.addAndGet(DEADLINE.toNanos());
      assertThat(refusal(call).code()).isEqualTo(ErrorCode.INTERNAL);
    }
  }

  @Test
  void theCloseFailsWhatRunsAndWhatWaitsAndWhatComesLater() {
    CountDownLatch ended = new CountDownLatch(1);
    SendHookRunner runner =
        runner(
            (sender, conversation, message) -> {
              NewMessage same = hang(sender, conversation, message);
              ended.countDown();
              return same;
            },
            1,
            5);
    CompletableFuture<NewMessage> running = ask(runner, "1");
    await().until(() -> metric("hook_calls_running") == 1);
    CompletableFuture<NewMessage> waiting = ask(runner, "2");
    runner.close();
    assertThat(refusal(running).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(refusal(waiting).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(refusal(ask(runner, "3")).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    await().until(() -> ended.getCount() == 0);
    assertThat(interrupts).hasValue(1);
  }
}
