package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import org.jspecify.annotations.Nullable;

/** A call and what became of it. */
record Op(Event.Called call, Event.@Nullable Answered answer) {
  Outcome outcome() {
    return answer == null ? Outcome.LOST : answer.outcome();
  }

  boolean ok() {
    return outcome() == Outcome.OK;
  }

  /** When it was over; the end of time if no answer came. */
  long end() {
    return answer == null ? Long.MAX_VALUE : answer.at();
  }

  /** After which it cannot take effect any more; the end of time if nobody knows. */
  long effectEnd() {
    return outcome() == Outcome.OK || outcome() == Outcome.REFUSED ? end() : Long.MAX_VALUE;
  }

  long seq() {
    return answer == null ? 0 : answer.number();
  }

  long id() {
    return answer == null ? 0 : answer.id();
  }

  boolean again() {
    return answer != null && answer.again();
  }
}
