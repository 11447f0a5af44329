package chat.server.ws;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class HeartbeatTest {
  @Test
  void connectionsThatCameAtOnceArePingedAtDifferentTimesWithinTheHeartbeat() {
    Duration heartbeat = Duration.ofSeconds(40);
    LongSummaryStatistics waits =
        LongStream.generate(() -> WebSocketConnection.staggered(heartbeat))
            .limit(10_000)
            .map(nanos -> Duration.ofNanos(nanos).toSeconds())
            .summaryStatistics();
    assertThat(waits.getMin()).isEqualTo(30);
    assertThat(waits.getMax()).isEqualTo(39);
    assertThat(waits.getAverage()).isBetween(34.0, 35.0);
  }
}
