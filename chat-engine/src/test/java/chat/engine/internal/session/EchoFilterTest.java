package chat.engine.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import org.junit.jupiter.api.Test;

final class EchoFilterTest {
  private static final ConversationId TALK = ConversationId.of(1);
  private static final ClientMessageId ID = ClientMessageId.of("mine");

  private final EchoFilter sends = new EchoFilter();

  private boolean pass(long seq) {
    return sends.pass(SessionTest.message(TALK, seq, SessionTest.ADA, ID));
  }

  @Test
  void aMessageThatNobodySentHereDoesNotPass() {
    assertThat(pass(1)).isFalse();
  }

  @Test
  void anAnswerAndThenTheMessageLeaveNothingBehind() {
    sends.begin(TALK, ID);
    sends.acknowledge(TALK, ID, 7, true);
    assertThat(sends.isEmpty()).isFalse();
    assertThat(pass(7)).isTrue();
    assertThat(sends.isEmpty()).isTrue();
  }

  @Test
  void theMessageAndThenAnAnswerLeaveNothingBehind() {
    sends.begin(TALK, ID);
    assertThat(pass(7)).isTrue();
    assertThat(sends.isEmpty()).isFalse();
    sends.acknowledge(TALK, ID, 7, true);
    assertThat(sends.isEmpty()).isTrue();
  }

  @Test
  void aMessageThatTheFeedWillNotBringIsNotWaitedFor() {
    sends.begin(TALK, ID);
    sends.acknowledge(TALK, ID, 7, false);
    assertThat(sends.isEmpty()).isTrue();
  }

  @Test
  void aRefusedSendWhoseMessagePassedWasNotToldToAnybody() {
    sends.begin(TALK, ID);
    pass(7);
    assertThat(sends.fail(TALK, ID)).isTrue();
    assertThat(sends.isEmpty()).isTrue();
  }

  @Test
  void aRefusedSendIsForgottenSoThatItsMessageIsAnEvent() {
    sends.begin(TALK, ID);
    assertThat(sends.fail(TALK, ID)).isFalse();
    assertThat(pass(7)).isFalse();
  }

  @Test
  void aRefusedRepetitionLeavesTheAnswerToTheFirstAttempt() {
    sends.begin(TALK, ID);
    sends.begin(TALK, ID);
    assertThat(sends.fail(TALK, ID)).isFalse();
    assertThat(pass(7)).isTrue();
    sends.acknowledge(TALK, ID, 7, true);
    assertThat(sends.isEmpty()).isTrue();
  }

  @Test
  void aRepetitionThatIsRefusedAfterTheAnswerChangesNothing() {
    sends.begin(TALK, ID);
    sends.begin(TALK, ID);
    sends.acknowledge(TALK, ID, 7, true);
    assertThat(sends.fail(TALK, ID)).isFalse();
    assertThat(pass(7)).isTrue();
    assertThat(sends.isEmpty()).isTrue();
  }

  @Test
  void onlyTheLastAttemptToFailTellsThatTheMessagePassed() {
    sends.begin(TALK, ID);
    sends.begin(TALK, ID);
    pass(7);
    assertThat(sends.fail(TALK, ID)).isFalse();
    assertThat(sends.fail(TALK, ID)).isTrue();
  }

  @Test
  void cursorsCoverWhatWasAcknowledgedAndNothingThatIsUnderWay() {
    ClientMessageId underWay = ClientMessageId.of("under way");
    sends.begin(TALK, ID);
    sends.acknowledge(TALK, ID, 7, true);
    sends.begin(TALK, underWay);
    Cursors cursors = new Cursors();
    cursors.put(TALK, 6, 0);
    sends.forgetCovered(cursors);
    assertThat(pass(7)).isTrue();
    sends.begin(TALK, ID);
    sends.acknowledge(TALK, ID, 7, true);
    cursors.advance(TALK, 7);
    sends.forgetCovered(cursors);
    assertThat(pass(7)).isFalse();
    assertThat(sends.isEmpty()).isFalse();
  }
}
