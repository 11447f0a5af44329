package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Membership;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.function.Consumer;

/** Promise 1: what was acknowledged is stored. */
final class DurabilityCheck implements Check {
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    for (Op op : evidence.ops(Verb.SEND)) {
      if (op.ok()) {
        send(evidence, op, violations);
      }
    }
    for (Op op : evidence.ops(Verb.ADD, Verb.REMOVE, Verb.LEAVE, Verb.BAN, Verb.SILENCE)) {
      if (op.ok()) {
        change(evidence, op, violations);
      }
    }
    for (Op op : evidence.ops(Verb.READ, Verb.RECEIVED)) {
      if (op.ok()) {
        receipt(evidence, op, violations);
      }
    }
  }

  private static void send(Evidence evidence, Op op, Consumer<Violation> violations) {
    long conversation = op.call().conversation();
    if (evidence.isExpired(conversation, op.seq())) {
      return;
    }
    Fact.Message stored = evidence.messages(conversation).get(op.seq());
    if (stored == null
        || stored.id() != op.id()
        || !Evidence.key(stored).equals(Evidence.key(op.call()))) {
      violations.accept(
          new Violation(
              1,
              "the send %s of %s was acknowledged as message %d (id %d), but stored is %s"
                  .formatted(
                      op.call().text(),
                      op.call().user(),
                      op.seq(),
                      op.id(),
                      stored == null ? "none" : stored),
              Scope.of(conversation).user(op.call().user()).seq(op.seq())));
    }
  }

  private static void change(Evidence evidence, Op op, Consumer<Violation> violations) {
    if (op.call().text().equals("-")) {
      return; // the end of a silence, which there may not have been
    }
    Fact.Kind kind =
        switch (op.call().verb()) {
          case ADD -> Fact.Kind.ADDED;
          case BAN -> Fact.Kind.BANNED;
          case SILENCE -> Fact.Kind.SILENCED;
          default -> Fact.Kind.REMOVED;
        };
    Membership membership = evidence.membership(op.call().conversation());
    for (String subject : op.call().subjects()) {
      boolean logged =
          membership.changes().stream()
              .anyMatch(change -> change.kind() == kind && change.subjects().contains(subject));
      if (!logged) {
        violations.accept(
            new Violation(
                1,
                "%s of %s was acknowledged, but the log of the group has no such change"
                    .formatted(op.call().verb(), subject),
                Scope.of(op.call().conversation()).user(subject)));
      }
    }
  }

  private static void receipt(Evidence evidence, Op op, Consumer<Violation> violations) {
    Fact.Member member = evidence.members(op.call().conversation()).get(op.call().user());
    if (member == null) {
      return; // removed since
    }
    long stored = op.call().verb() == Verb.READ ? member.readSeq() : member.receivedSeq();
    if (stored < op.call().number()) {
      violations.accept(
          new Violation(
              1,
              "%s up to %d was acknowledged to %s, but stored is %d"
                  .formatted(op.call().verb(), op.call().number(), op.call().user(), stored),
              Scope.of(op.call().conversation()).user(op.call().user())));
    }
  }
}
