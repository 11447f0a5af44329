package chat.engine.examples.faultcheck.check.rule;

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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a message said before its edits. Promise 1: its versions, with what it says at the end, are
 * all acknowledged edits in their order, and nothing that nobody wrote. Promise 5: whoever reads
 * them is shown as many of these as were acknowledged before. Promise 11: of a deleted message
 * there are none.
 */
public final class EditHistoryCheck implements Check {
  private static final String DELETED = "-";

  private record Place(long conversation, long seq) {
    static Place of(Event.Called call) {
      return new Place(call.conversation(), call.number());
    }
  }

  @Override
  public void run(Evidence evidence, Consumer<Violation> violations) {
    Map<Place, List<Op>> edits =
        evidence.ops(Verb.EDIT).stream()
            .filter(op -> op.outcome() != Outcome.REFUSED)
            .collect(Collectors.groupingBy(op -> Place.of(op.call())));
    Map<Place, TreeMap<Long, String>> versions = new HashMap<>();
    evidence
        .history()
        .facts(Fact.Version.class)
        .forEach(
            version ->
                versions
                    .computeIfAbsent(
                        new Place(version.conversation(), version.seq()), none -> new TreeMap<>())
                    .put(version.number(), version.text()));
    Set<Place> forwards =
        evidence
            .history()
            .facts(Fact.Forward.class)
            .map(forward -> new Place(forward.conversation(), forward.seq()))
            .collect(Collectors.toSet());
    Map<Place, List<String>> said = new HashMap<>();
    evidence
        .history()
        .facts(Fact.State.class)
        .forEach(
            state -> {
              Place place = new Place(state.conversation(), state.seq());
              if (isOfBot(evidence, place)) {
                return;
              }
              TreeMap<Long, String> before = versions.getOrDefault(place, new TreeMap<>());
              if (state.content().equals(DELETED)) {
                if (!before.isEmpty()) {
                  report(11, place, "is deleted, but has the versions " + before, violations);
                }
                return;
              }
              List<String> texts = new ArrayList<>(before.values());
              texts.add(state.content());
              said.put(place, texts);
              if (!before.isEmpty() && before.lastKey() != before.size()) {
                report(1, place, "has versions with gaps: " + before, violations);
              }
              String first = forwards.contains(place) ? null : sent(evidence, place);
              written(place, first, texts, edits.getOrDefault(place, List.of()), violations);
            });
    reads(evidence, edits, said, violations);
  }

  /** Bots edit while they write. */
  private static boolean isOfBot(Evidence evidence, Place place) {
    Fact.Message message = evidence.messages(place.conversation()).get(place.seq());
    return message != null && FaultBots.isBot(message.from());
  }

  private static @Nullable String sent(Evidence evidence, Place place) {
    Fact.Message message = evidence.messages(place.conversation()).get(place.seq());
    return message == null ? null : message.clientId();
  }

  /**
   * @param first as what the message was sent; null if that is not known
   */
  private static void written(
      Place place,
      @Nullable String first,
      List<String> texts,
      List<Op> edits,
      Consumer<Violation> violations) {
    Set<String> known = edits.stream().map(op -> op.call().text()).collect(Collectors.toSet());
    boolean isFirst = first == null || texts.get(0).equals(first);
    if (!isFirst
        || !known.containsAll(texts.subList(1, texts.size()))
        || new HashSet<>(texts).size() < texts.size()) {
      report(
          1,
          place,
          "said %s, but was sent as %s and edited to %s".formatted(texts, first, known),
          violations);
    } else if (!contains(texts, acknowledged(edits, Long.MAX_VALUE))) {
      report(
          1,
          place,
          "said %s, but acknowledged were %s".formatted(texts, acknowledged(edits, Long.MAX_VALUE)),
          violations);
    }
  }

  /** The texts of the edits that were acknowledged before the given time, in their order. */
  private static List<String> acknowledged(List<Op> edits, long before) {
    return edits.stream()
        .filter(op -> op.ok() && op.end() < before)
        .sorted(Comparator.comparingLong(Op::seq))
        .map(op -> op.call().text())
        .toList();
  }

  /** Whether the parts are among all, in the same order. */
  private static boolean contains(List<String> all, List<String> parts) {
    List<String> found = new ArrayList<>(all);
    found.retainAll(parts);
    return found.equals(parts);
  }

  private static void reads(
      Evidence evidence,
      Map<Place, List<Op>> edits,
      Map<Place, List<String>> said,
      Consumer<Violation> violations) {
    Map<Long, List<String>> told = new HashMap<>();
    evidence
        .history()
        .events(Event.VersionTold.class)
        .forEach(
            version ->
                told.computeIfAbsent(version.op(), none -> new ArrayList<>()).add(version.text()));
    for (Op read : evidence.ops(Verb.EDITS)) {
      if (!read.ok()) {
        continue;
      }
      Place place = Place.of(read.call());
      List<String> shown = told.getOrDefault(read.call().op(), List.of());
      List<String> all = said.get(place);
      List<String> due = acknowledged(edits.getOrDefault(place, List.of()), read.call().at());
      if (all != null
          && (!contains(shown, due)
              || shown.isEmpty()
              || shown.size() > all.size()
              || !all.subList(0, shown.size()).equals(shown))) {
        report(
            5,
            place,
            "was shown to %s as %s, but said %s, and acknowledged were %s"
                .formatted(read.call().user(), shown, all, due),
            violations);
      }
      if (!shown.isEmpty() && wasDeletedBefore(evidence, read)) {
        report(11, place, "was shown as " + shown + " after its deletion", violations);
      }
    }
  }

  private static boolean wasDeletedBefore(Evidence evidence, Op read) {
    return evidence.ops(Verb.UNSEND).stream()
        .filter(op -> op.ok() && op.end() < read.call().at())
        .anyMatch(op -> Place.of(op.call()).equals(Place.of(read.call())));
  }

  private static void report(
      int promise, Place place, String what, Consumer<Violation> violations) {
    violations.accept(
        new Violation(
            promise,
            "message %d %s".formatted(place.seq(), what),
            Scope.of(place.conversation()).seq(place.seq())));
  }
}
