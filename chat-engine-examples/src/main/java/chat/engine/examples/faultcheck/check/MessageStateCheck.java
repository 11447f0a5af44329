package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Edits and deletions of messages. Promise 1: what was acknowledged is stored, or a later change
 * is. Promise 10: when the writes have stopped, every connected device knows each of its messages
 * as it is stored, whatever it missed. What a device knew stays known over its connections, as its
 * cursors do.
 */
final class MessageStateCheck implements Check {
  private record Key(long conversation, long seq) {}

  private record Known(long rev, String content) {}

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Key, Fact.State> stored = new HashMap<>();
    evidence
        .history()
        .facts(Fact.State.class)
        .forEach(state -> stored.put(new Key(state.conversation(), state.seq()), state));
    for (Op op : evidence.ops(Verb.EDIT, Verb.UNSEND)) {
      if (op.ok()) {
        acknowledged(op, stored, violations);
      }
    }
    devices(evidence, stored, violations);
  }

  private static void acknowledged(
      Op op, Map<Key, Fact.State> stored, Consumer<Violation> violations) {
    Event.Called call = op.call();
    Fact.State state = stored.get(new Key(call.conversation(), call.number()));
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

  private static void devices(
      Evidence evidence, Map<Key, Fact.State> stored, Consumer<Violation> violations) {
    Map<String, Map<Key, Known>> byUser = new HashMap<>();
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
                Map<Key, Known> known =
                    byUser.computeIfAbsent(session.user(), none -> new HashMap<>());
                learn(known, event);
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
            compare(session, fold, known, stored, violations);
          }
        });
  }

  private static void learn(Map<Key, Known> known, Event.OfSession event) {
    if (event instanceof Event.StateTold told) {
      // of two states the one with the higher rev is the later, in whatever order they come
      known.merge(
          new Key(told.conversation(), told.seq()),
          new Known(told.rev(), told.content()),
          (before, now) -> now.rev() >= before.rev() ? now : before);
    } else if (event instanceof Event.StatesForgotten forgotten) {
      known
          .keySet()
          .removeIf(
              key ->
                  key.conversation() == forgotten.conversation() && key.seq() > forgotten.above());
    }
  }

  private static void compare(
      Sessions.View session,
      StreamFold fold,
      Map<Key, Known> known,
      Map<Key, Fact.State> stored,
      Consumer<Violation> violations) {
    for (Map.Entry<Key, Known> entry : known.entrySet()) {
      Key key = entry.getKey();
      Fact.State state = stored.get(key);
      boolean member = fold.stands().containsKey(key.conversation());
      if (member
          && state != null
          && (state.rev() != entry.getValue().rev()
              || !state.content().equals(entry.getValue().content()))) {
        violations.accept(
            new Violation(
                10,
                "session %s knows message %d as %s of change %d, but stored is %s of change %d"
                    .formatted(
                        session.name(),
                        key.seq(),
                        entry.getValue().content(),
                        entry.getValue().rev(),
                        state.content(),
                        state.rev()),
                Scope.of(key.conversation()).session(session.name()).seq(key.seq())));
        return; // one for each device tells enough
      }
    }
  }
}
