package chat.engine.examples.faultcheck.check;

import static chat.engine.examples.faultcheck.check.Story.ADA;
import static chat.engine.examples.faultcheck.check.Story.BOB;
import static chat.engine.examples.faultcheck.check.Story.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PinChecksTest {
  /** Ada says something, and both know that nothing is pinned. */
  private static Story talk() {
    return new Story()
        .open(ADA, "n0.1")
        .open(BOB, "n1.1")
        .sync(ADA, 0, 0)
        .pins(ADA, "-")
        .sync(BOB, 0, 0)
        .pins(BOB, "-")
        .send(ADA, "a1", 1)
        .told(BOB, 1, "ada", "a1");
  }

  private static Story acknowledged(Story story, Verb verb, long rev) {
    long op = story.call(ADA, verb, GROUP, 1, List.of(), "");
    return story.answer(op, ADA, Outcome.OK, rev, rev, false);
  }

  private static Story stored(Story story, long rev) {
    return story
        .settle()
        .stored(1, rev)
        .storedMember("ada", 0)
        .storedMember("bob", 0)
        .storedMessage(1, "ada", "a1", 0);
  }

  private static Story pinnedAndTold() {
    return acknowledged(talk(), Verb.PIN, 1).pinned(ADA, 1, 1, true).pinned(BOB, 1, 1, true);
  }

  @Test
  void aTruthfulPinPasses() {
    Story story =
        stored(pinnedAndTold(), 1)
            .storedChangeOfMessage(1, 1, Fact.Kind.PINNED)
            .fact(new Fact.Pin(GROUP, 1, 1));
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void aTruthfulEndOfAPinPasses() {
    Story story =
        acknowledged(pinnedAndTold(), Verb.UNPIN, 2)
            .pinned(ADA, 2, 1, false)
            .pinned(BOB, 2, 1, false);
    stored(story, 2)
        .storedChangeOfMessage(1, 1, Fact.Kind.PINNED)
        .storedChangeOfMessage(2, 1, Fact.Kind.UNPINNED);
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void theDeletionOfAMessageEndsItsPin() {
    Story story =
        pinnedAndTold()
            .changed(ADA, 2, 1, Fact.Kind.MESSAGE_DELETED)
            .state(ADA, 1, 2, "-", "-")
            .changed(BOB, 2, 1, Fact.Kind.MESSAGE_DELETED)
            .state(BOB, 1, 2, "-", "-");
    stored(story, 2)
        .storedChangeOfMessage(1, 1, Fact.Kind.PINNED)
        .storedChangeOfMessage(2, 1, Fact.Kind.MESSAGE_DELETED)
        .fact(new Fact.State(GROUP, 1, 2, "-", "-"));
    assertThat(story.broken()).isEmpty();
    assertThat(story.fact(new Fact.Pin(GROUP, 1, 1)).broken()).containsExactly(10);
  }

  @Test
  void anAcknowledgedPinThatIsNotInTheLogBreaksPromise1() {
    assertThat(stored(acknowledged(talk(), Verb.PIN, 1), 0).broken()).containsExactly(1);
  }

  @Test
  void aPinThatAClientNeverLearnsOfBreaksPromise10() {
    Story story = acknowledged(talk(), Verb.PIN, 1).pinned(ADA, 1, 1, true);
    stored(story, 1).storedChangeOfMessage(1, 1, Fact.Kind.PINNED).fact(new Fact.Pin(GROUP, 1, 1));
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void aListOfPinsThatLacksOneBreaksPromise10() {
    Story story = pinnedAndTold().pins(BOB, "-");
    stored(story, 1).storedChangeOfMessage(1, 1, Fact.Kind.PINNED).fact(new Fact.Pin(GROUP, 1, 1));
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void aStoredPinThatTheLogDoesNotHaveBreaksPromise10() {
    Story story = stored(talk().pins(ADA, "1").pins(BOB, "1"), 0);
    assertThat(story.fact(new Fact.Pin(GROUP, 1, 1)).broken()).containsExactly(10);
  }
}
