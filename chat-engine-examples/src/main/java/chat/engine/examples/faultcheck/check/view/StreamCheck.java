package chat.engine.examples.faultcheck.check.view;

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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Promise 4: behind a sync each session gets everything once and in order, or is told to sync
 * again; and it has everything within 10 s after the last fault, without asking.
 */
public final class StreamCheck implements Check {
  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    for (Sessions.View session : evidence.sessions().all()) {
      StreamFold fold = new StreamFold(evidence, session, violations);
      session.events().stream()
          .filter(event -> event.at() <= evidence.settledAt())
          .forEach(fold::apply);
      echoes(evidence, session, violations);
      complete(evidence, session, violations);
    }
  }

  /** Who sends gets the acknowledgement and not the event. */
  private static void echoes(
      Evidence evidence, Sessions.View session, Consumer<Violation> violations) {
    Map<Long, Set<Long>> acked = new HashMap<>();
    for (Event.OfSession event : session.events()) {
      if (event instanceof Event.Answered answer
          && answer.outcome() == Event.Outcome.OK
          && !answer.again()) {
        Op op = evidence.op(answer.op());
        if (op != null && op.call().verb() == Verb.SEND) {
          acked
              .computeIfAbsent(op.call().conversation(), unused -> new HashSet<>())
              .add(answer.number());
        }
      } else if (event instanceof Event.MessageTold told
          && told.how() == How.LIVE
          && acked.getOrDefault(told.conversation(), Set.of()).contains(told.seq())) {
        violations.accept(
            new Violation(
                4,
                "session %s was told message %d, which it had sent itself with success"
                    .formatted(session.name(), told.seq()),
                Scope.of(told.conversation()).session(session.name()).seq(told.seq())));
      }
    }
  }

  /**
   * Since when a session is owed what is stored, and what it was told, from one sync to the next.
   */
  private static void complete(
      Evidence evidence, Sessions.View session, Consumer<Violation> violations) {
    Knowledge known = new Knowledge(evidence, session);
    if (known.isCut()) {
      return;
    }
    for (Fact.Conversation conversation : evidence.conversations()) {
      long id = conversation.conversation();
      Membership membership = evidence.membership(id);
      if (!membership.everyone().contains(session.user())) {
        continue;
      }
      for (Fact.Message message :
          evidence.messages(id).tailMap(known.syncedSeq(id), false).values()) {
        if (known.has(message) || !membership.isMemberSince(session.user(), message.seq())) {
          continue;
        }
        long due = evidence.quiet().due(Math.max(evidence.storedAt(message), known.syncedAt()));
        if (due <= evidence.settledAt() && session.openAt(due)) {
          violations.accept(
              new Violation(
                  4,
                  "session %s has never been told message %d, which was due at %.1f s"
                      .formatted(session.name(), message.seq(), due / 1e6),
                  Scope.of(id).session(session.name()).user(session.user()).seq(message.seq())));
          break; // one for each conversation tells enough
        }
      }
    }
  }

  /** What a session has, up to the settled moment. */
  private static final class Knowledge {
    private final Map<Long, Long> positions = new HashMap<>();
    private final Map<Long, Set<Long>> seqs = new HashMap<>();
    private long syncedAt;
    private boolean cut = true;

    Knowledge(Evidence evidence, Sessions.View session) {
      for (Event.OfSession event : session.events()) {
        if (event.at() > evidence.settledAt()) {
          break;
        }
        if (event instanceof Event.Synced sync) {
          positions.clear();
          syncedAt = sync.at();
          cut = false;
        } else if (event instanceof Event.Position position) {
          positions.put(position.conversation(), position.seq());
        } else if (event instanceof Event.ResyncTold) {
          cut = true;
        } else if (event instanceof Event.MessageTold told) {
          add(told.conversation(), told.seq());
        } else if (event instanceof Event.Answered answer && answer.outcome() == Event.Outcome.OK) {
          Op op = evidence.op(answer.op());
          if (op != null && op.call().verb() == Verb.SEND) {
            add(op.call().conversation(), answer.number());
          }
        }
      }
    }

    private void add(long conversation, long seq) {
      seqs.computeIfAbsent(conversation, unused -> new HashSet<>()).add(seq);
    }

    boolean isCut() {
      return cut;
    }

    long syncedAt() {
      return syncedAt;
    }

    long syncedSeq(long conversation) {
      return positions.getOrDefault(conversation, 0L);
    }

    boolean has(Fact.Message message) {
      return seqs.getOrDefault(message.conversation(), Set.of()).contains(message.seq());
    }
  }
}
