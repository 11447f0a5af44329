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
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Bans, silences and blocks hold from their acknowledgement on (promise 7): who is banned is not
 * added and does not join, who is silenced does not write, and in a direct conversation with a
 * block nobody does. (What reaches the banned {@code LeakCheck} finds.)
 */
public final class RestrictionCheck implements Check {
  /** With which a send can be refused to one who may not write. */
  private static final Set<String> REFUSALS =
      Set.of("FORBIDDEN", "UNAVAILABLE", "BUSY", "RATE_LIMITED", "BAD_REQUEST");

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    for (Op ban : evidence.ops(Verb.BAN)) {
      ban(evidence, ban, violations);
    }
    for (Op silence : evidence.ops(Verb.SILENCE)) {
      if (!ends(silence)) {
        silence(evidence, silence, violations);
      }
    }
    for (Op block : evidence.ops(Verb.BLOCK)) {
      block(evidence, block, violations);
    }
    stored(evidence, violations);
  }

  private static boolean ends(Op silence) {
    return silence.call().text().equals("-");
  }

  private static List<Op> about(Evidence evidence, Op first, Verb... verbs) {
    String user = first.call().subjects().get(0);
    return evidence.ops(verbs).stream()
        .filter(op -> op.call().conversation() == first.call().conversation())
        .filter(op -> op.call().subjects().contains(user))
        .toList();
  }

  private static void ban(Evidence evidence, Op ban, Consumer<Violation> violations) {
    String user = ban.call().subjects().get(0);
    for (Spans.Span span : Spans.of(List.of(ban), about(evidence, ban, Verb.UNBAN))) {
      for (Op addition : about(evidence, ban, Verb.ADD, Verb.JOIN)) {
        if (addition.ok() && span.contains(addition)) {
          report(ban, user, "came in by " + addition.call().verb(), violations);
        }
      }
    }
  }

  private static void silence(Evidence evidence, Op silence, Consumer<Violation> violations) {
    String user = silence.call().subjects().get(0);
    List<Op> ends =
        about(
                evidence,
                silence,
                Verb.SILENCE,
                Verb.REMOVE,
                Verb.LEAVE,
                Verb.BAN,
                Verb.ADD,
                Verb.JOIN)
            .stream()
            .filter(op -> op.call().verb() != Verb.SILENCE || ends(op))
            .toList();
    for (Spans.Span span : Spans.of(List.of(silence), ends)) {
      writes(evidence, silence, Set.of(user), span, violations);
    }
  }

  private static void block(Evidence evidence, Op block, Consumer<Violation> violations) {
    String blocker = block.call().user();
    String blocked = block.call().subjects().get(0);
    List<Op> ends =
        about(evidence, block, Verb.UNBLOCK).stream()
            .filter(op -> op.call().user().equals(blocker))
            .toList();
    for (Spans.Span span : Spans.of(List.of(block), ends)) {
      writes(evidence, block, Set.of(blocker, blocked), span, violations);
      for (Op refused : sends(evidence, block, Set.of(blocker, blocked))) {
        String why = refused.answer() == null ? "" : refused.answer().text().split(" ", 2)[0];
        boolean isForward = !refused.call().subjects().isEmpty(); // of what may not be there
        if (span.contains(refused) && !isForward && !why.isEmpty() && !REFUSALS.contains(why)) {
          report(block, refused.call().user(), "was refused with " + why, violations);
        }
      }
      told(evidence, block, blocker, span, violations);
      told(evidence, block, blocked, span, violations);
    }
  }

  private static List<Op> sends(Evidence evidence, Op restriction, Set<String> users) {
    return evidence.ops(Verb.SEND, Verb.EDIT).stream()
        .filter(op -> op.call().conversation() == restriction.call().conversation())
        .filter(op -> users.contains(op.call().user()))
        .toList();
  }

  private static void writes(
      Evidence evidence,
      Op restriction,
      Set<String> users,
      Spans.Span span,
      Consumer<Violation> violations) {
    for (Op write : sends(evidence, restriction, users)) {
      if (write.ok() && !write.again() && span.contains(write)) {
        report(
            restriction,
            write.call().user(),
            "could still " + write.call().verb() + " " + write.call().text(),
            violations);
      }
    }
  }

  /** A message of which all attempts began after the block must not come before its end. */
  private static void told(
      Evidence evidence, Op block, String user, Spans.Span span, Consumer<Violation> violations) {
    evidence.sessions().all().stream()
        .filter(session -> session.user().equals(user))
        .flatMap(session -> session.events().stream())
        .filter(Event.MessageTold.class::isInstance)
        .map(Event.MessageTold.class::cast)
        .filter(told -> told.conversation() == block.call().conversation())
        .filter(told -> span.from() < told.at() && told.at() < span.to())
        .forEach(
            told -> {
              Fact.Message message = evidence.messages(told.conversation()).get(told.seq());
              List<Op> attempts = // none of a bot, and nobody knows when it began
                  message == null
                      ? List.of()
                      : evidence.sends().getOrDefault(Evidence.key(message), List.of());
              if (message != null
                  && !message.from().equals(user)
                  && !attempts.isEmpty()
                  && attempts.stream().allMatch(op -> op.call().at() > span.from())) {
                report(block, user, "was told message " + message.seq() + " after it", violations);
              }
            });
  }

  /** Nobody is a member and banned. */
  private static void stored(Evidence evidence, Consumer<Violation> violations) {
    evidence
        .history()
        .facts(Fact.Ban.class)
        .filter(ban -> evidence.members(ban.conversation()).containsKey(ban.user()))
        .forEach(
            ban ->
                violations.accept(
                    new Violation(
                        7,
                        "%s is stored as banned and as a member".formatted(ban.user()),
                        Scope.of(ban.conversation()).user(ban.user()))));
  }

  private static void report(
      Op restriction, String user, String what, Consumer<Violation> violations) {
    violations.accept(
        new Violation(
            7,
            "after %s of %s was acknowledged, %s %s"
                .formatted(
                    restriction.call().verb(), restriction.call().subjects().get(0), user, what),
            Scope.of(restriction.call().conversation()).user(user)));
  }
}
