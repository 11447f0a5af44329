package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Reactions.Place;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Edits and deletions of messages, and reactions to them. Promise 1: what was acknowledged is
 * stored, or a later change is. Promise 10: when the writes have stopped, every connected device
 * knows each of its messages as it is stored, whatever it missed. What a device knew stays known
 * over its connections, as its cursors do.
 */
public final class MessageStateCheck implements Check {
  private static final String DELETED = "-";

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Place, Fact.State> stored = new HashMap<>();
    evidence
        .history()
        .facts(Fact.State.class)
        .forEach(state -> stored.put(new Place(state.conversation(), state.seq()), state));
    for (Op op : evidence.ops(Verb.EDIT, Verb.UNSEND)) {
      if (op.ok() && !hasExpired(evidence, op)) {
        acknowledged(op, stored, violations);
      }
    }
    for (Op op : evidence.ops(Verb.REACT)) {
      if (op.ok() && !hasExpired(evidence, op)) {
        reacted(evidence, op, stored, violations);
      }
    }
    stored.forEach((place, state) -> counts(evidence, place, state, violations));
    devices(evidence, stored, violations);
  }

  private static boolean hasExpired(Evidence evidence, Op op) {
    return evidence.isExpired(op.call().conversation(), op.call().number());
  }

  private static void acknowledged(
      Op op, Map<Place, Fact.State> stored, Consumer<Violation> violations) {
    Event.Called call = op.call();
    Fact.State state = stored.get(new Place(call.conversation(), call.number()));
    long rev = op.seq();
    if (state == null
        || state.rev() < rev
        || (state.rev() == rev && !state.content().equals(call.text()))) {
      violations.accept(
          new Violation(
              1,
              "%s of message %d to %s was acknowledged as change %d, but stored is %s"
                  .formatted(call.verb(), call.number(), call.text(), rev, state),
              Scope.of(call.conversation()).seq(call.number()).user(call.user())));
    }
  }

  private static void reacted(
      Evidence evidence, Op op, Map<Place, Fact.State> stored, Consumer<Violation> violations) {
    Event.Called call = op.call();
    Place place = new Place(call.conversation(), call.number());
    String emoji = call.text().substring(0, call.text().length() - 1);
    boolean on = call.text().endsWith("+");
    Fact.State state = stored.get(place);
    Fact.Reaction reaction = evidence.reactions().of(place, call.user()).get(emoji);
    boolean isStored =
        reaction == null
            ? !on && op.seq() == 0
            : reaction.rev() > op.seq() || (reaction.rev() == op.seq() && reaction.active() == on);
    if (!isStored && (state == null || !state.content().equals(DELETED))) {
      violations.accept(
          new Violation(
              1,
              "the reaction %s to message %d was acknowledged to %s as change %d, but stored is %s"
                  .formatted(call.text(), call.number(), call.user(), op.seq(), reaction),
              Scope.of(call.conversation()).seq(call.number()).user(call.user())));
    }
  }

  /** What a message says of its reactions is what its users did. */
  private static void counts(
      Evidence evidence, Place place, Fact.State state, Consumer<Violation> violations) {
    Map<String, Long> counted = evidence.reactions().counts(place);
    if (!KnownMessage.counts(state.reactions()).equals(counted)) {
      violations.accept(
          new Violation(
              10,
              "message %d is stored with the reactions %s, but its users react %s"
                  .formatted(place.seq(), state.reactions(), counted),
              Scope.of(place.conversation()).seq(place.seq())));
    }
  }

  private static void devices(
      Evidence evidence, Map<Place, Fact.State> stored, Consumer<Violation> violations) {
    Map<String, Map<Place, KnownMessage>> byUser = new HashMap<>();
    Map<String, StreamFold> folds = new HashMap<>();
    Map<String, String> lastSession = new HashMap<>();
    evidence
        .history()
        .events(Event.OfSession.class)
        .filter(event -> event.at() <= evidence.settledAt())
        .forEach(
            event -> {
              Sessions.View session = evidence.sessions().find(event.session());
              if (session != null) {
                Map<Place, KnownMessage> known =
                    byUser.computeIfAbsent(session.user(), none -> new HashMap<>());
                learn(known, session.user(), event);
                folds
                    .computeIfAbsent(
                        session.name(), none -> new StreamFold(evidence, session, it -> {}))
                    .apply(event);
                lastSession.put(session.user(), session.name());
              }
            });
    byUser.forEach(
        (user, known) -> {
          String name = lastSession.getOrDefault(user, "");
          Sessions.View session = evidence.sessions().find(name);
          StreamFold fold = folds.get(name);
          if (session != null
              && fold != null
              && session.openAt(evidence.settledAt())
              && !fold.isCut()
              && evidence.quiet().due(fold.syncedAt()) <= evidence.settledAt()) {
            compare(evidence, session, fold, known, stored, violations);
          }
        });
  }

  private static void learn(Map<Place, KnownMessage> known, String user, Event.OfSession event) {
    if (event instanceof Event.StateTold told) {
      message(known, told.conversation(), told.seq()).state(told);
    } else if (event instanceof Event.ReactionTold told) {
      message(known, told.conversation(), told.seq()).reaction(told, told.user().equals(user));
    } else if (event instanceof Event.StatesForgotten forgotten) {
      known
          .keySet()
          .removeIf(
              key ->
                  key.conversation() == forgotten.conversation() && key.seq() > forgotten.above());
    }
  }

  private static KnownMessage message(Map<Place, KnownMessage> known, long conversation, long seq) {
    return known.computeIfAbsent(new Place(conversation, seq), none -> new KnownMessage());
  }

  private static void compare(
      Evidence evidence,
      Sessions.View session,
      StreamFold fold,
      Map<Place, KnownMessage> known,
      Map<Place, Fact.State> stored,
      Consumer<Violation> violations) {
    for (Map.Entry<Place, KnownMessage> entry : known.entrySet()) {
      Place place = entry.getKey();
      Fact.State state = stored.get(place);
      if (state == null
          || !entry.getValue().hasState()
          || place.seq() <= evidence.mayBeHiddenUpTo(session.user(), place.conversation())
          || !fold.stands().containsKey(place.conversation())) {
        continue;
      }
      String difference =
          difference(entry.getValue(), state, evidence.reactions().of(place, session.user()));
      if (difference != null) {
        violations.accept(
            new Violation(
                10,
                "session %s knows message %d %s".formatted(session.name(), place.seq(), difference),
                Scope.of(place.conversation()).session(session.name()).seq(place.seq())));
        return; // one for each device tells enough
      }
    }
  }

  /** Null if there is none. */
  private static @Nullable String difference(
      KnownMessage known, Fact.State stored, Map<String, Fact.Reaction> own) {
    if (known.rev() != stored.rev() || !known.content().equals(stored.content())) {
      return "as %s of change %d, but stored is %s of change %d"
          .formatted(known.content(), known.rev(), stored.content(), stored.rev());
    }
    Map<String, Long> counts = KnownMessage.counts(stored.reactions());
    if (!known.counts().equals(counts)) {
      return "with the reactions %s, but stored are %s".formatted(known.counts(), counts);
    }
    Set<String> active =
        own.values().stream()
            .filter(Fact.Reaction::active)
            .map(Fact.Reaction::emoji)
            .collect(Collectors.toSet());
    return !known.hasOwn() || known.own().equals(active)
        ? null
        : "with %s as the user's own reactions, but stored are %s".formatted(known.own(), active);
  }
}
