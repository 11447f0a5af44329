package chat.engine.memory;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.MessageStore.Mark;
import chat.engine.spi.MessageStore.Writes;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What the in-memory store forgets. */
final class WriteLogTest {
  private static final ConversationId OLD = ConversationId.of(1);
  private static final ConversationId NEW = ConversationId.of(2);
  private static final UserId ADA = UserId.of("ada");

  private final AtomicReference<Instant> clock = new AtomicReference<>(Instant.EPOCH);
  private final InMemoryMessageStore store =
      new InMemoryMessageStore(clock::get, Duration.ofMinutes(10));

  private void create(ConversationId id) {
    store.conversations().createGroup(id, "group", Map.of(ADA, Role.OWNER), Instant.EPOCH);
  }

  private void pass(Duration time) {
    clock.updateAndGet(now -> now.plus(time));
  }

  @Test
  void aMarkThatIsOlderThanWhatIsRememberedIsToldSo() {
    Mark before = store.writesSince(null).mark();
    create(OLD);
    Mark after = store.writesSince(null).mark();
    pass(Duration.ofMinutes(10));
    assertThat(store.writesSince(before).complete()).isTrue();
    pass(Duration.ofMillis(1));
    create(NEW);

    Writes incomplete = store.writesSince(before);
    assertThat(incomplete.complete()).isFalse();
    assertThat(incomplete.revs()).containsOnlyKeys(NEW);
    Writes complete = store.writesSince(after);
    assertThat(complete.complete()).isTrue();
    assertThat(complete.revs()).containsOnlyKeys(NEW);
    assertThat(store.writesSince(incomplete.mark()).complete()).isTrue();
  }

  @Test
  void theTimeOfTheStoreIsThatOfItsClock() {
    pass(Duration.ofDays(1));
    assertThat(store.writesSince(null).storeTime())
        .isEqualTo(Instant.EPOCH.plus(Duration.ofDays(1)));
  }
}
