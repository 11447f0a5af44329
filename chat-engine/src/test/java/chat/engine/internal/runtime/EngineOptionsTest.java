package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.EngineBuilder;
import chat.engine.hook.EngineTimings;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EngineOptionsTest {
  private static final List<Limit> NUMBERS =
      Arrays.stream(Limit.values()).filter(limit -> !limit.isTime()).toList();
  private static final List<Limit> TIMES =
      Arrays.stream(Limit.values()).filter(Limit::isTime).toList();

  @Test
  void theDefaultsAreThoseThatTheBuilderDocuments() {
    EngineOptions defaults = EngineOptions.defaults();
    assertThat(defaults.count(Limit.MAX_TEXT_BYTES)).isEqualTo(16_384);
    assertThat(defaults.count(Limit.MAX_GROUP_MEMBERS)).isEqualTo(20_000);
    assertThat(defaults.count(Limit.SESSION_BUDGET_BYTES)).isEqualTo(1_048_576);
    assertThat(defaults.time(Limit.STALLED_SESSION_TIMEOUT)).isEqualTo(Duration.ofSeconds(60));
    assertThat(defaults.count(Limit.LANES)).isBetween(2, 4);
    assertThat(defaults.count(Limit.MAX_BATCH)).isEqualTo(512);
    assertThat(defaults.count(Limit.LANE_CAPACITY)).isEqualTo(8_192);
    assertThat(defaults.time(Limit.PRESENCE_GRACE)).isEqualTo(Duration.ofSeconds(10));
    assertThat(defaults.time(Limit.HOOK_DEADLINE)).isEqualTo(Duration.ofSeconds(2));
    assertThat(defaults.count(Limit.MAX_HOOK_CALLS)).isEqualTo(64);
    assertThat(defaults.count(Limit.MAX_PENDING_HOOK_CALLS)).isEqualTo(8_192);
    assertThat(defaults.time(Limit.SEND_TIMEOUT)).isEqualTo(Duration.ofSeconds(10));
    assertThat(defaults.count(Limit.MAX_SYNC_CONVERSATIONS)).isEqualTo(500);
    assertThat(defaults.count(Limit.MAX_SYNC_CURSORS)).isEqualTo(20_000);
    assertThat(defaults.count(Limit.MAX_MISSED_MESSAGES)).isEqualTo(100);
    assertThat(defaults.count(Limit.ANSWER_BYTES)).isEqualTo(262_144);
    assertThat(defaults.count(Limit.MAX_USERS_PER_CALL)).isEqualTo(1_000);
    assertThat(defaults.time(Limit.TYPING_TIMEOUT)).isEqualTo(Duration.ofSeconds(6));
    assertThat(defaults.count(Limit.MAX_PENDING_OBSERVATIONS)).isEqualTo(8_192);
    assertThat(defaults.count(Limit.MAX_APPLICATION_THREADS)).isEqualTo(512);
    assertThat(defaults.count(Limit.STORE_THREADS)).isEqualTo(4);
    assertThat(defaults.count(Limit.MAX_PENDING_CALLS)).isEqualTo(16_384);
  }

  private static int number(Limit limit) {
    return List.of(Limit.values()).indexOf(limit) + 1;
  }

  /** Every limit is changed, one after the other, so that a copy that forgot one would show it. */
  @Test
  void aChangedLimitKeepsAllOthers() {
    EngineOptions options = EngineOptions.defaults();
    for (Limit limit : NUMBERS) {
      options = options.with(limit, number(limit));
    }
    for (Limit limit : TIMES) {
      options = options.with(limit, Duration.ofMillis(number(limit)));
    }
    for (Limit limit : NUMBERS) {
      assertThat(options.count(limit)).as(limit.name()).isEqualTo(number(limit));
    }
    for (Limit limit : TIMES) {
      assertThat(options.time(limit)).as(limit.name()).isEqualTo(Duration.ofMillis(number(limit)));
    }
  }

  @Test
  void aChangeLeavesTheOptionsThatItWasMadeFromAsTheyWere() {
    EngineOptions before = EngineOptions.defaults();
    assertThat(before.with(Limit.LANES, 9).count(Limit.LANES)).isEqualTo(9);
    assertThat(before.count(Limit.LANES)).isEqualTo(EngineOptions.defaults().count(Limit.LANES));
  }

  @Test
  void nothingMayBeZeroOrLessAndTheErrorNamesTheSettingAndTheValue() {
    EngineOptions options = EngineOptions.defaults();
    for (int value : new int[] {0, -7}) {
      for (Limit limit : NUMBERS) {
        assertThatThrownBy(() -> options.with(limit, value))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(limit.settingName() + " must be above zero, not " + value);
      }
      for (Limit limit : TIMES) {
        assertThatThrownBy(() -> options.with(limit, Duration.ofNanos(value)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(limit.settingName() + " must be above zero, not " + value + " ns");
      }
    }
  }

  @Test
  void aNumberIsNoTimeAndATimeIsNoNumber() {
    EngineOptions options = EngineOptions.defaults();
    assertThatThrownBy(() -> options.time(Limit.LANES))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.count(Limit.SEND_TIMEOUT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.with(Limit.LANES, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A limit that nobody can set, or that no gauge shows, is not worth much. */
  @Test
  void everyLimitHasAMethodOfTheBuilderAndAGauge() throws Exception {
    Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
    EngineOptions.defaults().with(Limit.SEND_TIMEOUT, Duration.ofSeconds(3)).show(metrics);
    Map<String, Long> shown = metrics.gauges();
    for (Limit limit : Limit.values()) {
      Method setting =
          EngineBuilder.class.getMethod(
              limit.settingName(), limit.isTime() ? Duration.class : int.class);
      assertThat(setting.getReturnType()).isEqualTo(EngineBuilder.class);
      assertThat(shown).containsKey(limit.gaugeName());
    }
    assertThat(shown)
        .containsEntry("limit_send_timeout_millis", 3_000L)
        .containsEntry("limit_max_text_bytes", 16_384L);
  }
}
