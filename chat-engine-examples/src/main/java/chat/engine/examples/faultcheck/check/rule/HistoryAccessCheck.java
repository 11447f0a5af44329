package chat.engine.examples.faultcheck.check.rule;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Spans;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Where members read from their joining on only, no answer shows them what was sent before (promise
 * 7). (What events show {@code StreamFold} finds.) A membership counts as begun when anybody was
 * told of its beginning.
 */
public final class HistoryAccessCheck implements Check {
  private record Change(long conversation, long rev) {}

  /** A message in an answer. */
  private record Shown(long op, long conversation, long seq) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Long, List<Spans.Span>> joined = joined(evidence);
    Map<Change, Long> known = new HashMap<>();
    evidence
        .history()
        .events(Event.ChangeTold.class)
        .forEach(
            told -> known.merge(new Change(told.conversation(), told.rev()), told.at(), Math::min));
    Stream.concat(
            evidence
                .history()
                .events(Event.MessageTold.class)
                .map(told -> new Shown(told.op(), told.conversation(), told.seq())),
            evidence
                .history()
                .events(Event.VersionTold.class)
                .map(told -> new Shown(told.op(), told.conversation(), told.seq())))
        .filter(shown -> shown.op() != 0)
        .distinct()
        .forEach(
            shown -> {
              Op op = evidence.op(shown.op());
              if (op != null
                  && joined.getOrDefault(shown.conversation(), List.of()).stream()
                      .anyMatch(span -> span.contains(op))
                  && shown.seq() <= joinedSeq(evidence, shown.conversation(), op, known)) {
                violations.accept(
                    new Violation(
                        7,
                        "%s was shown message %d, from before they joined, by %s"
                            .formatted(op.call().user(), shown.seq(), op.call().verb()),
                        Scope.of(shown.conversation()).user(op.call().user()).seq(shown.seq())));
              }
            });
  }

  /** When members certainly read from their joining on only. */
  private static Map<Long, List<Spans.Span>> joined(Evidence evidence) {
    Map<Long, List<Spans.Span>> spans = new HashMap<>();
    for (Fact.Conversation conversation : evidence.conversations()) {
      List<Op> settings =
          evidence.ops(Verb.ACCESS).stream()
              .filter(op -> op.call().conversation() == conversation.conversation())
              .toList();
      spans.put(
          conversation.conversation(),
          Spans.of(
              settings.stream().filter(op -> op.call().text().equals("joined")).toList(),
              settings.stream().filter(op -> op.call().text().equals("all")).toList()));
    }
    return spans;
  }

  /** After which message the membership of the caller began, or an earlier one. */
  private static long joinedSeq(
      Evidence evidence, long conversation, Op op, Map<Change, Long> known) {
    return evidence.membership(conversation).changes().stream()
        .filter(change -> change.kind() == Fact.Kind.ADDED)
        .filter(change -> change.subjects().contains(op.call().user()))
        .filter(
            change ->
                known.getOrDefault(new Change(conversation, change.rev()), Long.MAX_VALUE)
                    < op.call().at())
        .mapToLong(Fact.Change::atSeq)
        .max()
        .orElse(0);
  }
}
