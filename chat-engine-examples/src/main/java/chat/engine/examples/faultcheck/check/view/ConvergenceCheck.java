package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.check.view.StreamFold.Stand;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Promise 10: when the writes have stopped, what every connected client knows of its conversations,
 * their names and members, and of receipts, equals what is stored.
 */
public final class ConvergenceCheck implements Check {
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    for (Sessions.View session : evidence.sessions().all()) {
      if (session.openAt(evidence.settledAt())) {
        session(evidence, session, violations);
      }
    }
  }

  private static void session(
      Evidence evidence, Sessions.View session, Consumer<Violation> violations) {
    StreamFold fold = new StreamFold(evidence, session, ignored -> {});
    RosterFold rosters = new RosterFold(session.user());
    for (Event.OfSession event : session.events()) {
      if (event.at() <= evidence.settledAt()) {
        fold.apply(event);
        rosters.apply(event);
      }
    }
    if (fold.isCut() || evidence.quiet().due(fold.syncedAt()) > evidence.settledAt()) {
      return;
    }
    for (Fact.Conversation stored : evidence.conversations()) {
      conversation(evidence, session, stored, fold.stands().get(stored.conversation()), violations);
      rosters(evidence, session, stored, rosters, violations);
    }
  }

  private static void conversation(
      Evidence evidence,
      Sessions.View session,
      Fact.Conversation stored,
      @Nullable Stand stand,
      Consumer<Violation> violations) {
    long id = stored.conversation();
    boolean member = evidence.members(id).containsKey(session.user());
    Scope scope = Scope.of(id).session(session.name()).user(session.user());
    if (!member && stand != null) {
      violations.accept(
          new Violation(
              10,
              "session %s does not know that %s is no member any more"
                  .formatted(session.name(), session.user()),
              scope));
    } else if (member && stand == null) {
      if (stored.group() || stored.lastSeq() > 0) {
        violations.accept(
            new Violation(
                10,
                "session %s does not know that %s is a member"
                    .formatted(session.name(), session.user()),
                scope));
      }
    } else if (member && stored.group() && stand != null) {
      if (!evidence.mayFollow(session, id, stand.rev(), stored.rev() + 1)) {
        violations.accept(
            new Violation(
                10,
                "session %s knows the group up to change %d of %d"
                    .formatted(session.name(), stand.rev(), stored.rev()),
                scope));
      } else if (!stand.name().equals(stored.name())) {
        violations.accept(
            new Violation(
                10,
                "session %s knows the group as %s, but its name is %s"
                    .formatted(session.name(), stand.name(), stored.name()),
                scope));
      }
    }
  }

  private static void rosters(
      Evidence evidence,
      Sessions.View session,
      Fact.Conversation stored,
      RosterFold rosters,
      Consumer<Violation> violations) {
    long id = stored.conversation();
    Map<String, RosterFold.Receipts> known = rosters.roster(id);
    Map<String, Fact.Member> members = evidence.members(id);
    if (known == null || !members.containsKey(session.user())) {
      return;
    }
    Scope scope = Scope.of(id).session(session.name());
    if (!known.keySet().equals(members.keySet())) {
      Set<String> difference = new TreeSet<>(known.keySet());
      difference.addAll(members.keySet());
      difference.removeIf(user -> known.containsKey(user) && members.containsKey(user));
      violations.accept(
          new Violation(
              10,
              "session %s is wrong about the membership of %s"
                  .formatted(
                      session.name(),
                      difference.stream().limit(5).collect(Collectors.joining(", "))),
              scope.user(difference.iterator().next())));
      return;
    }
    for (Fact.Member member : members.values()) {
      RosterFold.Receipts receipts = known.get(member.user());
      if (receipts != null
          && !member.user().equals(session.user())
          && (receipts.read() != member.readSeq() || receipts.received() != member.receivedSeq())) {
        violations.accept(
            new Violation(
                10,
                "session %s believes that %s read up to %d and received up to %d, but stored are %d and %d"
                    .formatted(
                        session.name(),
                        member.user(),
                        receipts.read(),
                        receipts.received(),
                        member.readSeq(),
                        member.receivedSeq()),
                scope.user(member.user())));
        return;
      }
    }
  }
}
