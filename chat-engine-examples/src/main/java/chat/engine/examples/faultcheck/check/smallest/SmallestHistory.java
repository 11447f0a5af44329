package chat.engine.examples.faultcheck.check.smallest;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The part of a history that shows one violation: no more events than the {@link Reduction} leaves,
 * the faults, and what was stored of those that are concerned. Of a long answer it has the part
 * that the violation is about.
 */
public final class SmallestHistory {
  private static final int MOST_LINES = 60;

  private SmallestHistory() {}

  /**
   * The lines to print, in order of time.
   *
   * @param check finds what a history breaks
   * @param isOver whether to be content with fewer events taken out; asked again and again
   */
  public static List<String> of(
      History history,
      Violation violation,
      Function<History, List<Violation>> check,
      BooleanSupplier isOver) {
    ScopeFilter filter = new ScopeFilter(history, violation);
    Set<Event> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    kept.addAll(Reduction.of(history, violation, check, isOver));
    boolean isReduced = kept.size() < history.events().size();
    List<String> lines = new ArrayList<>();
    for (Event event : history.events()) {
      boolean belongs = filter.belongs(event);
      if (isShown(event, belongs, isReduced, kept)) {
        lines.add(String.format(Locale.ROOT, "%9.3f s  %s", event.at() / 1e6, text(event)));
      }
    }
    history.facts().stream()
        .filter(filter::belongs)
        .forEach(fact -> lines.add("   stored  " + fact));
    return shortened(lines);
  }

  private static boolean isShown(Event event, boolean belongs, boolean isReduced, Set<Event> kept) {
    if (event instanceof Event.Faulted || event instanceof Event.Died) {
      return true;
    }
    boolean isItem =
        event instanceof Event.OfCall part
            && part.op() != 0
            && !(event instanceof Event.Called)
            && !(event instanceof Event.Answered);
    return kept.contains(event) && (belongs || (isReduced && !isItem));
  }

  private static List<String> shortened(List<String> lines) {
    int left = lines.size() - MOST_LINES;
    if (left <= 0) {
      return lines;
    }
    List<String> ends = new ArrayList<>(lines.subList(0, MOST_LINES / 2));
    ends.add("           ... " + left + " lines more ...");
    ends.addAll(lines.subList(lines.size() - MOST_LINES / 2, lines.size()));
    return ends;
  }

  private static String text(Event event) {
    String text = Objects.toString(event).replaceFirst("at=\\d+, ", "");
    return text.length() > 300 ? text.substring(0, 300) + " ..." : text;
  }
}
