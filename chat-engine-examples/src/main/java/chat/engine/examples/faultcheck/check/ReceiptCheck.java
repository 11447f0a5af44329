package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Promise 6: receipts only move forward, and the unread counts of the last syncs are exact. */
final class ReceiptCheck implements Check {
  private record Key(long conversation, String user, boolean read) {}

  /** Of a message. */
  private record Place(long conversation, long seq) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Set<Place> deleted =
        evidence
            .history()
            .facts(Fact.State.class)
            .filter(state -> state.content().equals("-"))
            .map(state -> new Place(state.conversation(), state.seq()))
            .collect(Collectors.toSet());
    for (Sessions.View session : evidence.sessions().all()) {
      forward(session, violations);
      for (Event.OfSession event : session.events()) {
        if (event instanceof Event.Position position && position.at() > evidence.settledAt()) {
          unread(evidence, deleted, session, position, violations);
        }
      }
    }
  }

  private static void forward(Sessions.View session, Consumer<Violation> violations) {
    Map<Key, Long> last = new HashMap<>();
    for (Event.OfSession event : session.events()) {
      if (event instanceof Event.ReceiptTold told && told.how() == How.LIVE) {
        Long before =
            last.merge(
                new Key(told.conversation(), told.user(), told.read()), told.seq(), Math::max);
        if (before != told.seq()) {
          violations.accept(
              new Violation(
                  6,
                  "session %s was told that %s %s up to %d, after it was told up to %d"
                      .formatted(
                          session.name(),
                          told.user(),
                          told.read() ? "read" : "received",
                          told.seq(),
                          before),
                  Scope.of(told.conversation()).session(session.name()).user(told.user())));
        }
      }
    }
  }

  private static void unread(
      Evidence evidence,
      Set<Place> deleted,
      Sessions.View session,
      Event.Position position,
      Consumer<Violation> violations) {
    Fact.Member member = evidence.members(position.conversation()).get(session.user());
    if (member == null || position.unread() < 0) {
      return;
    }
    long exact =
        evidence
            .messages(position.conversation())
            .tailMap(member.readSeq(), false)
            .values()
            .stream()
            .filter(message -> !message.from().equals(session.user()))
            .filter(message -> !deleted.contains(new Place(position.conversation(), message.seq())))
            .count();
    if (position.unread() != exact || position.readSeq() != member.readSeq()) {
      violations.accept(
          new Violation(
              6,
              "the last sync of %s tells %d unread behind %d, but stored are %d behind %d"
                  .formatted(
                      session.user(),
                      position.unread(),
                      position.readSeq(),
                      exact,
                      member.readSeq()),
              Scope.of(position.conversation()).session(session.name()).user(session.user())));
    }
  }
}
