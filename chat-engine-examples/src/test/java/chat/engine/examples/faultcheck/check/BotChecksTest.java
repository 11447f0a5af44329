package chat.engine.examples.faultcheck.check;

import static chat.engine.examples.faultcheck.check.Story.ADA;
import static chat.engine.examples.faultcheck.check.Story.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ada asks with message 1. */
final class BotChecksTest {
  private static final String ECHO = FaultBots.ECHO;
  private static final String GROWING = FaultBots.GROWING;
  private static final String FINISHED = "{\"bot\":{\"answer_to\":1}}";

  private static Story asked(String bot) {
    return new Story()
        .open(ADA, "n0.1")
        .sync(ADA, 0, 0)
        .send(ADA, "a1", 1)
        .close(ADA)
        .settle()
        .stored(2, 0)
        .storedMember("ada", 0)
        .storedMember(ECHO, 0)
        .storedMember(GROWING, 0)
        .storedMessage(1, "ada", "a1", 0)
        .fact(new Fact.State(GROUP, 1, 0, "a1", "-"))
        .fact(new Fact.Mentions(GROUP, 1, List.of(bot)));
  }

  private static Story answered(Story story, String bot, long seq, String clientId, String text) {
    return story
        .storedMessage(seq, bot, clientId, 0)
        .fact(new Fact.State(GROUP, seq, 0, text, "-"));
  }

  private static Story attributes(Story story, String text) {
    return story.fact(new Fact.Attributes(GROUP, 2, text));
  }

  @Test
  void oneAnswerPasses() {
    assertThat(answered(asked(ECHO), ECHO, 2, "bot:1:0", "re:a1").broken()).isEmpty();
    assertThat(
            attributes(answered(asked(GROWING), GROWING, 2, "bot:1:0", "grown:a1"), FINISHED)
                .broken())
        .isEmpty();
  }

  @Test
  void inADirectConversationEachMessageAsks() {
    Story story =
        new Story()
            .open(ADA, "n0.1")
            .send(ADA, "a1", 1)
            .storedDirect(1, 0)
            .storedMember("ada", 0)
            .storedMember(ECHO, 0)
            .storedMessage(1, "ada", "a1", 0)
            .fact(new Fact.State(GROUP, 1, 0, "a1", "-"));
    assertThat(story.broken()).containsExactly(14);
    assertThat(answered(story, ECHO, 2, "bot:1:0", "re:a1").storedDirect(2, 0).broken()).isEmpty();
  }

  @Test
  void anAnswerThatWasUnderWayReachesTheUserAfterABlock() {
    Story story =
        new Story()
            .open(ADA, "n0.1")
            .sync(ADA, 0, 0)
            .send(ADA, "a1", 1)
            .done(ADA, Verb.BLOCK, 0, ECHO)
            .told(ADA, 2, ECHO, "bot:1:0")
            .settle()
            .storedDirect(2, 0)
            .storedMember("ada", 0)
            .storedMember(ECHO, 0)
            .storedMessage(1, "ada", "a1", 0)
            .fact(new Fact.State(GROUP, 1, 0, "a1", "-"));
    assertThat(answered(story, ECHO, 2, "bot:1:0", "re:a1").broken()).doesNotContain(7);
  }

  @Test
  void aQuestionWithoutAnAnswerBreaksPromise14() {
    assertThat(asked(ECHO).stored(1, 0).broken()).containsExactly(14);
  }

  @Test
  void aQuestionMayBeWithoutAnAnswerIfItsBotWasRemoved() {
    assertThat(asked(ECHO).stored(1, 1).storedChange(1, 1, Fact.Kind.REMOVED, ECHO).broken())
        .isEmpty();
  }

  @Test
  void aQuestionMayBeWithoutAnAnswerInSlowMode() {
    Story slow =
        asked(ECHO)
            .stored(1, 1)
            .storedChange(1, 0, Fact.Kind.UPDATED)
            .fact(new Fact.Setting(GROUP, 1, 2, "-"));
    assertThat(slow.broken()).doesNotContain(14);
  }

  @Test
  void aSecondAnswerBreaksPromise14() {
    Story twice = answered(asked(ECHO), ECHO, 2, "bot:1:0", "re:a1").stored(3, 0);
    assertThat(answered(twice, ECHO, 3, "bot:1:1", "re:a1").broken()).containsExactly(14);
  }

  @Test
  void aWrongAnswerBreaksPromise14() {
    assertThat(answered(asked(ECHO), ECHO, 2, "bot:1:0", "re:a2").broken()).containsExactly(14);
  }

  @Test
  void theAnswerFollowsFromWhatTheQuestionSaidBeforeAnEdit() {
    Story story = asked(ECHO);
    long op = story.call(ADA, Verb.EDIT, GROUP, 1, List.of(), "a1b");
    story.answer(op, ADA, Outcome.IN_DOUBT, 0, 0, false);
    assertThat(answered(story, ECHO, 2, "bot:1:0", "re:a1b").broken()).isEmpty();
  }

  @Test
  void anAnswerThatStaysUnfinishedBreaksPromise14() {
    Story story = answered(asked(GROWING), GROWING, 2, "bot:1:0", "grown:a1");
    assertThat(attributes(story, "{\"bot\":{\"answer_to\":1,\"writing\":true}}").broken())
        .containsExactly(14);
  }

  @Test
  void anAnswerThatNobodyAskedForBreaksPromise14() {
    Story story = asked(ECHO);
    answered(story, ECHO, 2, "bot:1:0", "re:a1").stored(3, 0);
    attributes(story, FINISHED);
    assertThat(answered(story, GROWING, 3, "bot:1:0", "grown:a1").broken()).contains(14);
    assertThat(answered(asked(ECHO).stored(3, 0), ECHO, 2, "hello", "hello").broken()).contains(14);
  }

  @Test
  void anAnswerToABotBreaksPromise14() {
    Story story = answered(asked(ECHO), ECHO, 2, "bot:1:0", "re:a1").stored(3, 0);
    story.fact(new Fact.Mentions(GROUP, 2, List.of(GROWING)));
    answered(story, GROWING, 3, "bot:2:0", "grown:re:a1");
    assertThat(story.fact(new Fact.Attributes(GROUP, 3, "{\"bot\":{\"answer_to\":2}}")).broken())
        .containsExactly(14);
  }
}
