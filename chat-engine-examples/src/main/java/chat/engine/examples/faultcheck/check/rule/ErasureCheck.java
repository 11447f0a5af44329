package chat.engine.examples.faultcheck.check.rule;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A user who was erased is gone (promise 11): when that is acknowledged, neither their name nor
 * what they wrote is stored, and no answer to a later call shows it, nor, soon, any event. An
 * erasure comes to an end (0). What others forwarded stays. Whoever might use the name while it is
 * erased, by a call of which nobody knows when it took effect, makes a new user of it; then only
 * the texts are looked at.
 */
public final class ErasureCheck implements Check {
  private static final String DELETED = "-";

  /** With which a name may come to life again. */
  private static final List<Verb> NAMING =
      List.of(Verb.GROUP, Verb.DIRECT, Verb.ADD, Verb.JOIN, Verb.BAN, Verb.SILENCE, Verb.BLOCK);

  private record Place(long conversation, long seq) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<String, Op> done = new HashMap<>();
    Set<String> begun = new HashSet<>();
    for (Op op : evidence.ops(Verb.ERASE)) {
      String user = op.call().subjects().get(0);
      begun.add(user);
      if (op.ok()) {
        done.putIfAbsent(user, op);
      }
    }
    begun.removeAll(done.keySet());
    begun.forEach(
        user ->
            violations.accept(
                new Violation(
                    0,
                    user + " could not be erased after the faults",
                    Scope.EVERYTHING.user(user))));
    done.values().forEach(op -> erased(evidence, op, violations));
  }

  private static void erased(Evidence evidence, Op erasure, Consumer<Violation> violations) {
    String user = erasure.call().subjects().get(0);
    Set<Place> own = written(evidence, user);
    evidence
        .history()
        .facts(Fact.State.class)
        .filter(state -> own.contains(new Place(state.conversation(), state.seq())))
        .filter(state -> !state.content().equals(DELETED))
        .forEach(
            state ->
                violations.accept(
                    new Violation(
                        11,
                        "message %d of %s still says %s after the erasure"
                            .formatted(state.seq(), user, state.content()),
                        Scope.of(state.conversation()).seq(state.seq()).user(user))));
    boolean isNamed = mayBeNamed(evidence, user, erasure);
    if (!isNamed) {
      evidence
          .history()
          .facts(Fact.Trace.class)
          .filter(trace -> trace.user().equals(user))
          .forEach(
              trace ->
                  violations.accept(
                      new Violation(
                          11,
                          "%s is erased, but still in %d rows of %s"
                              .formatted(user, trace.rows(), trace.where()),
                          Scope.EVERYTHING.user(user))));
    }
    told(evidence, erasure, user, own, isNamed, violations);
  }

  /** All that the user was seen to write. */
  private static Set<Place> written(Evidence evidence, String user) {
    Set<Place> own = new HashSet<>();
    evidence
        .history()
        .events(Event.MessageTold.class)
        .filter(told -> told.from().equals(user))
        .forEach(told -> own.add(new Place(told.conversation(), told.seq())));
    evidence.ops(Verb.SEND).stream()
        .filter(op -> op.ok() && op.call().user().equals(user))
        .forEach(op -> own.add(new Place(op.call().conversation(), op.seq())));
    return own;
  }

  /** Whether a call that may take effect after the erasure began names the user, or is theirs. */
  private static boolean mayBeNamed(Evidence evidence, String user, Op erasure) {
    return evidence.ops(NAMING.toArray(Verb[]::new)).stream()
        .filter(op -> op.call().user().equals(user) || op.call().subjects().contains(user))
        .anyMatch(op -> op.effectEnd() > erasure.call().at());
  }

  private static void told(
      Evidence evidence,
      Op erasure,
      String user,
      Set<Place> own,
      boolean isNamed,
      Consumer<Violation> violations) {
    long due = evidence.quiet().due(erasure.end());
    for (Event.OfSession event : evidence.history().events(Event.OfSession.class).toList()) {
      if (event.at() <= erasure.end()) {
        continue;
      }
      boolean isText =
          event instanceof Event.StateTold told
              && own.contains(new Place(told.conversation(), told.seq()))
              && !told.content().equals(DELETED)
              && event.at() > due;
      if (isText || (!isNamed && isAfter(evidence, event, erasure, due) && names(event, user))) {
        violations.accept(
            new Violation(
                11,
                "%s was shown something of %s after the erasure: %s"
                    .formatted(event.session(), user, event),
                Scope.EVERYTHING.user(user)));
        return; // one is enough
      }
    }
  }

  /** Whether it answers a call that began after the erasure, or is an event that came too late. */
  private static boolean isAfter(Evidence evidence, Event event, Op erasure, long due) {
    long op =
        event instanceof Event.MessageTold told
            ? told.op()
            : event instanceof Event.ReceiptTold receipt ? receipt.op() : 0;
    Op call = evidence.op(op);
    return call == null ? event.at() > due : call.call().at() > erasure.end();
  }

  private static boolean names(Event event, String user) {
    return (event instanceof Event.MessageTold told && told.from().equals(user))
        || (event instanceof Event.ReceiptTold receipt && receipt.user().equals(user))
        || (event instanceof Event.ReactionTold reaction && reaction.user().equals(user))
        || (event instanceof Event.TypingTold typing && typing.user().equals(user))
        || (event instanceof Event.ChangeTold change && change.subjects().contains(user));
  }
}
