package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class MetricsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private final List<String> told = new ArrayList<>();
  private final Metrics metrics =
      new Metrics(
          new EngineTimings() {
            @Override
            public void committed(int sends, Duration took) {
              told.add(sends + " in " + took.toNanos());
            }

            @Override
            public void delivered(Duration lag) {
              told.add("after " + lag.toMillis());
            }
          },
          () -> NOW);

  private static Message message(String text, @Nullable String attributes, UserId... mentions) {
    return new Message(
        ConversationId.of(1),
        MessageId.of(1),
        1,
        UserId.of("ada"),
        ClientMessageId.of("c"),
        text,
        null,
        List.of(mentions),
        attributes,
        NOW.minusMillis(30));
  }

  @Test
  void everyCounterIsThereFromTheStart() {
    assertThat(metrics.counters())
        .hasSize(Metrics.Counter.values().length)
        .containsEntry("feed_repairs", 0L)
        .containsEntry("envelopes_unknown", 0L);
  }

  @Test
  void countersAddUpAndGaugesAreReadWhenAsked() {
    AtomicLong level = new AtomicLong(7);
    metrics.gauge("level", level::get);
    metrics.count(Metrics.Counter.RESYNCS);
    metrics.count(Metrics.Counter.RESYNCS, 4);
    level.set(8);
    assertThat(metrics.counters()).containsEntry("resyncs", 5L).doesNotContainKey("level");
    assertThat(metrics.gauges()).containsExactly(Map.entry("level", 8L));
  }

  @Test
  void commitsAndDeliveriesAreTimed() {
    metrics.committed(3, 250);
    metrics.delivering(message("x", null));
    assertThat(told).containsExactly("3 in 250", "after 30");
    assertThat(metrics.counters()).containsEntry("commits", 1L);
    Metrics untimed = new Metrics(EngineTimings.NONE, () -> NOW);
    untimed.delivering(message("x", null));
  }

  @Test
  void theWeightOfAMessageCountsEverythingThatItHolds() {
    assertThat(MessageWeight.of(message("", null))).isEqualTo(256);
    assertThat(MessageWeight.of(message("abc", null))).isEqualTo(262);
    assertThat(MessageWeight.of(message("abc", "{\"a\":1}"))).isEqualTo(276);
    assertThat(MessageWeight.of(message("", null, UserId.of("bob"), UserId.of("cleo"))))
        .isEqualTo(256 + 46 + 48);
    assertThat(MessageWeight.of(NewMessage.text("abc").withMentions(List.of(UserId.of("bob")))))
        .isEqualTo(262 + 46);
  }
}
