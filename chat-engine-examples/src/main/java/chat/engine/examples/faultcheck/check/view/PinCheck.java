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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pinned messages. Promise 1: an acknowledged pin is in the log, with the rev that was answered.
 * Promise 10: what is stored is what the log says, and when the writes have stopped, every
 * connected device that was told the pins once knows them in their order.
 */
public final class PinCheck implements Check {
  private static final String NONE = "-";

  /** What a device knows; nothing of conversations of which no answer to a sync told. */
  private static final class Device {
    private final Map<Long, List<Long>> known = new HashMap<>();

    void learn(String user, Event.OfSession event, Map<Long, NavigableMap<Long, Fact.Change>> log) {
      if (event instanceof Event.PinsTold told) {
        known.put(told.conversation(), seqs(told.pinned()));
      } else if (event instanceof Event.PinTold told) {
        List<Long> pins = known.get(told.conversation());
        if (pins != null) {
          pins.remove((Object) told.seq());
          if (told.on()) {
            pins.add(0, told.seq());
          }
        }
      } else if (event instanceof Event.StateTold told && told.content().equals(NONE)) {
        known.getOrDefault(told.conversation(), new ArrayList<>()).remove((Object) told.seq());
      } else if (event instanceof Event.ChangeTold change && change.kind() == Fact.Kind.EXPIRED) {
        Fact.Change expiry =
            log.getOrDefault(change.conversation(), new TreeMap<>()).get(change.rev());
        if (expiry != null) {
          known
              .getOrDefault(change.conversation(), new ArrayList<>())
              .removeIf(seq -> seq < expiry.seq());
        }
      } else if (event instanceof Event.ChangeTold change
          && (change.kind() == Fact.Kind.ADDED || change.kind() == Fact.Kind.REMOVED)
          && change.subjects().contains(user)) {
        known.remove(change.conversation());
      }
    }

    private static List<Long> seqs(String pinned) {
      return pinned.equals(NONE)
          ? new ArrayList<>()
          : new ArrayList<>(Arrays.stream(pinned.split(";", -1)).map(Long::valueOf).toList());
    }
  }

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Long, NavigableMap<Long, Fact.Change>> log = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Change.class)
        .forEach(
            change ->
                log.computeIfAbsent(change.conversation(), none -> new TreeMap<>())
                    .put(change.rev(), change));
    for (Op op : evidence.ops(Verb.PIN, Verb.UNPIN)) {
      if (op.ok() && op.seq() > 0) {
        acknowledged(op, log, violations);
      }
    }
    Map<Long, Map<Long, Long>> stored = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Pin.class)
        .forEach(
            pin ->
                stored
                    .computeIfAbsent(pin.conversation(), none -> new TreeMap<>())
                    .put(pin.seq(), pin.rev()));
    for (Fact.Conversation conversation : evidence.conversations()) {
      long id = conversation.conversation();
      logged(
          id, log.getOrDefault(id, new TreeMap<>()), stored.getOrDefault(id, Map.of()), violations);
    }
    devices(evidence, log, stored, violations);
  }

  private static void acknowledged(
      Op op, Map<Long, NavigableMap<Long, Fact.Change>> log, Consumer<Violation> violations) {
    Event.Called call = op.call();
    Fact.Change change = log.getOrDefault(call.conversation(), new TreeMap<>()).get(op.seq());
    Fact.Kind kind = call.verb() == Verb.PIN ? Fact.Kind.PINNED : Fact.Kind.UNPINNED;
    if (change == null || change.kind() != kind || change.seq() != call.number()) {
      violations.accept(
          new Violation(
              1,
              "%s of message %d was acknowledged as change %d, but that is %s"
                  .formatted(call.verb(), call.number(), op.seq(), change),
              Scope.of(call.conversation()).seq(call.number()).user(call.user())));
    }
  }

  private static void logged(
      long conversation,
      NavigableMap<Long, Fact.Change> log,
      Map<Long, Long> stored,
      Consumer<Violation> violations) {
    Map<Long, Long> pinned = new TreeMap<>();
    for (Fact.Change change : log.values()) {
      switch (change.kind()) {
        case PINNED -> pinned.put(change.seq(), change.rev());
        case UNPINNED, MESSAGE_DELETED -> pinned.remove(change.seq());
        case EXPIRED -> pinned.keySet().removeIf(seq -> seq < change.seq());
        default -> {} // leaves the pins
      }
    }
    if (!pinned.equals(stored)) {
      violations.accept(
          new Violation(
              10,
              "stored are the pins %s, but the log says %s".formatted(stored, pinned),
              Scope.of(conversation)));
    }
  }

  private static void devices(
      Evidence evidence,
      Map<Long, NavigableMap<Long, Fact.Change>> log,
      Map<Long, Map<Long, Long>> stored,
      Consumer<Violation> violations) {
    Map<String, Device> byUser = new HashMap<>();
    Map<String, Sessions.View> last = new HashMap<>();
    evidence
        .history()
        .events(Event.OfSession.class)
        .filter(event -> event.at() <= evidence.settledAt())
        .forEach(
            event -> {
              Sessions.View session = evidence.sessions().find(event.session());
              if (session != null) {
                last.put(session.user(), session);
                byUser
                    .computeIfAbsent(session.user(), none -> new Device())
                    .learn(session.user(), event, log);
              }
            });
    last.forEach(
        (user, session) -> compare(evidence, session, byUser.get(user), stored, violations));
  }

  private static void compare(
      Evidence evidence,
      Sessions.View session,
      @Nullable Device device,
      Map<Long, Map<Long, Long>> stored,
      Consumer<Violation> violations) {
    StreamFold fold = StreamFold.ofSettled(evidence, session);
    if (device == null || fold == null) {
      return;
    }
    device.known.forEach(
        (conversation, pins) -> {
          if (!fold.stands().containsKey(conversation)
              || evidence.conversation(conversation) == null) {
            return;
          }
          long hidden = evidence.mayBeHiddenUpTo(session.user(), conversation);
          List<Long> known = pins.stream().filter(seq -> seq > hidden).toList();
          List<Long> there =
              stored.getOrDefault(conversation, Map.of()).entrySet().stream()
                  .filter(pin -> pin.getKey() > hidden)
                  .sorted(Comparator.comparing(pin -> -pin.getValue()))
                  .map(Map.Entry::getKey)
                  .toList();
          if (!known.equals(there)) {
            violations.accept(
                new Violation(
                    10,
                    "session %s has the pins %s, but stored are %s"
                        .formatted(session.name(), known, there),
                    Scope.of(conversation).session(session.name()).user(session.user())));
          }
        });
  }
}
