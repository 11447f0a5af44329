package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Evidence.SendKey;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Promise 2: a message is stored once, however often it is sent, and every answer is that of the
 * first. With it the promise behind a definite refusal: nothing was stored.
 */
final class IdempotenceCheck implements Check {
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<SendKey, Fact.Message> first = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Message.class)
        .forEach(
            message -> {
              Fact.Message before = first.putIfAbsent(Evidence.key(message), message);
              if (before != null) {
                violations.accept(
                    new Violation(
                        2,
                        "the send %s of %s is stored twice, as messages %d and %d"
                            .formatted(
                                message.clientId(), message.from(), before.seq(), message.seq()),
                        new Scope(
                            message.conversation(),
                            java.util.Set.of(message.from()),
                            java.util.Set.of(),
                            before.seq(),
                            message.seq())));
              }
            });
    evidence
        .sends()
        .forEach(
            (key, ops) -> {
              if (!evidence.hasExpired(ops)) {
                attempts(key, ops, first.get(key), violations);
              }
            });
  }

  private static void attempts(
      SendKey key, List<Op> ops, Fact.@Nullable Message stored, Consumer<Violation> violations) {
    List<Op> acked = ops.stream().filter(Op::ok).toList();
    Scope scope = Scope.of(key.conversation()).user(key.user());
    long answers = acked.stream().map(op -> op.seq() + " " + op.id()).distinct().count();
    if (answers > 1) {
      violations.accept(
          new Violation(
              2,
              "attempts of the send %s of %s were answered differently: %s"
                  .formatted(
                      key.clientId(),
                      key.user(),
                      acked.stream().map(op -> "seq " + op.seq() + " id " + op.id()).toList()),
              scope.seq(acked.get(0).seq())));
    }
    if (acked.stream().filter(op -> !op.again()).count() > 1) {
      violations.accept(
          new Violation(
              2,
              "two attempts of the send %s of %s were both answered as the first"
                  .formatted(key.clientId(), key.user()),
              scope.seq(acked.get(0).seq())));
    }
    boolean surelyNot = ops.stream().allMatch(op -> op.outcome() == Outcome.REFUSED);
    if (surelyNot && stored != null) {
      violations.accept(
          new Violation(
              2,
              "every attempt of the send %s of %s was refused for certain, but it is stored as message %d"
                  .formatted(key.clientId(), key.user(), stored.seq()),
              scope.seq(stored.seq())));
    }
  }
}
