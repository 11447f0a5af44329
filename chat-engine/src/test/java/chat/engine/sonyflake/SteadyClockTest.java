package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class SteadyClockTest {
  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final TestClocks clocks = new TestClocks();
  private SteadyClock clock = SteadyClock.startingAt(clocks.instant(), clocks.nanoTime());

  private long units() {
    return clock.units(clocks.nanoTime());
  }

  private void follow() {
    clock = clock.follow(clocks.instant(), clocks.nanoTime());
  }

  private void pass(Duration time) {
    for (Duration left = time; !left.isZero(); left = left.minus(PERIOD)) {
      clocks.pass(PERIOD);
      follow();
    }
  }

  /** By how many units this clock is ahead of the wall clock. */
  private long ahead() {
    return units() - clocks.units();
  }

  @Test
  void itStartsAtTheWallClockAndRunsWithTheMonotonicClock() {
    assertThat(units()).isEqualTo(clocks.units());
    clocks.pass(Duration.ofNanos(9_999_999));
    assertThat(ahead()).isZero();
    clocks.pass(Duration.ofNanos(1));
    assertThat(ahead()).isZero();
    clocks.pass(Duration.ofDays(400));
    assertThat(ahead()).isZero();
    clocks.setWallBy(Duration.ofHours(-1));
    assertThat(ahead()).isEqualTo(360_000);
  }

  @Test
  void aReadingFromBeforeItsAnchorIsTheAnchor() {
    long before = clocks.nanoTime() - 1_000_000_000;
    assertThat(clock.units(before)).isEqualTo(units());
  }

  @Test
  void aWallClockAheadByUpToASecondIsFollowedAtOnce() {
    clocks.setWallBy(Duration.ofMillis(10));
    follow();
    assertThat(ahead()).isZero();
    clocks.setWallBy(Duration.ofSeconds(1));
    follow();
    assertThat(ahead()).isZero();
    assertThat(clock.behindWall()).isZero();
    assertThat(clock.aheadOfWall()).isZero();
  }

  @Test
  void aWallClockAheadByMoreIsFollowedWhenItHasStayedThereForAMinute() {
    clocks.setWallBy(Duration.ofHours(3));
    follow();
    assertThat(ahead()).isEqualTo(-3 * 360_000);
    assertThat(clock.behindWall()).isEqualTo(Duration.ofHours(3));
    pass(Duration.ofSeconds(50));
    assertThat(ahead()).isEqualTo(-3 * 360_000);
    clocks.pass(Duration.ofSeconds(10).minusNanos(1));
    follow();
    assertThat(ahead()).isEqualTo(-3 * 360_000);
    clocks.pass(Duration.ofNanos(1));
    follow();
    assertThat(ahead()).isZero();
    assertThat(clock.behindWall()).isZero();
  }

  @Test
  void aWallClockThatIsSetForwardsAndBackWithinAMinuteChangesNothing() {
    clocks.setWallBy(Duration.ofHours(3));
    pass(Duration.ofSeconds(50));
    clocks.setWallBy(Duration.ofHours(-3));
    pass(Duration.ofSeconds(10));
    assertThat(ahead()).isZero();
    clocks.setWallBy(Duration.ofHours(3));
    pass(Duration.ofSeconds(50));
    assertThat(ahead()).isEqualTo(-3 * 360_000);
  }

  @Test
  void ofAWallClockThatWandersTheLeastStepIsFollowed() {
    clocks.setWallBy(Duration.ofHours(3));
    pass(PERIOD);
    clocks.setWallBy(Duration.ofHours(-2));
    pass(PERIOD);
    clocks.setWallBy(Duration.ofHours(5));
    pass(Duration.ofSeconds(50));
    assertThat(ahead()).isEqualTo(-5 * 360_000);
    assertThat(clock.behindWall()).isZero();
  }

  @Test
  void aWallClockThatIsBehindSlowsItToHalfSpeedUntilTheyAgree() {
    clocks.setWallBy(Duration.ofSeconds(-15));
    follow();
    assertThat(ahead()).isEqualTo(1_500);
    assertThat(clock.aheadOfWall()).isEqualTo(Duration.ofSeconds(15));
    pass(PERIOD);
    assertThat(ahead()).isEqualTo(1_000);
    pass(PERIOD);
    assertThat(ahead()).isEqualTo(500);
    clocks.pass(PERIOD);
    assertThat(ahead()).isZero();
    clocks.pass(
        PERIOD); // it does not become slower than the wall clock, even if nobody corrects it
    assertThat(ahead()).isZero();
    follow();
    assertThat(clock.aheadOfWall()).isZero();
    assertThat(ahead()).isZero();
  }

  @Test
  void itNeverGoesBackWhateverTheWallClockShows() {
    Instant[] shown = {
      Instant.MIN, Instant.EPOCH, TestClocks.START, Instant.MAX, Sonyflake.EPOCH.minusSeconds(1)
    };
    long last = units();
    for (int i = 0; i < 1_000; i++) {
      clocks.pass(Duration.ofMillis(i * 7 % 3_000));
      clock = clock.follow(shown[i / 20 % shown.length], clocks.nanoTime());
      assertThat(units()).isBetween(last, Sonyflake.MAX_TIME);
      last = units();
    }
  }

  @Test
  void aWallClockBeforeTheFirstTimeIsTimeZeroAndOneAfterTheLastTheLast() {
    assertThat(SteadyClock.startingAt(Instant.MIN, 0).units(0)).isZero();
    assertThat(SteadyClock.startingAt(Sonyflake.EPOCH.minusNanos(1), 0).units(0)).isZero();
    assertThat(SteadyClock.startingAt(Sonyflake.EPOCH.plusMillis(25), 0).units(0)).isEqualTo(2);
    assertThat(SteadyClock.startingAt(Instant.MAX, 0).units(0)).isEqualTo(Sonyflake.MAX_TIME);
    assertThat(SteadyClock.startingAt(Instant.MAX, 0).units(1_000_000_000_000L))
        .isEqualTo(Sonyflake.MAX_TIME);
  }
}
