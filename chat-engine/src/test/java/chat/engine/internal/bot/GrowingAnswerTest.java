package chat.engine.internal.bot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChangeAck;
import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.internal.runtime.Answers;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.Timers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which edits an answer makes while others are under way, fail, or are refused for good. */
@Timeout(30)
final class GrowingAnswerTest {
  private static final String WRITING = "{\"bot\":{\"answer_to\":5,\"writing\":true}}";
  private static final String DONE = "{\"bot\":{\"answer_to\":5}}";

  private final Timers timers = new Timers();
  private final PlayedChat chat = new PlayedChat();
  private final Answers answers = new Answers(1, 2, 10, own -> own);
  private final GrowingAnswer answer =
      new GrowingAnswer(
          chat.bot, chat.application, PlayedChat.ASKED, 6, timers, 100, answers::track);

  @AfterEach
  void close() {
    timers.close();
    answers.close();
  }

  private CompletableFuture<@Nullable ChangeAck> nextEdit() {
    CompletableFuture<@Nullable ChangeAck> edit = new CompletableFuture<>();
    chat.editAnswers.add(edit);
    return edit;
  }

  @Test
  void whileAnEditIsUnderWayOthersWaitAndTheLastOneSaysItAll() {
    CompletableFuture<@Nullable ChangeAck> first = nextEdit();
    assertThat(answer.append("one")).isTrue();
    answer.append(" two");
    CompletableFuture<Void> end = answer.finish();
    assertThat(answer.finish()).as("again").isSameAs(end);
    assertThat(answer.append(" three")).as("too late, and no fault").isTrue();
    answer.restart();
    assertThat(chat.calls).containsExactly("bot edits 6: one");
    assertThat(end).isNotDone();
    first.complete(null);
    await().until(end::isDone);
    assertThat(chat.calls).containsExactly("bot edits 6: one", "bot edits 6: one two");
    assertThat(chat.edits.get(0).attributes()).isEqualTo(WRITING);
    assertThat(chat.edits.get(1).attributes()).isEqualTo(DONE);
    assertThat(answer.isFinished()).isTrue();
  }

  @Test
  void anotherTextTakesThePlaceOfWhatWasSaid() {
    nextEdit();
    var unused = answer.finish("sorry");
    assertThat(chat.calls).containsExactly("bot edits 6: sorry");
    assertThat(answer.isFinished()).as("not before it is told").isFalse();
    assertThat(chat.edits.get(0).attributes()).isEqualTo(DONE);
  }

  @Test
  void aTextThatNobodyCanSeeIsShownAsNothingYetAndNotEditedIn() {
    answer.append("  \n");
    answer.append("\u200b");
    assertThat(chat.calls).isEmpty();
    assertThat(answer.finish()).isCompleted();
    assertThat(chat.calls).containsExactly("bot edits 6: …");
    assertThat(answer.isFinished()).isTrue();
  }

  @Test
  void aPieceThatDoesNotFitIsRefusedAndTheRestStays() {
    nextEdit();
    assertThat(answer.append("x".repeat(100))).isTrue();
    assertThat(answer.append("y")).isFalse();
    answer.restart();
    assertThat(answer.append("y")).isTrue();
  }

  @Test
  void anAnswerThatAnotherNodeHasEndedIsLeftAlone() {
    chat.editAnswers.add(CompletableFuture.failedFuture(ChatException.conflict("ended")));
    answer.append("one");
    assertThat(answer.isFinished()).isTrue();
    assertThat(answer.append(" two")).isTrue();
    assertThat(chat.calls).containsExactly("bot edits 6: one");
    CompletableFuture<Void> end = answer.finish();
    await().until(end::isDone);
    assertThat(end).isCompleted();
    assertThat(chat.calls).hasSize(1);
  }

  @Test
  void theAnswerOfABotThatMayNotWriteAnyMoreIsEndedByTheApplicationWithWhatIsShown() {
    chat.editAnswers.add(CompletableFuture.failedFuture(ChatException.forbidden("removed")));
    assertThat(answer.finish("never shown")).isCompleted();
    assertThat(chat.calls).containsExactly("bot edits 6: never shown", "application edits 6: …");
    assertThat(chat.edits.get(1).attributes()).isEqualTo(DONE);
    assertThat(answer.isFinished()).isTrue();
  }

  @Test
  void theLastEditThatFailsFailsTheAnswer() {
    chat.editAnswers.add(
        CompletableFuture.failedFuture(ChatException.unavailable("on purpose", null)));
    CompletableFuture<Void> end = answer.finish("text");
    assertThatThrownBy(end::join).hasRootCauseMessage("on purpose");
    assertThat(chat.calls).hasSize(1);
  }

  /** The timer that would begin the last edit does not run any more. */
  @Test
  void anAnswerThatIsFinishedWhenTheEngineHasClosedOrClosesFails() {
    GrowingAnswer other =
        new GrowingAnswer(
            chat.bot, chat.application, PlayedChat.ASKED, 6, timers, 100, answers::track);
    answer.append("one");
    other.append("one");
    timers.close();
    CompletableFuture<Void> before = answer.finish();
    assertThat(before).as("the pause after the first edit has not passed").isNotDone();
    answers.close();
    for (CompletableFuture<Void> end : List.of(before, other.finish())) {
      await().until(end::isDone);
      assertThatThrownBy(end::join)
          .extracting(fault -> ((ChatException) Errors.cause(fault)).code())
          .isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }
}
