package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class EngineOptionsTest {
  private record Setting<T>(
      Function<EngineOptions, T> get, BiFunction<EngineOptions, T, EngineOptions> with) {}

  private static final Map<String, Setting<Integer>> NUMBERS =
      Map.of(
          "maxTextBytes",
          new Setting<>(EngineOptions::maxTextBytes, EngineOptions::withMaxTextBytes),
          "maxGroupMembers",
          new Setting<>(EngineOptions::maxGroupMembers, EngineOptions::withMaxGroupMembers),
          "sessionBudgetBytes",
          new Setting<>(EngineOptions::sessionBudgetBytes, EngineOptions::withSessionBudgetBytes),
          "lanes",
          new Setting<>(EngineOptions::lanes, EngineOptions::withLanes),
          "maxBatch",
          new Setting<>(EngineOptions::maxBatch, EngineOptions::withMaxBatch),
          "laneCapacity",
          new Setting<>(EngineOptions::laneCapacity, EngineOptions::withLaneCapacity),
          "maxHookCalls",
          new Setting<>(EngineOptions::maxHookCalls, EngineOptions::withMaxHookCalls),
          "maxPendingHookSends",
          new Setting<>(
              EngineOptions::maxPendingHookSends, EngineOptions::withMaxPendingHookSends));

  private static final Map<String, Setting<Duration>> TIMES =
      Map.of(
          "stalledSessionTimeout",
          new Setting<>(
              EngineOptions::stalledSessionTimeout, EngineOptions::withStalledSessionTimeout),
          "presenceGrace",
          new Setting<>(EngineOptions::presenceGrace, EngineOptions::withPresenceGrace),
          "hookDeadline",
          new Setting<>(EngineOptions::hookDeadline, EngineOptions::withHookDeadline),
          "sendTimeout",
          new Setting<>(EngineOptions::sendTimeout, EngineOptions::withSendTimeout));

  private static EngineOptions allChanged() {
    EngineOptions options = EngineOptions.defaults();
    int number = 1;
    for (String name : NUMBERS.keySet()) {
      options = NUMBERS.get(name).with().apply(options, number++);
    }
    for (String name : TIMES.keySet()) {
      options = TIMES.get(name).with().apply(options, Duration.ofNanos(number++));
    }
    return options;
  }

  @Test
  void theDefaultsAreThoseThatTheBuilderDocuments() {
    EngineOptions defaults = EngineOptions.defaults();
    assertThat(defaults.maxTextBytes()).isEqualTo(16_384);
    assertThat(defaults.maxGroupMembers()).isEqualTo(20_000);
    assertThat(defaults.sessionBudgetBytes()).isEqualTo(1_048_576);
    assertThat(defaults.stalledSessionTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(defaults.lanes()).isBetween(2, 4);
    assertThat(defaults.maxBatch()).isEqualTo(512);
    assertThat(defaults.laneCapacity()).isEqualTo(8_192);
    assertThat(defaults.presenceGrace()).isEqualTo(Duration.ofSeconds(10));
    assertThat(defaults.hookDeadline()).isEqualTo(Duration.ofSeconds(2));
    assertThat(defaults.maxHookCalls()).isEqualTo(64);
    assertThat(defaults.maxPendingHookSends()).isEqualTo(8_192);
    assertThat(defaults.sendTimeout()).isEqualTo(Duration.ofSeconds(10));
  }

  /** Every option is changed, one after the other, so that a copy that forgot one would show it. */
  @Test
  void aChangedOptionKeepsAllOthers() {
    EngineOptions options = allChanged();
    int number = 1;
    for (Map.Entry<String, Setting<Integer>> setting : NUMBERS.entrySet()) {
      assertThat(setting.getValue().get().apply(options)).as(setting.getKey()).isEqualTo(number++);
    }
    for (Map.Entry<String, Setting<Duration>> setting : TIMES.entrySet()) {
      assertThat(setting.getValue().get().apply(options))
          .as(setting.getKey())
          .isEqualTo(Duration.ofNanos(number++));
    }
  }

  @Test
  void aChangeLeavesTheOptionsThatItWasMadeFromAsTheyWere() {
    EngineOptions before = EngineOptions.defaults();
    assertThat(before.withLanes(9).lanes()).isEqualTo(9);
    assertThat(before.lanes()).isEqualTo(EngineOptions.defaults().lanes());
  }

  @Test
  void nothingMayBeZeroOrLessAndTheErrorNamesTheOptionAndTheValue() {
    EngineOptions options = EngineOptions.defaults();
    NUMBERS.forEach(
        (name, setting) -> {
          for (int value : new int[] {0, -7}) {
            assertThatThrownBy(() -> setting.with().apply(options, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(name + " must be above zero, not " + value);
          }
        });
    TIMES.forEach(
        (name, setting) -> {
          for (int value : new int[] {0, -7}) {
            assertThatThrownBy(() -> setting.with().apply(options, Duration.ofNanos(value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(name + " must be above zero, not " + value);
          }
        });
  }
}
