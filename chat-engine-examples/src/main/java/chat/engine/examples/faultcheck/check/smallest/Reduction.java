package chat.engine.examples.faultcheck.check.smallest;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Takes events out of a history for as long as a check finds the same violation in the rest: large
 * pieces first, then smaller ones, at last single events (delta debugging: Zeller and Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", 2002). A violation is the same if it is equal
 * in all parts, the sentence with its users and numbers included.
 *
 * <p>What is left must not tell another story than the whole, even if a check would say the same of
 * it. So what was stored at the end stays; a call and its answer stay or go together, since half an
 * answer would look like one that left something out; and where a session was told a state, it
 * keeps what it was told of that later, since an older state would look like the last one.
 *
 * <p>Not thread-safe. The same history and violation give the same result, unless time is over.
 */
public final class Reduction {
  private final Function<History, List<Violation>> check;
  private final BooleanSupplier isOver;
  private final Violation violation;
  private final List<Event> events;
  private final List<Fact> facts;

  /** Of each event, the number of its piece: those of one call are one piece. */
  private final int[] pieces;

  private final int count;

  private Reduction(
      History history,
      Violation violation,
      Function<History, List<Violation>> check,
      BooleanSupplier isOver) {
    this.check = check;
    this.isOver = isOver;
    this.violation = violation;
    this.events = history.events();
    this.facts = history.facts();
    this.pieces = new int[events.size()];
    Map<Long, Integer> ofCalls = new HashMap<>();
    int next = 0;
    for (int i = 0; i < pieces.length; i++) {
      long op = events.get(i) instanceof Event.OfCall part ? part.op() : 0;
      Integer known = op == 0 ? null : ofCalls.putIfAbsent(op, next);
      pieces[i] = known == null ? next++ : known;
    }
    this.count = next;
  }

  /**
   * The events that are left.
   *
   * @param check finds what a history breaks
   * @param isOver whether to be content with what was reached; asked before each run of the check
   */
  public static List<Event> of(
      History history,
      Violation violation,
      Function<History, List<Violation>> check,
      BooleanSupplier isOver) {
    Reduction reduction = new Reduction(history, violation, check, isOver);
    return reduction.events(reduction.reduced(history));
  }

  private BitSet reduced(History history) {
    BitSet all = new BitSet();
    all.set(0, count);
    BitSet within = within(new ScopeFilter(history, violation));
    return withoutPieces(first(all, within, own(within)));
  }

  /** What the violation is about: where that is enough, runs over the whole need not be made. */
  private BitSet within(ScopeFilter filter) {
    BitSet within = new BitSet();
    for (int i = 0; i < pieces.length; i++) {
      if (filter.belongs(events.get(i))) {
        within.set(pieces[i]);
      }
    }
    return within;
  }

  /** With the whole life of the users and sessions that the violation names. */
  private BitSet own(BitSet within) {
    BitSet more = (BitSet) within.clone();
    for (int i = 0; i < pieces.length; i++) {
      Event event = events.get(i);
      boolean isOwn =
          event instanceof Event.OfSession told
              ? violation.scope().sessions().contains(told.session())
                  || violation.scope().users().contains(told.session().split("#", 2)[0])
              : !(event instanceof Event.InConversation);
      boolean isHere =
          event instanceof Event.InConversation here
              && here.conversation() == violation.scope().conversation();
      if (isOwn || isHere) {
        more.set(pieces[i]);
      }
    }
    return more;
  }

  /** The first of the candidates that shows the violation, with what belongs to it. */
  private BitSet first(BitSet otherwise, BitSet... candidates) {
    for (BitSet candidate : candidates) {
      BitSet closed = closed(candidate, otherwise);
      if (isOver.getAsBoolean()) {
        break;
      }
      if (isFoundIn(closed)) {
        return closed;
      }
    }
    return otherwise;
  }

  private BitSet withoutPieces(BitSet from) {
    BitSet kept = from;
    int size = Math.max(1, kept.cardinality() / 2);
    boolean again = true;
    while (again) {
      boolean fewer = false;
      int at = kept.nextSetBit(0);
      while (at >= 0) {
        if (isOver.getAsBoolean()) {
          return kept;
        }
        BitSet rest = (BitSet) kept.clone();
        int end = at;
        for (int taken = 0; taken < size && end >= 0; taken++) {
          rest.clear(end);
          end = kept.nextSetBit(end + 1);
        }
        rest = closed(rest, kept);
        if (!rest.equals(kept) && isFoundIn(rest)) {
          kept = rest;
          fewer = true;
        }
        at = end < 0 ? -1 : kept.nextSetBit(end);
      }
      again = size > 1 || fewer;
      size = Math.max(1, size / 2);
    }
    return kept;
  }

  /** With what was told later, of those that may be kept, of a state that is told in these. */
  private BitSet closed(BitSet pieces, BitSet among) {
    BitSet closed = (BitSet) pieces.clone();
    boolean grew = true;
    while (grew) {
      grew = false;
      Set<List<Object>> told = new HashSet<>();
      for (int i = 0; i < this.pieces.length; i++) {
        int piece = this.pieces[i];
        List<Object> state = among.get(piece) ? state(events.get(i)) : List.of();
        if (state.isEmpty()) {
          continue;
        }
        if (closed.get(piece)) {
          told.add(state);
        } else if (told.contains(state)) {
          closed.set(piece);
          grew = true;
        }
      }
    }
    return closed;
  }

  /** What a session is told the state of; empty if it is told none. */
  private static List<Object> state(Event event) {
    if (event instanceof Event.StateTold told) {
      return List.of("message", told.session(), told.conversation(), told.seq());
    } else if (event instanceof Event.ReactionTold told) {
      return List.of("message", told.session(), told.conversation(), told.seq());
    } else if (event instanceof Event.PinTold told) {
      return List.of("pins", told.session(), told.conversation());
    } else if (event instanceof Event.PinsTold told) {
      return List.of("pins", told.session(), told.conversation());
    } else if (event instanceof Event.PreferencesTold told) {
      return List.of("preferences", told.session(), told.conversation());
    } else if (event instanceof Event.Position told) {
      return List.of("position", told.session(), told.conversation());
    } else if (event instanceof Event.ChangeTold told) {
      return told.subjects().isEmpty()
          ? List.of("group", told.session(), told.conversation(), told.kind())
          : List.of("members", told.session(), told.conversation(), told.subjects());
    } else if (event instanceof Event.ReceiptTold told) {
      return List.of("receipt", told.session(), told.conversation(), told.user(), told.read());
    } else if (event instanceof Event.PresenceTold told) {
      return List.of("presence", told.session(), told.user());
    }
    return List.of();
  }

  private List<Event> events(BitSet kept) {
    return IntStream.range(0, pieces.length)
        .filter(i -> kept.get(pieces[i]))
        .mapToObj(events::get)
        .toList();
  }

  private boolean isFoundIn(BitSet kept) {
    try {
      return check.apply(new History(events(kept), facts)).contains(violation);
    } catch (RuntimeException senseless) {
      return false; // such as a change that no call made: no history that a run could have
    }
  }
}
