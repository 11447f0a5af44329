package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Promise 12: at the end every watcher has been told the truth about whom it watches. */
public final class PresenceCheck implements Check {
  /** Lease, grace, and a second look after the lease. */
  private static final long TOLD_WITHIN_MICROS = 15_000_000;

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    long settled = evidence.settledAt();
    for (Sessions.View session : evidence.sessions().all()) {
      if (!session.openAt(settled)) {
        continue;
      }
      told(session, settled)
          .forEach(
              (user, online) -> {
                boolean isShown =
                    isOnline(evidence, user, settled) && !isBlocked(evidence, user, session.user());
                if (isSteady(evidence, user, settled)
                    && isSteady(evidence, user, session.user(), settled)
                    && online != isShown) {
                  violations.accept(
                      new Violation(
                          12,
                          "session %s believes that %s is %s"
                              .formatted(session.name(), user, online ? "online" : "offline"),
                          new Scope(
                              0, java.util.Set.of(user), java.util.Set.of(session.name()), 0, 0)));
                }
              });
    }
  }

  private static Map<String, Boolean> told(Sessions.View session, long settled) {
    Map<String, Boolean> told = new HashMap<>();
    long answering = 0;
    for (Event.OfSession event : session.events()) {
      if (event.at() > settled) {
        break;
      }
      if (event instanceof Event.PresenceTold presence) {
        if (presence.how() == How.ANSWER && presence.op() != answering) {
          answering = presence.op();
          told.clear();
        }
        told.put(presence.user(), presence.online());
      }
    }
    return told;
  }

  private static boolean isOnline(Evidence evidence, String user, long settled) {
    return evidence.sessions().all().stream()
        .anyMatch(session -> session.user().equals(user) && session.openAt(settled));
  }

  /** Whether one of the two has blocked the other: then they are offline to each other. */
  private static boolean isBlocked(Evidence evidence, String one, String other) {
    return evidence
        .history()
        .facts(Fact.Block.class)
        .anyMatch(block -> isOf(one, other, block.user(), block.other()));
  }

  private static boolean isOf(String one, String other, String blocker, String blocked) {
    return (one.equals(blocker) && other.equals(blocked))
        || (one.equals(blocked) && other.equals(blocker));
  }

  /** Whether none of the two tried to block the other, or to end that, for long enough. */
  private static boolean isSteady(Evidence evidence, String one, String other, long settled) {
    return evidence.ops(Verb.BLOCK, Verb.UNBLOCK).stream()
        .filter(op -> isOf(one, other, op.call().user(), op.call().subjects().get(0)))
        .allMatch(
            op ->
                evidence.quiet().due(op.call().at() + TOLD_WITHIN_MICROS) <= settled
                    && op.end() < Long.MAX_VALUE);
  }

  /** Whether the user neither came nor went for long enough. */
  private static boolean isSteady(Evidence evidence, String user, long settled) {
    long since = settled - TOLD_WITHIN_MICROS;
    return evidence.sessions().all().stream()
        .filter(session -> session.user().equals(user))
        .allMatch(
            session ->
                session.openedAt() < since
                    && (session.closedAt() < since || session.closedAt() > settled));
  }
}
