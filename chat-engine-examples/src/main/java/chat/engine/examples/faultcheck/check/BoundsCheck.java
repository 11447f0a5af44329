package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.QuietTimes;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Promise 8: queues are bounded and empty themselves, and no process of a node ends unasked (each
 * has a small heap, and ends when it is full).
 */
final class BoundsCheck implements Check {
  private static final long MOST_WAITING = 100_000;

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    evidence
        .history()
        .events(Event.Died.class)
        .forEach(
            died ->
                violations.accept(
                    new Violation(
                        8,
                        "the process of node %s ended unasked, with status %d"
                            .formatted(died.node(), died.status()),
                        Scope.EVERYTHING)));
    Map<String, Event.Measured> last = new TreeMap<>();
    evidence
        .history()
        .events(Event.Measured.class)
        .forEach(
            measured -> {
              waiting(measured, MOST_WAITING, violations);
              if (measured.at() <= evidence.settledAt()) {
                last.put(measured.node(), measured);
              }
            });
    last.values().stream()
        .filter(measured -> measured.at() > evidence.settledAt() - QuietTimes.HEALING_MICROS)
        .forEach(measured -> waiting(measured, 0, violations));
  }

  private static void waiting(Event.Measured measured, long most, Consumer<Violation> violations) {
    for (String value : measured.values()) {
      String[] parts = value.split("=", -1);
      if ((parts[0].endsWith("_backlog") || parts[0].endsWith("_pending"))
          && Long.parseLong(parts[1]) > most) {
        violations.accept(
            new Violation(
                8,
                "at %.1f s node %s has %s, where %d is the most"
                    .formatted(measured.at() / 1e6, measured.node(), value, most),
                Scope.EVERYTHING));
      }
    }
  }
}
