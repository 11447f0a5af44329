package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Promise 6: receipts only move forward, and the counts of unread messages and mentions in the last
 * syncs are exact.
 */
public final class ReceiptCheck implements Check {
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
    long conversation = position.conversation();
    List<Long> unread =
        evidence
            .messages(conversation)
            .tailMap(
                Math.max(
                    unreadAfter(evidence, member),
                    evidence.readableAfter(session.user(), conversation, Long.MAX_VALUE)),
                false)
            .values()
            .stream()
            .filter(message -> !message.from().equals(session.user()))
            .map(Fact.Message::seq)
            .filter(seq -> !deleted.contains(new Place(conversation, seq)))
            .toList();
    Set<Long> mentioning =
        evidence
            .history()
            .facts(Fact.Mentions.class)
            .filter(it -> it.conversation() == conversation && it.users().contains(session.user()))
            .map(Fact.Mentions::seq)
            .collect(Collectors.toSet());
    long mentions = unread.stream().filter(mentioning::contains).count();
    if (position.unread() != unread.size()
        || position.mentions() != mentions
        || position.readSeq() != member.readSeq()) {
      violations.accept(
          new Violation(
              6,
              "the last sync of %s tells %d unread and %d mentions behind %d, but stored are %d and %d behind %d"
                  .formatted(
                      session.user(),
                      position.unread(),
                      position.mentions(),
                      position.readSeq(),
                      unread.size(),
                      mentions,
                      member.readSeq()),
              Scope.of(conversation).session(session.name()).user(session.user())));
    }
  }

  /** Behind what the member has read, or where a mark as unread says so. */
  private static long unreadAfter(Evidence evidence, Fact.Member member) {
    return evidence
        .history()
        .facts(Fact.Preferences.class)
        .filter(it -> it.conversation() == member.conversation() && it.unreadFrom() > 0)
        .filter(it -> it.user().equals(member.user()))
        .mapToLong(it -> Math.min(member.readSeq(), it.unreadFrom() - 1))
        .findFirst()
        .orElse(member.readSeq());
  }
}
