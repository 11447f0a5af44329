package chat.engine.examples.faultcheck.check.outside;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Promise 16: each question to a bot has one answer, with exactly what its provider said; or, after
 * three attempts, the one sentence, unless the provider had answered and no fault of a node can
 * have lost that. Nobody is asked what was not asked, and all calls are signed.
 */
final class ProviderCheck implements Check {
  private static final int PROMISE = 16;
  private static final int ATTEMPTS = 3;
  private static final String NODE_FAULT = "node-";

  /** A lease and the time to look for another one, beyond the fault itself. */
  private static final long AFTERMATH_MICROS = 10_000_000;

  private record Place(long conversation, long seq) {}

  private record Question(String bot, String clientId) {}

  private record Span(long from, long to) {
    boolean overlaps(long begin, long end) {
      return from <= end && begin <= to;
    }
  }

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    new Run(evidence, violations).run();
  }

  /** One history. Not thread-safe. */
  private static final class Run {
    private final Evidence evidence;
    private final Consumer<Violation> violations;
    private final Map<Place, String> contents = new HashMap<>();
    private final Map<Place, String> attributes = new HashMap<>();
    private final Map<Place, List<String>> mentions = new HashMap<>();
    private final Map<Question, List<Event.Asked>> asked = new HashMap<>();
    private final List<Span> nodeFaults = new ArrayList<>();
    private final Set<Fact.Message> answers = new HashSet<>();

    Run(Evidence evidence, Consumer<Violation> violations) {
      this.evidence = evidence;
      this.violations = violations;
      var history = evidence.history();
      history
          .facts(Fact.State.class)
          .forEach(
              fact -> contents.put(new Place(fact.conversation(), fact.seq()), fact.content()));
      history
          .facts(Fact.Attributes.class)
          .forEach(fact -> attributes.put(new Place(fact.conversation(), fact.seq()), fact.text()));
      history
          .facts(Fact.Mentions.class)
          .forEach(fact -> mentions.put(new Place(fact.conversation(), fact.seq()), fact.users()));
      history
          .events(Event.Asked.class)
          .forEach(
              ask ->
                  asked
                      .computeIfAbsent(
                          new Question(ask.bot(), ask.question()), none -> new ArrayList<>())
                      .add(ask));
      Map<String, Long> begun = new HashMap<>();
      history
          .events(Event.Faulted.class)
          .filter(fault -> fault.name().startsWith(NODE_FAULT))
          .forEach(
              fault -> {
                String key = fault.name() + fault.detail();
                if (fault.begins()) {
                  begun.put(key, fault.at());
                } else {
                  long from = Objects.requireNonNullElse(begun.remove(key), 0L);
                  nodeFaults.add(new Span(from, fault.at() + AFTERMATH_MICROS));
                }
              });
      begun.values().forEach(from -> nodeFaults.add(new Span(from, Long.MAX_VALUE)));
    }

    void run() {
      List<Fact.Message> messages = evidence.history().facts(Fact.Message.class).toList();
      for (Fact.Message message : messages) {
        if (!isBot(message)) {
          asksBy(message).forEach(bot -> question(message, bot));
        }
      }
      messages.stream()
          .filter(Run::isBot)
          .filter(message -> !answers.contains(message))
          .forEach(message -> report(message, message.from(), "answers nothing: " + message));
    }

    private static boolean isBot(Fact.Message message) {
      return OutsideNames.BOTS.contains(message.from());
    }

    private List<String> asksBy(Fact.Message message) {
      Fact.Conversation conversation =
          Objects.requireNonNull(evidence.conversation(message.conversation()));
      List<String> mentioned =
          mentions.getOrDefault(new Place(message.conversation(), message.seq()), List.of());
      return OutsideNames.BOTS.stream()
          .filter(
              bot ->
                  conversation.group()
                      ? mentioned.contains(bot)
                      : evidence.members(message.conversation()).containsKey(bot))
          .toList();
    }

    private void question(Fact.Message question, String bot) {
      List<Fact.Message> found =
          evidence.messages(question.conversation()).values().stream()
              .filter(message -> message.from().equals(bot))
              .filter(message -> message.clientId().matches("bot:" + question.seq() + ":\\d+"))
              .toList();
      answers.addAll(found);
      List<Event.Asked> calls =
          asked.getOrDefault(new Question(bot, question.clientId()), List.of());
      for (Event.Asked call : calls) {
        if (!call.signed()) {
          report(question, bot, "was asked of %s with a wrong signature".formatted(bot));
        } else if (call.attempt() > ATTEMPTS) {
          report(question, bot, "was asked of %s as attempt %d".formatted(bot, call.attempt()));
        }
      }
      if (found.size() != 1) {
        report(question, bot, "has %d answers of %s".formatted(found.size(), bot));
      } else {
        answer(question, bot, found.get(0), calls);
      }
    }

    private void answer(
        Fact.Message question, String bot, Fact.Message answer, List<Event.Asked> calls) {
      Place place = new Place(answer.conversation(), answer.seq());
      String text = contents.get(place);
      String expected =
          bot.equals(OutsideNames.HELPER)
              ? "{\"bot\":{\"answer_to\":%d}}".formatted(question.seq())
              : null;
      if (!Objects.equals(attributes.get(place), expected)) {
        report(question, bot, "has an answer with " + attributes.get(place));
      } else if (OutsideNames.SENTENCE.equals(text)) {
        sentence(question, bot, calls);
      } else if (!OutsideNames.answer(bot, question.clientId()).equals(text)) {
        report(question, bot, "is answered by %s with: %s".formatted(bot, text));
      } else if (calls.isEmpty()) {
        report(question, bot, "is answered by %s, which nobody has asked".formatted(bot));
      }
    }

    private void sentence(Fact.Message question, String bot, List<Event.Asked> calls) {
      if (calls.size() < ATTEMPTS) {
        report(question, bot, "was given up by %s after %d attempts".formatted(bot, calls.size()));
      } else if (calls.stream().anyMatch(call -> call.answered() && !mayBeLost(call))) {
        report(question, bot, "was given up by %s, which had answered".formatted(bot));
      }
    }

    private boolean mayBeLost(Event.Asked call) {
      return nodeFaults.stream().anyMatch(fault -> fault.overlaps(call.since(), call.at()));
    }

    private void report(Fact.Message message, String bot, String what) {
      violations.accept(
          new Violation(
              PROMISE,
              "message %d of %s %s".formatted(message.seq(), message.from(), what),
              Scope.of(message.conversation()).seq(message.seq()).user(bot)));
    }
  }
}
