package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Evidence.SendKey;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Promise 3: seqs are 1..n, everybody sees the same at each, and a message whose send began after
 * another was acknowledged has the higher one. Sends of one session take effect in the order made.
 */
final class OrderCheck implements Check {
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    for (Fact.Conversation conversation : evidence.conversations()) {
      noGaps(evidence, conversation, violations);
      realTime(evidence, conversation.conversation(), violations);
    }
    sameForEverybody(evidence, violations);
    callOrder(evidence, violations);
  }

  private static void noGaps(
      Evidence evidence, Fact.Conversation conversation, Consumer<Violation> violations) {
    long expected = conversation.firstSeq();
    for (long seq : evidence.messages(conversation.conversation()).keySet()) {
      if (seq != expected) {
        violations.accept(
            new Violation(
                3,
                "stored is message %d, but not %d before it".formatted(seq, expected),
                Scope.of(conversation.conversation()).seq(seq)));
        return;
      }
      expected++;
    }
    if (conversation.lastSeq() != expected - 1) {
      violations.accept(
          new Violation(
              3,
              "the conversation's last seq is %d, but its last message is %d"
                  .formatted(conversation.lastSeq(), expected - 1),
              Scope.of(conversation.conversation()).seq(expected - 1)));
    }
  }

  private static void realTime(
      Evidence evidence, long conversation, Consumer<Violation> violations) {
    long latestBegin = Long.MIN_VALUE;
    long latestSeq = 0;
    for (Fact.Message message : evidence.messages(conversation).values()) {
      List<Op> ops = evidence.sends().getOrDefault(Evidence.key(message), List.of());
      if (ops.isEmpty() || evidence.hasExpired(ops)) {
        continue;
      }
      long begin = ops.get(0).call().at();
      long acked = ops.stream().filter(Op::ok).mapToLong(Op::end).min().orElse(Long.MAX_VALUE);
      if (acked < latestBegin) {
        violations.accept(
            new Violation(
                3,
                "message %d was acknowledged before the send of message %d began"
                    .formatted(message.seq(), latestSeq),
                new Scope(conversation, Set.of(), Set.of(), latestSeq, message.seq())));
      }
      if (begin > latestBegin) {
        latestBegin = begin;
        latestSeq = message.seq();
      }
    }
  }

  private static void sameForEverybody(Evidence evidence, Consumer<Violation> violations) {
    evidence
        .history()
        .events(Event.MessageTold.class)
        .forEach(
            told -> {
              Fact.Message stored = evidence.messages(told.conversation()).get(told.seq());
              if (stored == null && evidence.isExpired(told.conversation(), told.seq())) {
                return;
              }
              if (stored == null
                  || stored.id() != told.id()
                  || !stored.from().equals(told.from())
                  || !stored.clientId().equals(told.clientId())) {
                violations.accept(
                    new Violation(
                        3,
                        "session %s was told message %d with id %d of %s, but stored is %s"
                            .formatted(
                                told.session(),
                                told.seq(),
                                told.id(),
                                told.from(),
                                stored == null ? "none" : stored),
                        Scope.of(told.conversation()).session(told.session()).seq(told.seq())));
              }
            });
  }

  private record Stream(String session, long conversation) {}

  private static void callOrder(Evidence evidence, Consumer<Violation> violations) {
    Map<Stream, Op> last = new HashMap<>();
    Set<SendKey> seen = new HashSet<>();
    for (Op op : evidence.ops(Event.Verb.SEND)) {
      boolean firstAttempt = seen.add(Evidence.key(op.call()));
      if (!firstAttempt || !op.ok() || op.again()) {
        continue;
      }
      Op before = last.put(new Stream(op.call().session(), op.call().conversation()), op);
      if (before != null && before.seq() > op.seq()) {
        violations.accept(
            new Violation(
                3,
                "session %s sent %s and then %s, but they are messages %d and %d"
                    .formatted(
                        op.call().session(),
                        before.call().text(),
                        op.call().text(),
                        before.seq(),
                        op.seq()),
                new Scope(
                    op.call().conversation(),
                    Set.of(op.call().user()),
                    Set.of(op.call().session()),
                    op.seq(),
                    before.seq())));
      }
    }
  }
}
