package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.fault.FaultPlan;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What became of a seed. Immutable. */
record SeedResult(long seed, FaultPlan plan, History history, List<Violation> violations) {

  boolean passed() {
    return violations.isEmpty();
  }

  /** One line: the seed, what was done, the faults, and whether a promise was broken. */
  String line() {
    long sends =
        history.events(Event.Called.class).filter(call -> call.verb() == Verb.SEND).count();
    long failed =
        history.events(Event.Answered.class).filter(it -> it.outcome() != Outcome.OK).count();
    String faults =
        plan.steps().stream()
            .map(
                step ->
                    String.format(
                        Locale.ROOT,
                        "%s%s %.1f+%.1fs",
                        step.kind().label(),
                        step.detail().isEmpty() ? "" : " " + step.detail(),
                        step.begin().toMillis() / 1e3,
                        step.length().toMillis() / 1e3))
            .collect(Collectors.joining(", "));
    String verdict =
        passed()
            ? "ok"
            : "BROKEN: promises "
                + violations.stream()
                    .map(violation -> Integer.toString(violation.promise()))
                    .distinct()
                    .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "seed %d: %d sends, %d stored, %d told, %d calls failed [%s] %s",
        seed,
        sends,
        history.facts(Fact.Message.class).count(),
        history.events(Event.MessageTold.class).count(),
        failed,
        faults,
        verdict);
  }
}
