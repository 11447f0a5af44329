package chat.engine.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.UserId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Which reactions a session is not told of, since it has the answer. */
final class OwnReactionsTest {
  private static final ConversationId TALK = ConversationId.of(1);
  private static final ConversationId OTHER = ConversationId.of(2);

  private static final ConversationId GONE = ConversationId.of(3);

  private final OwnReactions own = new OwnReactions();

  private static ConversationChange change(ConversationId conversation, long rev) {
    return ConversationChange.ofReaction(
        conversation, rev, 1, UserId.of("ada"), null, Instant.EPOCH);
  }

  @Test
  void anAcknowledgedReactionPassesOnce() {
    own.acknowledge(TALK, 4);

    assertThat(own.pass(change(TALK, 3))).isFalse();
    assertThat(own.pass(change(OTHER, 4))).isFalse();
    assertThat(own.pass(change(TALK, 4))).isTrue();
    assertThat(own.isEmpty()).isTrue();
    assertThat(own.pass(change(TALK, 4))).isFalse();
  }

  @Test
  void whatTheCursorsCoverIsForgotten() {
    own.acknowledge(TALK, 4);
    own.acknowledge(TALK, 5);
    own.acknowledge(OTHER, 9);
    own.acknowledge(GONE, 1);
    Cursors cursors = new Cursors();
    cursors.put(TALK, 1, 4);
    cursors.put(OTHER, 1, 9);

    own.forgetCovered(cursors);

    assertThat(own.pass(change(TALK, 4))).isFalse();
    assertThat(own.pass(change(OTHER, 9))).isFalse();
    assertThat(own.pass(change(GONE, 1))).isFalse();
    assertThat(own.pass(change(TALK, 5))).isTrue();
  }
}
