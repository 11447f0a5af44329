package chat.engine.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class BacklogTest {
  private static final ConversationId ONE = ConversationId.of(1);
  private static final ConversationId TWO = ConversationId.of(2);
  private static final ConversationId THREE = ConversationId.of(3);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Backlog backlog = new Backlog();

  private List<ConversationId> take(int limit, long now) {
    return backlog.take(limit, Set.of(), now);
  }

  @Test
  void conversationsAreTakenOnceInTheirOrderAndNotWhileTheyAreBusy() {
    backlog.add(List.of(TWO, ONE, TWO, THREE));
    assertThat(backlog.size()).isEqualTo(3);
    assertThat(backlog.take(2, Set.of(TWO), 0)).containsExactly(ONE, THREE);
    assertThat(take(5, 0)).containsExactly(TWO);
    assertThat(take(5, 0)).isEmpty();
  }

  @Test
  void whatFailedWaitsTwiceAsLongEachTimeAndAtMostAMinute() {
    long now = Long.MAX_VALUE - 5 * SECOND; // nanoTime may wrap
    long[] pauses = {1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60, 60};
    for (int i = 0; i < pauses.length; i++) {
      assertThat(backlog.attempt(ONE)).isEqualTo(i + 1);
      backlog.failed(ONE, now);
      assertThat(take(1, now + pauses[i] * SECOND - 1)).isEmpty();
      now += pauses[i] * SECOND;
      assertThat(take(1, now)).containsExactly(ONE);
    }
    assertThat(backlog.failing()).isEqualTo(1);
    backlog.done(ONE);
    assertThat(backlog.failing()).isZero();
    assertThat(backlog.attempt(ONE)).isEqualTo(1);
  }

  @Test
  void whatDoesNotFitIsForgottenAndSaidOnce() {
    LongStream.rangeClosed(1, Backlog.CAPACITY).forEach(id -> backlog.add(ConversationId.of(id)));
    backlog.add(ONE);
    assertThat(backlog.room()).isZero();
    assertThat(backlog.takeOverflow()).as("it was there").isFalse();
    backlog.add(ConversationId.of(Backlog.CAPACITY + 1L));
    assertThat(backlog.takeOverflow()).isTrue();
    assertThat(backlog.takeOverflow()).isFalse();
    assertThat(backlog.size()).isEqualTo(Backlog.CAPACITY);
    backlog.failed(ONE, 0);
    backlog.clear();
    assertThat(backlog.size()).isZero();
    assertThat(backlog.failing()).isZero();
  }
}
