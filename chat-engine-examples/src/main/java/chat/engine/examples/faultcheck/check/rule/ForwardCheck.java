package chat.engine.examples.faultcheck.check.rule;

import chat.engine.examples.faultcheck.check.evidence.Absence;
import chat.engine.examples.faultcheck.check.evidence.Check;
import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.evidence.Violation.Scope;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Forwarded messages. Promise 1: an acknowledged forward is stored with the place of its original,
 * and says what that said at some time. Promise 5: none is made of what was deleted before. Promise
 * 7: nobody forwards what they cannot read, and answers show the place to those only who can. (What
 * events show {@code StreamFold} finds.)
 */
public final class ForwardCheck implements Check {
  private static final String DELETED = "-";

  private record Place(long conversation, long seq) {}

  /** What messages said at one time or another. */
  private static final class Texts {
    private final Evidence evidence;
    private final Map<Place, Place> originals = new HashMap<>();

    /** As clients sent them: of a forward that is deleted the store does not know it any more. */
    private final Map<Place, Place> sent = new HashMap<>();

    private final Map<Place, Set<String>> edits = new HashMap<>();

    Texts(Evidence evidence) {
      this.evidence = evidence;
      evidence
          .history()
          .facts(Fact.Forward.class)
          .forEach(
              forward ->
                  originals.put(
                      new Place(forward.conversation(), forward.seq()),
                      new Place(forward.origin(), forward.originSeq())));
      evidence
          .history()
          .facts(Fact.Message.class)
          .forEach(
              message ->
                  evidence.sends().getOrDefault(Evidence.key(message), List.of()).stream()
                      .filter(op -> !op.call().subjects().isEmpty())
                      .findFirst()
                      .ifPresent(
                          op ->
                              sent.put(
                                  new Place(message.conversation(), message.seq()), original(op))));
      for (Op edit : evidence.ops(Verb.EDIT)) {
        if (edit.outcome() != Outcome.REFUSED) {
          edits
              .computeIfAbsent(
                  new Place(edit.call().conversation(), edit.call().number()),
                  none -> new HashSet<>())
              .add(edit.call().text());
        }
      }
    }

    /**
     * Null if that is not known: of a conversation that was deleted, of erased users, and of bots.
     */
    @Nullable Set<String> of(Place place) {
      return of(place, new HashSet<>());
    }

    /** Than clients, whose texts are known. */
    private static boolean isOfOthers(String user) {
      return ErasedUsers.isReplacement(user) || FaultBots.isBot(user);
    }

    private @Nullable Set<String> of(Place place, Set<Place> seen) {
      Fact.Message message = evidence.messages(place.conversation()).get(place.seq());
      if (message == null || isOfOthers(message.from()) || !seen.add(place)) {
        return null;
      }
      Place original = originals.getOrDefault(place, sent.get(place));
      Set<String> first = original == null ? Set.of(message.clientId()) : of(original, seen);
      if (first == null) {
        return null;
      }
      Set<String> all = new HashSet<>(first);
      all.addAll(edits.getOrDefault(place, Set.of()));
      return all;
    }
  }

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Texts texts = new Texts(evidence);
    List<Absence> absences = Absence.all(evidence);
    for (Op op : evidence.ops(Verb.SEND)) {
      if (op.ok()
          && !op.call().subjects().isEmpty()
          && !evidence.isExpired(op.call().conversation(), op.seq())) {
        Place original = original(op);
        stored(op, original, texts, violations);
        readable(evidence, op, original, absences, violations);
      }
    }
    texts(evidence, texts, violations);
    answers(evidence, absences, violations);
  }

  /** Of the send of a forward. */
  private static Place original(Op op) {
    return new Place(Long.parseLong(op.call().subjects().get(0)), op.call().number());
  }

  private static void stored(Op op, Place original, Texts texts, Consumer<Violation> violations) {
    Place place = new Place(op.call().conversation(), op.seq());
    Place stored = texts.originals.get(place);
    boolean wasDeleted = // which takes the place of the original along
        stored == null
            && texts
                .evidence
                .history()
                .facts(Fact.State.class)
                .anyMatch(
                    state ->
                        state.conversation() == place.conversation()
                            && state.seq() == place.seq()
                            && state.content().equals(DELETED));
    if (!original.equals(stored) && !wasDeleted) {
      violations.accept(
          new Violation(
              1,
              "message %d was acknowledged as a forward of %s, but stored is %s"
                  .formatted(op.seq(), original, stored),
              Scope.of(place.conversation()).seq(place.seq()).user(op.call().user())));
    }
  }

  private static void readable(
      Evidence evidence,
      Op op,
      Place original,
      List<Absence> absences,
      Consumer<Violation> violations) {
    if (op.again()) {
      return; // as the first attempt was answered
    }
    String user = op.call().user();
    Scope scope = Scope.of(op.call().conversation()).user(user).seq(op.seq());
    boolean wasDeleted =
        evidence.ops(Verb.UNSEND).stream()
            .filter(deletion -> deletion.ok() && deletion.end() < op.call().at())
            .map(Op::call)
            .anyMatch(
                call ->
                    call.conversation() == original.conversation()
                        && call.number() == original.seq());
    if (wasDeleted) {
      violations.accept(
          new Violation(
              5, "%s forwarded %s, which was deleted before".formatted(user, original), scope));
    }
    boolean isAbsent =
        isStranger(evidence, user, original.conversation())
            || absences.stream().anyMatch(it -> isIn(it, user, original) && it.contains(op));
    if (isAbsent) {
      violations.accept(
          new Violation(
              7, "%s forwarded %s and was no member there".formatted(user, original), scope));
    }
  }

  private static boolean isIn(Absence absence, String user, Place place) {
    return absence.conversation() == place.conversation() && absence.user().equals(user);
  }

  private static boolean isStranger(Evidence evidence, String user, long conversation) {
    return evidence.conversation(conversation) != null
        && !evidence.membership(conversation).everyone().contains(user);
  }

  private static void texts(Evidence evidence, Texts texts, Consumer<Violation> violations) {
    Map<Place, Set<String>> expected = new HashMap<>();
    texts
        .originals
        .keySet()
        .forEach(
            place -> {
              Set<String> known = texts.of(place);
              if (known != null) {
                expected.put(place, known);
              }
            });
    Stream.concat(
            evidence.history().facts(Fact.State.class),
            evidence
                .history()
                .events(Event.StateTold.class)
                .map(
                    told ->
                        new Fact.State(
                            told.conversation(),
                            told.seq(),
                            told.rev(),
                            told.content(),
                            told.reactions())))
        .forEach(
            state -> {
              Set<String> known = expected.get(new Place(state.conversation(), state.seq()));
              if (known != null
                  && !state.content().equals(DELETED)
                  && !known.contains(state.content())) {
                expected.remove(new Place(state.conversation(), state.seq())); // once is enough
                violations.accept(
                    new Violation(
                        1,
                        "the forward %d says %s, but the original %s said %s"
                            .formatted(
                                state.seq(),
                                state.content(),
                                texts.originals.get(new Place(state.conversation(), state.seq())),
                                known),
                        Scope.of(state.conversation()).seq(state.seq())));
              }
            });
  }

  private static void answers(
      Evidence evidence, List<Absence> absences, Consumer<Violation> violations) {
    evidence
        .history()
        .events(Event.ForwardTold.class)
        .filter(told -> told.op() != 0 && told.origin() != 0)
        .forEach(
            told -> {
              Op op = evidence.op(told.op());
              if (op == null) {
                return;
              }
              Place original = new Place(told.origin(), told.originSeq());
              String user = op.call().user();
              if (isStranger(evidence, user, told.origin())
                  || absences.stream()
                      .anyMatch(it -> isIn(it, user, original) && it.contains(op))) {
                violations.accept(
                    new Violation(
                        7,
                        "%s was shown that message %d was forwarded from %s, and was no member there"
                            .formatted(user, told.seq(), original),
                        Scope.of(told.conversation()).user(user).seq(told.seq())));
              }
            });
  }
}
