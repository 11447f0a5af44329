package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A conversation that was deleted is gone: for calls from the acknowledgement on (promise 1), for a
 * session once it was told (7), for all sessions soon (10), and in the store (11). The other checks
 * see nothing of such conversations, of which the store has no log any more.
 */
final class DeletionCheck {
  private DeletionCheck() {}

  static void run(Evidence evidence, Consumer<Violation> violations) {
    Set<Long> deleted = deleted(evidence.history());
    for (Op op : evidence.ops(Verb.DELETE)) {
      if (op.ok()) {
        acknowledged(evidence, op, deleted, violations);
      }
    }
    for (long conversation : deleted) {
      long due =
          evidence
              .quiet()
              .due(
                  evidence.ops(Verb.DELETE).stream()
                      .filter(op -> op.call().conversation() == conversation)
                      .mapToLong(Op::effectEnd)
                      .max()
                      .orElse(Long.MAX_VALUE));
      erased(evidence, conversation, due, violations);
      for (Sessions.View session : evidence.sessions().all()) {
        session(evidence, session, conversation, due, violations);
      }
    }
  }

  /** The conversations that the store's log says are deleted. */
  static Set<Long> deleted(History history) {
    return history
        .facts(Fact.Change.class)
        .filter(change -> change.kind() == Fact.Kind.DELETED)
        .map(Fact.Change::conversation)
        .collect(Collectors.toSet());
  }

  /** The history of all other conversations. */
  static History without(Set<Long> deleted, History history) {
    Set<Long> ops = new HashSet<>();
    List<Event> events =
        history.events().stream()
            .filter(event -> !concerns(event, deleted, ops))
            .collect(Collectors.toList());
    return new History(
        events,
        history.facts().stream().filter(fact -> !deleted.contains(fact.conversation())).toList());
  }

  private static boolean concerns(Event event, Set<Long> deleted, Set<Long> ops) {
    if (event instanceof Event.Called call) {
      return deleted.contains(call.conversation()) && ops.add(call.op());
    } else if (event instanceof Event.Answered answer) {
      return ops.contains(answer.op());
    }
    return event instanceof Event.InConversation told && deleted.contains(told.conversation());
  }

  private static void acknowledged(
      Evidence evidence, Op deletion, Set<Long> deleted, Consumer<Violation> violations) {
    long conversation = deletion.call().conversation();
    if (!deleted.contains(conversation)) {
      violations.accept(
          new Violation(
              1,
              "the deletion of the conversation was acknowledged, but it is still there",
              Scope.of(conversation)));
    }
    for (Op op :
        evidence.ops(
            Verb.SEND, Verb.PROBE, Verb.HISTORY, Verb.MEMBERS, Verb.RENAME, Verb.JOIN, Verb.PIN)) {
      if (op.ok() && op.call().conversation() == conversation && op.call().at() > deletion.end()) {
        violations.accept(
            new Violation(
                1,
                "%s of %s was answered after the deletion of the conversation was acknowledged"
                    .formatted(op.call().verb(), op.call().user()),
                Scope.of(conversation).user(op.call().user())));
      }
    }
  }

  private static void erased(
      Evidence evidence, long conversation, long due, Consumer<Violation> violations) {
    int left = evidence.messages(conversation).size();
    if (left > 0 && due <= evidence.settledAt()) {
      violations.accept(
          new Violation(
              11,
              "the conversation is deleted, but %d of its messages are still stored"
                  .formatted(left),
              Scope.of(conversation)));
    }
  }

  private static void session(
      Evidence evidence,
      Sessions.View session,
      long conversation,
      long due,
      Consumer<Violation> violations) {
    Scope scope = Scope.of(conversation).session(session.name()).user(session.user());
    boolean knows = false;
    boolean told = false;
    boolean cut = true;
    long toldBy = due;
    for (Event.OfSession event : session.events()) {
      if (event.at() > evidence.settledAt()) {
        break;
      }
      if (knows && !cut && toldBy <= event.at()) {
        break;
      }
      if (event instanceof Event.Synced sync) {
        knows = false;
        cut = false;
        toldBy = Math.max(due, evidence.quiet().due(sync.at()));
      } else if (event instanceof Event.ResyncTold) {
        cut = true;
      } else if (told && isLiveIn(event, conversation)) {
        violations.accept(
            new Violation(
                7,
                "session %s was told something of a conversation after its deletion: %s"
                    .formatted(session.name(), event),
                scope));
        return;
      } else if (event instanceof Event.Position position
          && position.conversation() == conversation) {
        knows = true;
      } else if (event instanceof Event.CreatedTold created
          && created.conversation() == conversation) {
        knows = true;
      } else if (event instanceof Event.ChangeTold change
          && change.conversation() == conversation) {
        boolean aboutMe = change.subjects().contains(session.user());
        told |= change.kind() == Fact.Kind.DELETED;
        knows |= change.kind() == Fact.Kind.ADDED && aboutMe;
        knows &= !told && !(change.kind() == Fact.Kind.REMOVED && aboutMe);
      }
    }
    if (knows && !cut && toldBy <= evidence.settledAt() && session.openAt(toldBy)) {
      violations.accept(
          new Violation(
              10,
              "session %s does not know that the conversation is deleted".formatted(session.name()),
              scope));
    }
  }

  private static boolean isLiveIn(Event event, long conversation) {
    return (event instanceof Event.MessageTold message
            && message.how() == How.LIVE
            && message.conversation() == conversation)
        || (event instanceof Event.ChangeTold change && change.conversation() == conversation)
        || (event instanceof Event.TypingTold typing && typing.conversation() == conversation)
        || (event instanceof Event.PreferencesTold told
            && told.op() == 0
            && told.conversation() == conversation)
        || (event instanceof Event.ReceiptTold receipt
            && receipt.how() == How.LIVE
            && receipt.conversation() == conversation);
  }
}
