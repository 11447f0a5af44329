package chat.engine.examples.faultcheck.check.outside;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** All that is promised to the world outside, and that no acknowledged message is lost. */
public final class OutsideChecks {
  private static final List<Check> ALL =
      List.of(OutsideChecks::durability, new WebhookCheck(), new ProviderCheck());

  private OutsideChecks() {}

  /** What the history breaks; empty if it keeps all promises. */
  public static List<Violation> run(History history) {
    List<Violation> found = new ArrayList<>();
    Evidence evidence = new Evidence(history);
    ALL.forEach(check -> check.run(evidence, found::add));
    return found;
  }

  private static void durability(Evidence evidence, Consumer<Violation> violations) {
    for (Op op : evidence.ops(Verb.SEND)) {
      if (op.outcome() != Outcome.OK || op.answer() == null) {
        continue;
      }
      long conversation = op.call().conversation();
      long seq = op.answer().number();
      Fact.Message stored = evidence.messages(conversation).get(seq);
      if (stored == null || !stored.clientId().equals(op.call().text())) {
        violations.accept(
            new Violation(
                1,
                "%s was acknowledged as message %d, which is %s"
                    .formatted(op.call().text(), seq, stored),
                Scope.of(conversation).seq(seq).user(op.call().user())));
      }
    }
  }
}
