package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who reacted to what, as it is stored in the end, and which changes of reactions need not be told:
 * those that a later one has taken the place of, and to a session those that it was answered. Not
 * changed after it was made.
 */
public final class Reactions {
  /** A message. */
  public record Place(long conversation, long seq) {}

  private record Change(long conversation, long rev) {}

  private record Told(String session, Change change) {}

  private final Set<Change> logged = new HashSet<>();
  private final Set<Change> last = new HashSet<>();
  private final Set<Told> answered = new HashSet<>();
  private final Map<Place, Map<String, Map<String, Fact.Reaction>>> byUser = new HashMap<>();

  Reactions(History history) {
    history
        .facts(Fact.Change.class)
        .filter(change -> change.kind() == Fact.Kind.MESSAGE_REACTED)
        .forEach(change -> logged.add(new Change(change.conversation(), change.rev())));
    history
        .facts(Fact.Reaction.class)
        .forEach(
            reaction -> {
              last.add(new Change(reaction.conversation(), reaction.rev()));
              byUser
                  .computeIfAbsent(
                      new Place(reaction.conversation(), reaction.seq()), none -> new HashMap<>())
                  .computeIfAbsent(reaction.user(), none -> new HashMap<>())
                  .put(reaction.emoji(), reaction);
            });
    history
        .events(Event.ReactionTold.class)
        .filter(told -> told.how() == How.ANSWER)
        .forEach(
            told ->
                answered.add(
                    new Told(told.session(), new Change(told.conversation(), told.rev()))));
  }

  /** What a user reacted to a message with, now or before, by emoji. */
  public Map<String, Fact.Reaction> of(Place place, String user) {
    return byUser.getOrDefault(place, Map.of()).getOrDefault(user, Map.of());
  }

  /** How many users react to a message, by emoji. */
  public Map<String, Long> counts(Place place) {
    Map<String, Long> counts = new HashMap<>();
    byUser
        .getOrDefault(place, Map.of())
        .values()
        .forEach(
            given ->
                given.values().stream()
                    .filter(Fact.Reaction::active)
                    .forEach(reaction -> counts.merge(reaction.emoji(), 1L, Long::sum)));
    return counts;
  }

  /** Whether a session need not be told a change, because it was answered or overtaken. */
  boolean isOptional(String session, long conversation, long rev) {
    Change change = new Change(conversation, rev);
    boolean overtaken = logged.contains(change) && !last.contains(change);
    return overtaken || answered.contains(new Told(session, change));
  }
}
