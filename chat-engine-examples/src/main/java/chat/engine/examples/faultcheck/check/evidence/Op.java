package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import org.jspecify.annotations.Nullable;

/** A call and what became of it. */
public record Op(Event.Called call, Event.@Nullable Answered answer) {
  public Outcome outcome() {
    return answer == null ? Outcome.LOST : answer.outcome();
  }

  public boolean ok() {
    return outcome() == Outcome.OK;
  }

  /** When it was over; the end of time if no answer came. */
  public long end() {
    return answer == null ? Long.MAX_VALUE : answer.at();
  }

  /** After which it cannot take effect any more; the end of time if nobody knows. */
  public long effectEnd() {
    return outcome() == Outcome.OK || outcome() == Outcome.REFUSED ? end() : Long.MAX_VALUE;
  }

  public long seq() {
    return answer == null ? 0 : answer.number();
  }

  public long id() {
    return answer == null ? 0 : answer.id();
  }

  public boolean again() {
    return answer != null && answer.again();
  }
}
