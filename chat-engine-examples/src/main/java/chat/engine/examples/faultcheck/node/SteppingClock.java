package chat.engine.examples.faultcheck.node;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that can be set. Thread-safe. */
final class SteppingClock implements InstantSource {
  private final InstantSource system;
  private volatile Duration offset = Duration.ZERO;

  SteppingClock(InstantSource system) {
    this.system = system;
  }

  void offset(Duration changed) {
    offset = changed;
  }

  @Override
  public Instant instant() {
    return system.instant().plus(offset);
  }
}
