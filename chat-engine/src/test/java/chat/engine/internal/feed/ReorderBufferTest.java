package chat.engine.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.session.LocalSessions;
import chat.engine.spi.StoredMessage;
import org.junit.jupiter.api.Test;

final class ReorderBufferTest {
  private static final int WEIGHT = MessageWeight.of(stored(10).message());
  private final ReorderBuffer.Budget budget = new ReorderBuffer.Budget(10L * WEIGHT);
  private final ReorderBuffer buffer = new ReorderBuffer(budget);

  private static StoredMessage stored(long seq) {
    return new StoredMessage(LocalSessions.message(ConversationId.of(1), seq, UserId.of("ada")), 0);
  }

  @Test
  void whatIsKeptIsFoundAndItsBytesAreCountedOnce() {
    assertThat(buffer.isEmpty()).isTrue();
    buffer.add(stored(11));
    buffer.add(stored(11));
    buffer.put(stored(11));
    assertThat(buffer.get(11)).isEqualTo(stored(11));
    assertThat(buffer.get(12)).isNull();
    assertThat(buffer.size()).isEqualTo(1);
    assertThat(budget.left()).isEqualTo(9L * WEIGHT);
    buffer.dropUpTo(11);
    assertThat(buffer.isEmpty()).isTrue();
    assertThat(budget.left()).isEqualTo(10L * WEIGHT);
  }

  @Test
  void whatIsDeliveredIsDropped() {
    for (long seq = 11; seq <= 15; seq++) {
      buffer.add(stored(seq));
    }
    buffer.dropUpTo(13);
    assertThat(buffer.get(13)).isNull();
    assertThat(buffer.get(14)).isNotNull();
    assertThat(buffer.size()).isEqualTo(2);
    assertThat(budget.left()).isEqualTo(8L * WEIGHT);
  }

  @Test
  void whenTheBudgetIsSpentTheHighestGoFirst() {
    for (long seq = 31; seq <= 45; seq++) {
      buffer.add(stored(seq));
    }
    assertThat(buffer.size()).isEqualTo(10);
    assertThat(buffer.get(40)).isNotNull();
    assertThat(buffer.get(41)).isNull();
    buffer.add(stored(20));
    assertThat(buffer.get(20)).isNotNull();
    assertThat(buffer.get(40)).as("gave way").isNull();
    assertThat(buffer.get(39)).isNotNull();
    assertThat(budget.left()).isZero();
  }

  @Test
  void anotherBufferMayHaveSpentTheBudget() {
    ReorderBuffer other = new ReorderBuffer(budget);
    for (long seq = 11; seq <= 20; seq++) {
      other.add(stored(seq));
    }
    buffer.add(stored(11));
    assertThat(buffer.isEmpty()).isTrue();
    other.dropUpTo(20);
    buffer.add(stored(11));
    assertThat(buffer.isEmpty()).isFalse();
  }

  @Test
  void thereIsABoundOfMessagesThatAPageMayExceed() {
    ReorderBuffer large = new ReorderBuffer(new ReorderBuffer.Budget());
    for (long seq = 2; seq <= 2_000; seq++) {
      large.add(stored(seq));
    }
    assertThat(large.size()).isEqualTo(1_024);
    large.add(stored(1));
    assertThat(large.size()).isEqualTo(1_024);
    assertThat(large.get(1_025)).isNull();
    for (long seq = 3_000; seq < 3_010; seq++) {
      large.put(stored(seq));
    }
    assertThat(large.size()).isEqualTo(1_034);
  }
}
