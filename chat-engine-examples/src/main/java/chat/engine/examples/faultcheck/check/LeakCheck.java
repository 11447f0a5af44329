package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Absence;
import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Membership;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.List;
import java.util.function.Consumer;

/**
 * Promise 7: nobody sees anything of a conversation that they are not in, and nothing that was sent
 * after a removal reaches the removed. (What comes after the news of the removal {@code StreamFold}
 * finds.)
 */
final class LeakCheck implements Check {
  /** The longest that an event can be under way: held by a fault, or in the buffers of a link. */
  private static final long UNDER_WAY_MICROS = 100_000_000;

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    List<Absence> absences = Absence.all(evidence);
    for (Sessions.View session : evidence.sessions().all()) {
      for (Event.OfSession event : session.events()) {
        if (event instanceof Event.MessageTold told && told.how() == How.LIVE) {
          message(evidence, session, told, violations);
        } else if (event instanceof Event.TypingTold typing) {
          stranger(evidence, session, typing.conversation(), "typing", violations);
          ephemeral(evidence, session, typing, absences, violations);
        } else if (event instanceof Event.ReceiptTold receipt) {
          stranger(evidence, session, receipt.conversation(), "a receipt", violations);
        } else if (event instanceof Event.ChangeTold change) {
          stranger(evidence, session, change.conversation(), "a change", violations);
        } else if (event instanceof Event.PinsTold told) {
          stranger(evidence, session, told.conversation(), "pins", violations);
        } else if (event instanceof Event.PreferencesTold told) {
          stranger(evidence, session, told.conversation(), "preferences", violations);
        } else if (event instanceof Event.Position position && position.unread() >= 0) {
          stranger(evidence, session, position.conversation(), "an answer", violations);
        }
      }
    }
    answers(evidence, absences, violations);
    storedRevs(evidence, violations);
  }

  private static void message(
      Evidence evidence,
      Sessions.View session,
      Event.MessageTold told,
      Consumer<Violation> violations) {
    Membership membership = evidence.membership(told.conversation());
    if (!membership.isMemberAt(session.user(), told.seq())) {
      violations.accept(
          new Violation(
              7,
              "session %s was told message %d, at which %s was no member"
                  .formatted(session.name(), told.seq(), session.user()),
              Scope.of(told.conversation())
                  .session(session.name())
                  .user(session.user())
                  .seq(told.seq())));
    }
  }

  private static void stranger(
      Evidence evidence,
      Sessions.View session,
      long conversation,
      String what,
      Consumer<Violation> violations) {
    if (evidence.conversation(conversation) != null
        && !evidence.membership(conversation).everyone().contains(session.user())) {
      violations.accept(
          new Violation(
              7,
              "session %s was told %s of a conversation that %s was never in"
                  .formatted(session.name(), what, session.user()),
              Scope.of(conversation).session(session.name()).user(session.user())));
    }
  }

  /** Typing is a leak if all that can have caused it began after the removal was acknowledged. */
  private static void ephemeral(
      Evidence evidence,
      Sessions.View session,
      Event.TypingTold told,
      List<Absence> absences,
      Consumer<Violation> violations) {
    if (!told.on()) {
      return;
    }
    for (Absence absence : absences) {
      if (absence.conversation() != told.conversation()
          || !absence.user().equals(session.user())
          || told.at() < absence.from()
          || told.at() > absence.to()) {
        continue;
      }
      boolean innocent =
          evidence.ops(Verb.TYPING).stream()
              .map(Op::call)
              .filter(call -> call.conversation() == told.conversation())
              .filter(call -> call.user().equals(told.user()))
              .filter(call -> call.at() <= told.at())
              .filter(call -> call.at() > told.at() - UNDER_WAY_MICROS)
              .anyMatch(call -> call.at() < absence.from());
      if (!innocent) {
        violations.accept(
            new Violation(
                7,
                "session %s was told typing of %s that began after the removal of %s"
                    .formatted(session.name(), told.user(), session.user()),
                Scope.of(told.conversation()).session(session.name()).user(session.user())));
      }
    }
  }

  private static void answers(
      Evidence evidence, List<Absence> absences, Consumer<Violation> violations) {
    for (Op op : evidence.ops(Verb.HISTORY, Verb.MEMBERS, Verb.SEND, Verb.EDITS, Verb.PIN)) {
      if (!op.ok() || op.again()) {
        continue;
      }
      for (Absence absence : absences) {
        if (absence.conversation() == op.call().conversation()
            && absence.user().equals(op.call().user())
            && absence.contains(op)) {
          violations.accept(
              new Violation(
                  7,
                  "%s of %s was answered, though %s was no member any more"
                      .formatted(op.call().verb(), op.call().user(), op.call().user()),
                  Scope.of(absence.conversation()).user(absence.user())));
        }
      }
    }
  }

  /** Where a message stores the rev of its membership, it is that of the log. */
  private static void storedRevs(Evidence evidence, Consumer<Violation> violations) {
    evidence
        .history()
        .facts(Fact.Message.class)
        .filter(message -> message.membersRev() >= 0)
        .forEach(
            message -> {
              long rev = evidence.membership(message.conversation()).revAt(message.seq());
              if (rev != message.membersRev()) {
                violations.accept(
                    new Violation(
                        7,
                        "message %d is stored with membership rev %d, but the log says %d"
                            .formatted(message.seq(), message.membersRev(), rev),
                        Scope.of(message.conversation()).seq(message.seq())));
              }
            });
  }
}
