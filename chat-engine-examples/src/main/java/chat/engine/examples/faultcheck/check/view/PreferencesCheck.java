package chat.engine.examples.faultcheck.check.view;

import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Sessions;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How users see their conversations, set on two devices at the same time. Promise 1: what was
 * acknowledged is stored, or a later change is. Promise 10: when the writes have stopped, every
 * connected device knows what is stored, over its connections.
 */
public final class PreferencesCheck implements Check {
  private record Key(long conversation, String user) {}

  /** Preferences as stored or told. */
  private record Preferences(
      long version, long mutedUntil, long archivedAtSeq, boolean pinned, long unreadFrom) {
    static final Preferences NONE = new Preferences(0, -1, -1, false, -1);

    static Preferences of(Event.PreferencesTold told) {
      return new Preferences(
          told.version(),
          told.mutedUntil(),
          told.archivedAtSeq(),
          told.pinned(),
          told.unreadFrom());
    }

    static Preferences of(Fact.Preferences stored) {
      return new Preferences(
          stored.version(),
          stored.mutedUntil(),
          stored.archivedAtSeq(),
          stored.pinned(),
          stored.unreadFrom());
    }

    /** The next message takes a conversation out of the archive. */
    Preferences at(long lastSeq) {
      return new Preferences(
          version, mutedUntil, archivedAtSeq < lastSeq ? -1 : archivedAtSeq, pinned, unreadFrom);
    }
  }

  /** What one device knows; it may learn of preferences while the answer to a sync is under way. */
  private static final class Device {
    private final Map<Long, Preferences> known = new HashMap<>();
    private final Map<Long, Event.PreferencesTold> latest = new HashMap<>();

    void learn(Evidence evidence, Event.PreferencesTold told) {
      Op op = evidence.op(told.op());
      if (op == null || op.call().verb() != Verb.SYNC) {
        later(told);
        Event.PreferencesTold before = latest.get(told.conversation());
        if (before == null || before.version() <= told.version()) {
          latest.put(told.conversation(), told);
        }
        return;
      }
      known.put(told.conversation(), Preferences.of(told));
      Event.PreferencesTold meanwhile = latest.get(told.conversation());
      if (meanwhile != null) {
        later(meanwhile);
      }
    }

    void asksForSync() {
      latest.clear();
    }

    private void later(Event.PreferencesTold told) {
      known.merge(
          told.conversation(),
          Preferences.of(told),
          (before, now) -> now.version() > before.version() ? now : before);
    }

    void joins(long conversation) {
      known.remove(conversation);
      latest.remove(conversation);
    }
  }

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Key, Preferences> stored = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Preferences.class)
        .forEach(
            fact -> stored.put(new Key(fact.conversation(), fact.user()), Preferences.of(fact)));
    for (Op op : evidence.ops(Verb.PREFERENCES)) {
      if (op.ok()) {
        acknowledged(evidence, op, stored, violations);
      }
    }
    devices(evidence, stored, violations);
  }

  /** Versions begin anew with each membership, so only a first one is looked at. */
  private static void acknowledged(
      Evidence evidence, Op op, Map<Key, Preferences> stored, Consumer<Violation> violations) {
    Event.Called call = op.call();
    boolean removed =
        evidence.membership(call.conversation()).changes().stream()
            .anyMatch(
                change ->
                    change.kind() == Fact.Kind.REMOVED && change.subjects().contains(call.user()));
    Preferences now = stored.getOrDefault(key(call), Preferences.NONE);
    if (!removed && now.version() < op.seq()) {
      violations.accept(
          new Violation(
              1,
              "the preference %s was acknowledged to %s as version %d, but stored is %s"
                  .formatted(call.text(), call.user(), op.seq(), now),
              Scope.of(call.conversation()).user(call.user())));
    }
  }

  private static Key key(Event.Called call) {
    return new Key(call.conversation(), call.user());
  }

  private static void devices(
      Evidence evidence, Map<Key, Preferences> stored, Consumer<Violation> violations) {
    Map<String, Device> byUser = new HashMap<>();
    Map<String, Sessions.View> last = new HashMap<>();
    evidence
        .history()
        .events(Event.OfSession.class)
        .filter(event -> event.at() <= evidence.settledAt())
        .forEach(
            event -> {
              Sessions.View session = evidence.sessions().find(event.session());
              if (session == null) {
                return;
              }
              last.put(session.user(), session);
              Device device = byUser.computeIfAbsent(session.user(), none -> new Device());
              if (event instanceof Event.Called call && call.verb() == Verb.SYNC) {
                device.asksForSync();
              } else if (event instanceof Event.PreferencesTold told) {
                device.learn(evidence, told);
              } else if (event instanceof Event.ChangeTold change
                  && change.kind() == Fact.Kind.ADDED
                  && change.subjects().contains(session.user())) {
                device.joins(change.conversation());
              }
            });
    last.forEach(
        (user, session) -> compare(evidence, session, byUser.get(user), stored, violations));
  }

  private static void compare(
      Evidence evidence,
      Sessions.View session,
      @Nullable Device device,
      Map<Key, Preferences> stored,
      Consumer<Violation> violations) {
    StreamFold fold = StreamFold.ofSettled(evidence, session);
    if (device == null || fold == null) {
      return;
    }
    for (long conversation : fold.stands().keySet()) {
      Fact.Conversation there = evidence.conversation(conversation);
      Preferences now = stored.get(new Key(conversation, session.user()));
      if (there == null || now == null) {
        continue;
      }
      Preferences known = device.known.getOrDefault(conversation, Preferences.NONE);
      if (!known.at(there.lastSeq()).equals(now.at(there.lastSeq()))) {
        violations.accept(
            new Violation(
                10,
                "session %s has the preferences %s, but stored are %s"
                    .formatted(session.name(), known, now),
                Scope.of(conversation).session(session.name()).user(session.user())));
        return; // one for each device tells enough
      }
    }
  }
}
