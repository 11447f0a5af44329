package chat.engine.examples.faultcheck.history;

import java.util.List;
import java.util.stream.Stream;

/**
 * What happened in a run, in order, and what was stored at its end. Immutable.
 *
 * @param events ascending by time
 */
public record History(List<Event> events, List<Fact> facts) {
  public History {
    events = List.copyOf(events);
    facts = List.copyOf(facts);
  }

  /** The events of one kind, in order. */
  public <E extends Event> Stream<E> events(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast);
  }

  public <F extends Fact> Stream<F> facts(Class<F> kind) {
    return facts.stream().filter(kind::isInstance).map(kind::cast);
  }
}
