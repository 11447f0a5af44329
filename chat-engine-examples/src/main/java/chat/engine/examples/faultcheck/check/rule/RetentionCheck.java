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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Messages that are kept for a time. Promise 1: none goes before it. Promise 11: no answer shows
 * one much later, nor when anybody was told that it has expired.
 */
public final class RetentionCheck implements Check {
  private static final long MICROS = 1_000_000;

  /** Within which what has expired is found and gone, where nothing fails. */
  private static final long SEARCH_MICROS = 8 * MICROS;

  private record Change(long conversation, long rev) {}

  private record Place(long conversation, long seq) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Change, Long> firstSeqs = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Change.class)
        .filter(change -> change.kind() == Fact.Kind.EXPIRED)
        .forEach(
            change -> firstSeqs.put(new Change(change.conversation(), change.rev()), change.seq()));
    Map<Long, List<Expiry>> told = told(evidence, firstSeqs);
    tooEarly(evidence, told, violations);
    shown(evidence, told, violations);
    tooLate(evidence, violations);
  }

  /** That messages below a seq had expired, as somebody was told. */
  private record Expiry(long at, long firstSeq) {}

  private static Map<Long, List<Expiry>> told(Evidence evidence, Map<Change, Long> firstSeqs) {
    Map<Long, List<Expiry>> told = new HashMap<>();
    evidence
        .history()
        .events(Event.ChangeTold.class)
        .filter(change -> change.kind() == Fact.Kind.EXPIRED)
        .forEach(
            change -> {
              Long first = firstSeqs.get(new Change(change.conversation(), change.rev()));
              if (first != null) {
                told.computeIfAbsent(change.conversation(), none -> new ArrayList<>())
                    .add(new Expiry(change.at(), first));
              }
            });
    return told;
  }

  private static List<Op> settings(Evidence evidence, long conversation) {
    return evidence.ops(Verb.RETAIN).stream()
        .filter(op -> op.call().conversation() == conversation)
        .toList();
  }

  private static void tooEarly(
      Evidence evidence, Map<Long, List<Expiry>> told, Consumer<Violation> violations) {
    if (hasFault(evidence, "node-clock")) {
      return;
    }
    for (Op send : evidence.ops(Verb.SEND)) {
      long conversation = send.call().conversation();
      if (!send.ok() || send.again()) {
        continue;
      }
      long shortest =
          settings(evidence, conversation).stream()
              .mapToLong(op -> op.call().number())
              .filter(seconds -> seconds > 0)
              .min()
              .orElse(Long.MAX_VALUE / MICROS);
      told.getOrDefault(conversation, List.of()).stream()
          .filter(expiry -> expiry.firstSeq() > send.seq())
          .filter(expiry -> expiry.at() < send.call().at() + (shortest - 1) * MICROS)
          .findFirst()
          .ifPresent(
              expiry ->
                  violations.accept(
                      new Violation(
                          1,
                          "message %d expired within %d ms, but is kept for %d s"
                              .formatted(
                                  send.seq(), (expiry.at() - send.call().at()) / 1_000, shortest),
                          Scope.of(conversation).seq(send.seq()))));
    }
  }

  private static void shown(
      Evidence evidence, Map<Long, List<Expiry>> told, Consumer<Violation> violations) {
    evidence
        .history()
        .events(Event.MessageTold.class)
        .filter(message -> message.op() != 0)
        .forEach(
            message -> {
              Op op = evidence.op(message.op());
              if (op != null
                  && told.getOrDefault(message.conversation(), List.of()).stream()
                      .anyMatch(
                          expiry ->
                              expiry.at() < op.call().at() && message.seq() < expiry.firstSeq())) {
                violations.accept(
                    new Violation(
                        11,
                        "%s was shown message %d, which had expired"
                            .formatted(op.call().user(), message.seq()),
                        Scope.of(message.conversation())
                            .seq(message.seq())
                            .user(op.call().user())));
              }
            });
  }

  /** An answer shows a message that was to be gone long ago. */
  private static void tooLate(Evidence evidence, Consumer<Violation> violations) {
    if (hasFault(evidence, "")) {
      return; // a node that dies while it searches keeps others from it for a minute
    }
    Map<Place, Long> known = known(evidence);
    for (Op setting : evidence.ops(Verb.RETAIN)) {
      long conversation = setting.call().conversation();
      List<Op> others =
          settings(evidence, conversation).stream().filter(op -> !op.equals(setting)).toList();
      for (Spans.Span span : Spans.of(List.of(setting), others)) {
        evidence
            .history()
            .events(Event.MessageTold.class)
            .filter(told -> told.op() != 0 && told.conversation() == conversation)
            .forEach(
                told -> {
                  Op op = evidence.op(told.op());
                  long kept = setting.call().number() * MICROS;
                  long stored = known.getOrDefault(new Place(conversation, told.seq()), 0L);
                  long due = Math.max(span.from(), stored + kept) + SEARCH_MICROS;
                  if (op != null && kept > 0 && span.contains(op) && due < op.call().at()) {
                    violations.accept(
                        new Violation(
                            11,
                            "%s was shown message %d, which was to expire by %.1f s"
                                .formatted(op.call().user(), told.seq(), due / 1e6),
                            Scope.of(conversation).seq(told.seq()).user(op.call().user())));
                  }
                });
      }
    }
  }

  /** When messages were first known to be stored, also those that are not any more. */
  private static Map<Place, Long> known(Evidence evidence) {
    Map<Place, Long> known = new HashMap<>();
    for (Op op : evidence.ops(Verb.SEND)) {
      if (op.ok()) {
        known.merge(new Place(op.call().conversation(), op.seq()), op.end(), Math::min);
      }
    }
    evidence
        .history()
        .events(Event.MessageTold.class)
        .forEach(
            told -> known.merge(new Place(told.conversation(), told.seq()), told.at(), Math::min));
    return known;
  }

  private static boolean hasFault(Evidence evidence, String name) {
    return evidence
        .history()
        .events(Event.Faulted.class)
        .anyMatch(fault -> fault.name().startsWith(name));
  }
}
