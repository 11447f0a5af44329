package chat.engine.sonyflake;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The two clocks of a machine, which only the test moves. */
final class TestClocks implements InstantSource {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicReference<Instant> wall;
  private final AtomicLong nanos =
      new AtomicLong(Long.MAX_VALUE - 5_000_000_000L); // overflows soon

  TestClocks() {
    this(START);
  }

  TestClocks(Instant wall) {
    this.wall = new AtomicReference<>(wall);
  }

  @Override
  public Instant instant() {
    return wall.get();
  }

  long nanoTime() {
    return nanos.get();
  }

  /** Time passes on both clocks. */
  void pass(Duration time) {
    setWallBy(time);
    nanos.addAndGet(time.toNanos());
  }

  /** Somebody sets the wall clock. */
  void setWallBy(Duration step) {
    wall.updateAndGet(now -> now.plus(step));
  }

  /** The unit of 10 ms that the wall clock shows. */
  long units() {
    return Sonyflake.timeOf(instant());
  }
}
