package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Promise 5: after an acknowledgement every read on every node shows the message. */
final class ReadYourWritesCheck implements Check {
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    histories(evidence, violations);
    syncs(evidence, violations);
  }

  private static void histories(Evidence evidence, Consumer<Violation> violations) {
    Map<Long, Set<Long>> listed = new HashMap<>();
    evidence
        .history()
        .events(Event.MessageTold.class)
        .filter(told -> told.op() != 0)
        .forEach(
            told -> listed.computeIfAbsent(told.op(), unused -> new HashSet<>()).add(told.seq()));
    for (Op op : evidence.ops(Verb.HISTORY)) {
      if (!op.ok()) {
        continue;
      }
      Set<Long> page = listed.getOrDefault(op.call().op(), Set.of());
      boolean more = op.seq() == 1;
      long end = more ? page.stream().mapToLong(seq -> seq).max().orElse(0) : Long.MAX_VALUE;
      long hidden = evidence.mayBeHiddenUpTo(op.call().user(), op.call().conversation());
      long after = Math.max(op.call().number(), hidden);
      for (Fact.Message message :
          evidence.messages(op.call().conversation()).tailMap(after, false).values()) {
        if (message.seq() > end) {
          break;
        }
        if (evidence.knownAt(message) < op.call().at() && !page.contains(message.seq())) {
          violations.accept(
              new Violation(
                  5,
                  "message %d was known to be stored, but a later read of %s did not show it"
                      .formatted(message.seq(), op.call().user()),
                  Scope.of(op.call().conversation()).user(op.call().user()).seq(message.seq())));
          break;
        }
      }
    }
  }

  private static void syncs(Evidence evidence, Consumer<Violation> violations) {
    evidence
        .history()
        .events(Event.Position.class)
        .filter(position -> position.op() != 0)
        .forEach(
            position -> {
              Op op = evidence.op(position.op());
              Fact.Message next =
                  evidence.messages(position.conversation()).get(position.seq() + 1);
              if (op != null && next != null && evidence.knownAt(next) < op.call().at()) {
                violations.accept(
                    new Violation(
                        5,
                        "message %d was known to be stored, but a later sync of session %s ends at %d"
                            .formatted(next.seq(), position.session(), position.seq()),
                        Scope.of(position.conversation())
                            .session(position.session())
                            .seq(next.seq())));
              }
            });
  }
}
