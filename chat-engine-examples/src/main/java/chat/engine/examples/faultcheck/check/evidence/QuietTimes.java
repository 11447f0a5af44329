package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.List;

/** When no fault was in force: only then the time that healing may take runs. */
public final class QuietTimes {
  /** Within which every connected member has everything after a fault has ended. */
  public static final long HEALING_MICROS = 10_000_000;

  private static final long MEASURING_MICROS = 1_000_000;

  private record Span(long begin, long end) {}

  private final List<Span> faults = new ArrayList<>();

  QuietTimes(History history) {
    List<Event.Faulted> open = new ArrayList<>();
    for (Event.Faulted fault : history.events(Event.Faulted.class).toList()) {
      if (fault.begins()) {
        open.add(fault);
      } else {
        open.stream()
            .filter(
                begun -> begun.name().equals(fault.name()) && begun.detail().equals(fault.detail()))
            .findFirst()
            .ifPresent(
                begun -> {
                  open.remove(begun);
                  faults.add(new Span(begun.at(), fault.at()));
                });
      }
    }
    open.forEach(fault -> faults.add(new Span(fault.at(), Long.MAX_VALUE)));
  }

  /** By when what was there at the given time must have reached everybody. */
  public long due(long from) {
    long begin = from;
    for (boolean moved = true; moved; ) {
      moved = false;
      for (Span fault : faults) {
        if (fault.begin() < begin + HEALING_MICROS && fault.end() > begin) {
          begin = fault.end();
          moved = true;
        }
      }
      if (begin == Long.MAX_VALUE) {
        return begin;
      }
    }
    return begin + HEALING_MICROS + MEASURING_MICROS;
  }

  boolean anyWithin(long from, long to) {
    return faults.stream().anyMatch(fault -> fault.begin() < to && fault.end() > from);
  }
}
