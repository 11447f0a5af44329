package chat.engine.internal.hook;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.Metrics;
import chat.engine.testing.Logged;
import chat.engine.testing.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever the order of calls, answers, deadlines and the close: each call is answered once, with
 * what its own hook said in time if it was asked at all, and every place comes back.
 */
final class HookRunnerScheduleTest {
  private static final Duration DEADLINE = Duration.ofMillis(100);
  private static final Duration CHECK = Duration.ofMillis(11);
  private static final int CALLS = 12;

  @Test
  void everyCallIsAnsweredOnceAndEveryPlaceComesBack() {
    try (Logged faults = Logged.below(HookRunner.class.getName()).quietly()) {
      Schedule.seeds(400, schedule -> new Round(schedule).run());
      assertThat(faults.lines("did not answer within 100 ms")).isNotEmpty();
    }
  }

  private static final class Round {
    private final Schedule schedule;
    private final Metrics metrics = new Metrics(EngineTimings.NONE, () -> Instant.EPOCH);
    private final int places;
    private final int waiting;
    private final HookRunner runner;
    private final List<Call> calls = new ArrayList<>();
    private final boolean closes;
    private boolean closed;
    private boolean refusesThreads;
    private int running;

    Round(Schedule schedule) {
      this.schedule = schedule;
      places = 1 + schedule.choose(3);
      waiting = schedule.choose(4);
      closes = schedule.once(4);
      refusesThreads = schedule.once(4);
      runner =
          new HookRunner(
              "send hook", this::thread, places, waiting, DEADLINE, schedule::nanos, metrics);
    }

    private void thread(Runnable task) {
      if (refusesThreads && schedule.once(6)) {
        throw new RejectedExecutionException("no thread, on purpose");
      }
      schedule.execute(task);
    }

    void run() {
      for (int i = 0; i < CALLS; i++) {
        Call call = new Call(i);
        calls.add(call);
        schedule.after(schedule.below(DEADLINE.multipliedBy(4)), call::begin);
      }
      if (closes) {
        schedule.after(schedule.below(DEADLINE.multipliedBy(3)), this::close);
      }
      // Longer than all calls take one after the other.
      Duration end = DEADLINE.multipliedBy(5L * CALLS);
      for (Duration at = CHECK; at.compareTo(end) < 0; at = at.plus(CHECK)) {
        schedule.after(at, runner::check);
      }
      schedule.run();
      Thread.interrupted(); // meant for hooks
      calls.forEach(Call::verify);
      assertThat(metric("stuck")).as("calls that are stuck").isZero();
      if (!closes) {
        assertThat(metric("running")).as("calls in progress").isZero();
        allPlacesAreFree();
      }
    }

    private void close() {
      closed = true;
      runner.close();
    }

    private long metric(String what) {
      return MetricValues.of(metrics, "send_hook_calls_" + what);
    }

    private void allPlacesAreFree() {
      refusesThreads = false;
      List<Integer> asked = new ArrayList<>();
      for (int i = 0; i < places; i++) {
        int call = i;
        CompletableFuture<String> unused =
            runner.call(
                () -> {
                  asked.add(call);
                  return new CompletableFuture<String>();
                });
      }
      schedule.run();
      assertThat(asked).as("calls that began at once").hasSize(places);
      runner.close();
    }

    private final class Call {
      private final int number;
      private @Nullable CompletableFuture<String> result;
      private int completions;
      private int asked;
      private long askedNanos;

      /** What the hook said, and whether that was in time. */
      private @Nullable String said;

      private boolean inTime;

      Call(int number) {
        this.number = number;
      }

      void begin() {
        CompletableFuture<String> called = runner.call(this::hook);
        result = called;
        called.whenComplete((value, fault) -> completions++);
      }

      private @Nullable CompletionStage<String> hook() {
        asked++;
        askedNanos = schedule.nanos();
        running++;
        assertThat(running).as("hooks at the same time").isLessThanOrEqualTo(places);
        assertThat(metric("running")).as("in progress").isLessThanOrEqualTo(places);
        try {
          switch (schedule.choose(4)) {
            case 0 -> schedule.meanwhile();
            case 1 -> schedule.pass(schedule.below(DEADLINE.multipliedBy(2)));
            default -> {}
          }
          return answer();
        } finally {
          running--;
        }
      }

      private @Nullable CompletionStage<String> answer() {
        switch (schedule.choose(8)) {
          case 0 -> {
            say("failed");
            throw new IllegalStateException("thrown on purpose");
          }
          case 1 -> {
            say("failed");
            return null;
          }
          case 2 -> {
            return new CompletableFuture<>(); // never
          }
          case 3, 4 -> {
            CompletableFuture<String> later = new CompletableFuture<>();
            schedule.after(
                schedule.below(DEADLINE.multipliedBy(2)),
                () -> {
                  say("call " + number);
                  later.complete("call " + number);
                });
            return later;
          }
          default -> {
            say("call " + number);
            return CompletableFuture.completedFuture("call " + number);
          }
        }
      }

      private void say(String what) {
        said = what;
        inTime = !closed && schedule.nanos() - askedNanos < DEADLINE.toNanos();
      }

      void verify() {
        assertThat(asked).as("call %d was asked", number).isLessThanOrEqualTo(1);
        assertThat(completions).as("call %d was answered", number).isEqualTo(1);
        String outcome = outcome();
        if (asked == 0) {
          assertThat(outcome).as("call %d, never asked", number).isIn("BUSY", "UNAVAILABLE");
        } else if (inTime) {
          assertThat(outcome)
              .as("call %d, answered in time", number)
              .isEqualTo("failed".equals(said) ? "INTERNAL" : said);
        } else {
          assertThat(outcome).as("call %d, late", number).isIn("INTERNAL", "UNAVAILABLE", said);
        }
      }

      private String outcome() {
        CompletableFuture<String> done = result;
        if (done == null) {
          throw new AssertionError("call " + number + " did not begin");
        }
        try {
          return done.join();
        } catch (CompletionException refused) {
          return refused.getCause() instanceof ChatException refusal
              ? refusal.code().name()
              : refused.toString();
        }
      }
    }
  }
}
