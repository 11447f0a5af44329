package chat.server.push;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.server.push.LaterLooks.Look;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class LaterLooksTest {
  private static final ConversationId CONVERSATION = ConversationId.of(7);
  private static final UserId BOB = UserId.of("bob");

  private final AtomicLong now = new AtomicLong();
  private final LaterLooks looks =
      new LaterLooks(List.of(Duration.ofSeconds(1), Duration.ofSeconds(10)), now::get);

  private List<Look> dueAfter(long seconds) {
    now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    return looks.due(100);
  }

  @Test
  void theTimesGrowAndTheLastLookIsTheLast() {
    looks.add(CONVERSATION, List.of(BOB));
    looks.add(CONVERSATION, List.of(BOB));
    assertThat(looks.due(100)).isEmpty();
    List<Look> first = dueAfter(1);
    assertThat(first).hasSize(1);
    assertThat(looks.again(first.get(0))).isTrue();
    assertThat(dueAfter(9)).isEmpty();
    List<Look> second = dueAfter(1);
    assertThat(second).extracting(Look::number).containsExactly(1);
    assertThat(looks.again(second.get(0))).isFalse();
    assertThat(looks.size()).isZero();
  }

  @Test
  void thereIsABound() {
    for (int i = 0; i <= LaterLooks.MOST; i++) {
      looks.add(CONVERSATION, List.of(UserId.of("user" + i)));
    }
    assertThat(looks.size()).isEqualTo(LaterLooks.MOST);
    assertThat(dueAfter(1)).hasSize(100);
  }
}
