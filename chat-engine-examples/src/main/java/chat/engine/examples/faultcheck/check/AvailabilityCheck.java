package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event.Verb;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** When the faults are over, every conversation takes a send again. */
final class AvailabilityCheck implements Check {
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Long, Boolean> answered = new LinkedHashMap<>();
    Map<Long, String> last = new LinkedHashMap<>();
    for (Op op : evidence.ops(Verb.PROBE)) {
      answered.merge(op.call().conversation(), op.ok(), Boolean::logicalOr);
      last.put(
          op.call().conversation(),
          op.outcome() + " " + (op.answer() == null ? "" : op.answer().text()));
    }
    answered.forEach(
        (conversation, ok) -> {
          if (!ok) {
            violations.accept(
                new Violation(
                    0,
                    "the conversation takes no send after the faults: %s"
                        .formatted(last.get(conversation)),
                    Scope.of(conversation)));
          }
        });
  }
}
