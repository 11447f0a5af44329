package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Promise 14: a bot answers each question once, with what follows from it, and to the end; what
 * asks it nothing, and what a bot says, it does not answer.
 */
final class BotCheck implements Check {
  private static final Pattern ANSWER = Pattern.compile("bot:(\\d+):(\\d+)");
  private static final String DELETED = "-";

  private record Place(long conversation, long seq) {}

  /** What has one answer at most. */
  private record Asked(String bot, Place question) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    new Run(evidence, violations).run();
  }

  /** One history. Not thread-safe. */
  private static final class Run {
    private final Evidence evidence;
    private final Consumer<Violation> violations;
    private final BotQuestions questions;
    private final Map<Place, String> contents = new HashMap<>();
    private final Map<Place, String> attributes = new HashMap<>();
    private final Map<Asked, Fact.Message> answers = new HashMap<>();

    Run(Evidence evidence, Consumer<Violation> violations) {
      this.evidence = evidence;
      this.violations = violations;
      this.questions = new BotQuestions(evidence);
      evidence
          .history()
          .facts(Fact.State.class)
          .forEach(
              state -> contents.put(new Place(state.conversation(), state.seq()), state.content()));
      evidence
          .history()
          .facts(Fact.Attributes.class)
          .forEach(fact -> attributes.put(new Place(fact.conversation(), fact.seq()), fact.text()));
    }

    void run() {
      evidence
          .history()
          .facts(Fact.Message.class)
          .filter(message -> FaultBots.isBot(message.from()))
          .filter(message -> !evidence.sends().containsKey(Evidence.key(message)))
          .forEach(this::answer);
      evidence.history().facts(Fact.Message.class).forEach(this::question);
    }

    private void answer(Fact.Message message) {
      Matcher name = ANSWER.matcher(message.clientId());
      if (!name.matches()) {
        report(message, "answers nothing: " + message);
        return;
      }
      long seq = Long.parseLong(name.group(1));
      if (evidence.isExpired(message.conversation(), seq)) {
        return;
      }
      Fact.Message question = evidence.messages(message.conversation()).get(seq);
      if (question == null || !questions.mayAsk(question, message.from())) {
        report(message, "answers %s, which asks it nothing".formatted(question));
        return;
      }
      Asked asked = new Asked(message.from(), new Place(message.conversation(), seq));
      Fact.Message before = answers.putIfAbsent(asked, message);
      if (before != null || !name.group(2).equals("0")) {
        report(message, "answers message %d again".formatted(seq));
        return;
      }
      isComplete(question, message);
    }

    private void isComplete(Fact.Message question, Fact.Message answer) {
      Place place = new Place(answer.conversation(), answer.seq());
      String content = contents.get(place);
      if (content == null || content.equals(DELETED)) {
        return;
      }
      boolean grows = answer.from().equals(FaultBots.GROWING);
      if (grows && questions.mayBeLeft(question, answer.from())) {
        return;
      }
      String expected = grows ? "{\"bot\":{\"answer_to\":%d}}".formatted(question.seq()) : null;
      if (!Objects.equals(attributes.get(place), expected)) {
        report(answer, "has the attributes %s, not %s".formatted(attributes.get(place), expected));
      }
      Set<String> texts = questions.texts(question);
      boolean isRight =
          texts == null
              ? content.startsWith(FaultBots.prefix(answer.from()))
              : texts.stream()
                  .map(text -> FaultBots.answer(answer.from(), text))
                  .anyMatch(content::equals);
      if (!isRight) {
        report(
            answer,
            "says %s in answer to message %d, which said %s"
                .formatted(content, question.seq(), texts));
      }
    }

    private void question(Fact.Message message) {
      for (String bot : FaultBots.NAMES) {
        if (questions.isDue(message, bot)
            && !answers.containsKey(
                new Asked(bot, new Place(message.conversation(), message.seq())))) {
          report(message, "asks %s and has no answer".formatted(bot));
        }
      }
    }

    private void report(Fact.Message message, String what) {
      violations.accept(
          new Violation(
              14,
              "message %d of %s %s".formatted(message.seq(), message.from(), what),
              Scope.of(message.conversation()).seq(message.seq()).user(message.from())));
    }
  }
}
