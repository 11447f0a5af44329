package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConversationChangeTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId NEW = UserId.of("lovelace");

  /** One with all parts, which none has. */
  private static ConversationChange full(UserId actor, List<UserId> subjects) {
    return ConversationChange.builder(
            ConversationId.of(1), 7, 4, ConversationChange.Kind.ADDED, actor, Instant.EPOCH)
        .subjects(subjects)
        .role(Role.ADMIN)
        .name("name")
        .attributes("{}")
        .update(GroupUpdate.of().withName("other"))
        .until(Instant.MAX)
        .pinSeq(3L)
        .firstSeq(2L)
        .retention(Duration.ofDays(1))
        .build();
  }

  @Test
  void anotherUserTakesThePlaceOfOneAndTheRestStays() {
    assertThat(full(ADA, List.of(BOB, ADA)).withUser(ADA, NEW))
        .isEqualTo(full(NEW, List.of(BOB, NEW)));
    assertThat(full(BOB, List.of()).withUser(ADA, NEW)).isEqualTo(full(BOB, List.of()));
  }
}
