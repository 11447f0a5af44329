package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Promise 9: ids are unique, and no two live nodes use one machine id. That a node lost its lease
 * and another took it over is allowed, so only use by one, another, and the first again within the
 * life of a lease counts.
 */
final class IdCheck implements Check {
  private static final long LEASE_MICROS = 30_000_000;
  private static final long MACHINE_BITS = 0xffff;

  private record Use(String node, long begin, long end, Op op) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Long, Fact> owners = new HashMap<>();
    for (Fact fact : evidence.history().facts()) {
      long id = 0;
      if (fact instanceof Fact.Message message) {
        id = message.id();
      } else if (fact instanceof Fact.Conversation conversation) {
        id = conversation.conversation();
      }
      Fact before = id == 0 ? null : owners.put(id, fact);
      if (before != null) {
        violations.accept(
            new Violation(
                9, "%s and %s have one id".formatted(before, fact), Scope.of(fact.conversation())));
      }
    }
    machines(evidence, violations);
  }

  private static void machines(Evidence evidence, Consumer<Violation> violations) {
    Map<Long, List<Use>> uses = new HashMap<>();
    for (Op op : evidence.ops(Verb.SEND)) {
      Sessions.View session = evidence.sessions().find(op.call().session());
      if (op.ok() && !op.again() && session != null) {
        uses.computeIfAbsent(op.id() & MACHINE_BITS, unused -> new ArrayList<>())
            .add(new Use(session.node(), op.call().at(), op.end(), op));
      }
    }
    uses.forEach((machine, used) -> shared(machine, used, violations));
  }

  private static void shared(long machine, List<Use> uses, Consumer<Violation> violations) {
    Map<String, Use> last = new HashMap<>();
    for (Use use : uses) {
      Use earlier = last.get(use.node());
      if (earlier != null && use.begin() - earlier.end() < LEASE_MICROS) {
        for (Use other : uses) {
          if (!other.node().equals(use.node())
              && other.begin() > earlier.end()
              && other.end() < use.begin()) {
            violations.accept(
                new Violation(
                    9,
                    "nodes %s and %s used machine id %d at the same time"
                        .formatted(use.node(), other.node(), machine),
                    Scope.of(other.op().call().conversation()).seq(other.op().seq())));
            return;
          }
        }
      }
      last.put(use.node(), use);
    }
  }
}
