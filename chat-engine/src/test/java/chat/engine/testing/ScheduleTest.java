package chat.engine.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static List<Integer> order(long seed) {
    Schedule schedule = new Schedule(seed);
    List<Integer> ran = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int task = i;
      schedule.execute(() -> ran.add(task));
    }
    schedule.run();
    return ran;
  }

  @Test
  void aSeedGivesTheSameOrderAndTheSeedsAllOrders() {
    Set<List<Integer>> seen = new HashSet<>();
    for (long seed = 0; seed < 300; seed++) {
      assertThat(order(seed)).isEqualTo(order(seed)).containsExactlyInAnyOrder(0, 1, 2, 3);
      seen.add(order(seed));
    }
    assertThat(seen).hasSize(24);
  }

  @Test
  void theTasksOfALineKeepTheirOrderAndAreNeverInsideOneAnother() {
    Schedule.seeds(
        50,
        schedule -> {
          Executor line = schedule.line();
          List<String> ran = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            int task = i;
            line.execute(
                () -> {
                  ran.add("begin " + task);
                  schedule.meanwhile();
                  ran.add("end " + task);
                });
          }
          schedule.run();
          assertThat(ran)
              .containsExactly("begin 0", "end 0", "begin 1", "end 1", "begin 2", "end 2");
        });
  }

  @Test
  void othersRunInsideATaskThatBlocks() {
    Set<List<String>> seen = new HashSet<>();
    Schedule.seeds(
        100,
        schedule -> {
          List<String> ran = new ArrayList<>();
          schedule.execute(
              () -> {
                ran.add("begin");
                schedule.meanwhile();
                ran.add("end");
              });
          schedule.execute(() -> ran.add("other"));
          schedule.run();
          seen.add(ran);
        });
    assertThat(seen)
        .containsExactlyInAnyOrder(
            List.of("other", "begin", "end"),
            List.of("begin", "other", "end"),
            List.of("begin", "end", "other"));
  }

  @Test
  void timePassesWhenNothingElseIsLeftAndWhileATaskBlocks() {
    Schedule schedule = new Schedule(1);
    long start = schedule.nanos();
    List<Long> ran = new ArrayList<>();
    Runnable note = () -> ran.add((schedule.nanos() - start) / 1_000_000);
    schedule.after(Duration.ofMillis(30), note);
    schedule.after(Duration.ofMillis(10), note);
    schedule.execute(
        () -> {
          schedule.pass(Duration.ofMillis(20));
          note.run();
        });
    schedule.run();
    assertThat(ran).containsExactly(10L, 20L, 30L);
  }

  @Test
  void aFailureNamesItsSeed() {
    assertThatThrownBy(
            () ->
                Schedule.seeds(
                    9,
                    schedule -> {
                      schedule.execute(() -> assertThat(schedule.choose(4)).isNotEqualTo(2));
                      schedule.run();
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching("(?s)with -Dchat.schedule.seed=\\d: .*");
  }

  @Test
  void chanceIsWithinItsBounds() {
    Schedule schedule = new Schedule(3);
    assertThat(IntStream.range(0, 100).map(i -> schedule.choose(3))).containsOnly(0, 1, 2);
    assertThat(IntStream.range(0, 100).mapToObj(i -> schedule.below(Duration.ofMillis(5))))
        .allMatch(time -> !time.isNegative() && time.compareTo(Duration.ofMillis(5)) < 0);
    assertThat(IntStream.range(0, 100).mapToObj(i -> schedule.once(2))).contains(true, false);
  }
}
