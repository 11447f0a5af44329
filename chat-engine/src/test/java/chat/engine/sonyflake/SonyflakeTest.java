package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class SonyflakeTest {
  private static final long LAST = (1L << 39) - 1;

  @Test
  void theLayoutIsThatOfSonyflake() {
    // 39 bits of 10 ms since 2014-09-01, 8 bits of sequence, 16 bits of machine
    long id = Sonyflake.compose(1, 2, 3);
    assertThat(id).isEqualTo((1L << 24) | (2L << 16) | 3);
    assertThat(Sonyflake.time(id)).isEqualTo(1);
    assertThat(Sonyflake.sequence(id)).isEqualTo(2);
    assertThat(Sonyflake.machineId(id)).isEqualTo(3);
    assertThat(Sonyflake.instant(id)).isEqualTo(Instant.parse("2014-09-01T00:00:00.010Z"));
  }

  @Test
  void theLargestIdFillsAll63Bits() {
    long id = Sonyflake.compose(LAST, 255, 65_535);
    assertThat(id).isEqualTo(Long.MAX_VALUE);
    assertThat(Sonyflake.time(id)).isEqualTo(LAST);
    assertThat(Sonyflake.sequence(id)).isEqualTo(255);
    assertThat(Sonyflake.machineId(id)).isEqualTo(65_535);
  }

  @Test
  void aTimeIsTheUnitOf10MsThatAnInstantLiesIn() {
    assertThat(Sonyflake.timeOf(Sonyflake.EPOCH)).isZero();
    assertThat(Sonyflake.timeOf(Sonyflake.EPOCH.plusNanos(9_999_999))).isZero();
    assertThat(Sonyflake.timeOf(Sonyflake.EPOCH.plusMillis(10))).isEqualTo(1);
    assertThat(Sonyflake.timeOf(Sonyflake.EPOCH.plusMillis(61_239))).isEqualTo(6_123);
  }

  @Test
  void aTimeOutsideWhatAnIdCanHoldIsTheNearestThatItCanHold() {
    assertThat(Sonyflake.timeOf(Sonyflake.EPOCH.minusNanos(1))).isZero();
    assertThat(Sonyflake.timeOf(Instant.MIN)).isZero();
    assertThat(Sonyflake.timeOf(Instant.MAX)).isEqualTo(LAST);
    assertThat(Sonyflake.timeOf(Sonyflake.EPOCH.plusMillis(LAST * 10))).isEqualTo(LAST);
    assertThat(Sonyflake.timeOf(Sonyflake.EPOCH.plusMillis(LAST * 10 + 10))).isEqualTo(LAST);
  }

  @Test
  void theFloorLiesJustBelowTheIdsOfItsUnit() {
    Instant instant = TestClocks.START;
    long first = Sonyflake.compose(Sonyflake.timeOf(instant), 0, 0);
    assertThat(Sonyflake.floor(instant)).isEqualTo(first - 1);
    assertThat(Sonyflake.floor(Sonyflake.EPOCH)).isEqualTo(1);
    assertThat(Sonyflake.floor(Instant.MIN)).isEqualTo(1);
  }
}
