package chat.engine.examples.faultcheck.check;

import static chat.engine.examples.faultcheck.check.Story.ADA;
import static chat.engine.examples.faultcheck.check.Story.BOB;
import static chat.engine.examples.faultcheck.check.Story.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bob says something, goes, and is erased. */
final class ErasureChecksTest {
  private static Story erasure(Outcome outcome) {
    Story story =
        new Story()
            .open(ADA, "n0.1")
            .open(BOB, "n1.1")
            .sync(ADA, 0, 0)
            .sync(BOB, 0, 0)
            .roster(ADA, "ada", "bob")
            .send(BOB, "b1", 1)
            .told(ADA, 1, "bob", "b1")
            .state(ADA, 1, 0, "b1", "-")
            .close(BOB);
    long op = story.call("", Verb.ERASE, 0, 0, List.of("bob"), "erased-bob");
    story
        .changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob")
        .changed(ADA, 2, 1, Fact.Kind.MESSAGE_DELETED)
        .state(ADA, 1, 2, "-", "-");
    return story.answer(op, "", outcome, 0, 0, false);
  }

  private static Story stored(Story story, String content) {
    return story
        .settle()
        .stored(1, 2)
        .storedMember("ada", 0)
        .storedMessage(1, "erased-bob", "7f2c", 0)
        .storedChange(1, 1, Fact.Kind.REMOVED, "erased-bob")
        .storedChangeOfMessage(2, 1, Fact.Kind.MESSAGE_DELETED)
        .fact(new Fact.State(GROUP, 1, 2, content, "-"));
  }

  @Test
  void aTruthfulErasurePasses() {
    assertThat(stored(erasure(Outcome.OK), "-").broken()).isEmpty();
  }

  @Test
  void whoseOtherUserIsErasedReadsTheMembersAnew() {
    Story story = new Story().open(ADA, "n0.1").syncNothing(ADA).roster(ADA, "ada", "bob");
    long op = story.call("", Verb.ERASE, 0, 0, List.of("bob"), "erased-bob");
    story
        .changed(ADA, 1, 0, Fact.Kind.PEER_REPLACED, "ada", "erased-bob")
        .answer(op, "", Outcome.OK, 0, 0, false)
        .settle()
        .storedDirect(0, 1)
        .storedMember("ada", 0)
        .storedChange(1, 0, Fact.Kind.PEER_REPLACED, "ada", "erased-bob");
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void whomAnErasedUserHasAddedIsAMember() {
    Story story = new Story().open(ADA, "n0.1").sync(ADA, 0, 0).done(ADA, Verb.LEAVE, 0, "ada");
    story
        .changed(ADA, 1, 0, Fact.Kind.REMOVED, "ada")
        .done(BOB, Verb.ADD, 0, "ada")
        .changed(ADA, 2, 0, Fact.Kind.ADDED, "ada")
        .history(ADA, 0, "ada", "");
    long op = story.call("", Verb.ERASE, 0, 0, List.of("bob"), "erased-bob");
    story
        .answer(op, "", Outcome.OK, 0, 0, false)
        .settle()
        .stored(0, 2)
        .storedMember("ada", 0)
        .storedChange(1, 0, Fact.Kind.REMOVED, "ada")
        .storedChange(2, 0, Fact.Kind.ADDED, "ada");
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void anErasureThatNeverEndsIsFound() {
    assertThat(stored(erasure(Outcome.LOST), "-").broken()).containsExactly(0);
  }

  @Test
  void aTextThatIsStillStoredBreaksPromise11() {
    assertThat(stored(erasure(Outcome.OK), "b1").broken()).contains(11);
  }

  @Test
  void aNameThatIsStillStoredBreaksPromise11() {
    Story story = stored(erasure(Outcome.OK), "-");
    assertThat(story.fact(new Fact.Trace(0, "bob", "chat_pins.pinned_by", 1)).broken())
        .containsExactly(11);
  }

  @Test
  void aNameThatACallUnderWayMayHaveBroughtBackIsNoViolation() {
    Story story = new Story();
    long op = story.call(ADA, Verb.ADD, GROUP, 0, List.of("bob"), "");
    story.answer(op, ADA, Outcome.LOST, 0, 0, false);
    long erasure = story.call("", Verb.ERASE, 0, 0, List.of("bob"), "erased-bob");
    story.answer(erasure, "", Outcome.OK, 0, 0, false).settle();
    assertThat(story.fact(new Fact.Trace(0, "bob", "chat_members.user_id", 1)).broken()).isEmpty();
  }

  @Test
  void anAnswerThatNamesTheErasedBreaksPromise11() {
    Story story = erasure(Outcome.OK).history(ADA, 0, "bob", "b1", 1);
    assertThat(stored(story, "-").broken()).containsExactly(11);
  }

  @Test
  void anEventThatShowsATextMuchLaterBreaksPromise11() {
    Story story =
        erasure(Outcome.OK)
            .wait(15)
            .state(ADA, 1, 1, "b1", "-")
            .add(at -> new Event.TypingTold(at, ADA, GROUP, "ada", true));
    assertThat(stored(story, "-").broken()).containsExactly(11);
  }

  @Test
  void aClientThatNeverLearnsOfTheErasureBreaksPromise10() {
    Story story = stored(erasure(Outcome.OK), "-").stored(1, 3);
    story.storedChange(3, 1, Fact.Kind.ROLE_SET, "ada");
    assertThat(story.broken()).containsExactly(10);
  }
}
