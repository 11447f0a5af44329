package chat.engine.sonyflake;

import java.time.Instant;

/**
 * The layout of an id: 39 bits of time in units of 10 ms since 2014-09-01T00:00:00Z, 8 bits of
 * sequence, 16 bits of machine id; 63 bits in all. The same as sony/sonyflake v1 (sonyflake.go)
 * with its default start time.
 */
public final class Sonyflake {
  /** Time zero. */
  public static final Instant EPOCH = Instant.parse("2014-09-01T00:00:00Z");

  static final int SEQUENCE_BITS = 8;
  static final int MACHINE_BITS = 16;
  static final int IDS_PER_UNIT = 1 << SEQUENCE_BITS;
  static final long MAX_TIME = (1L << 39) - 1;
  static final long UNITS_PER_SECOND = 100;
  static final int NANOS_PER_UNIT = 10_000_000;

  private static final long EPOCH_UNITS = EPOCH.toEpochMilli() / 10;

  private Sonyflake() {}

  /**
   * @param time in units of 10 ms since {@link #EPOCH}
   */
  public static long compose(long time, int sequence, int machineId) {
    return time << (SEQUENCE_BITS + MACHINE_BITS) | (long) sequence << MACHINE_BITS | machineId;
  }

  /** The time of an id, in units of 10 ms since {@link #EPOCH}. */
  public static long time(long id) {
    return id >>> (SEQUENCE_BITS + MACHINE_BITS);
  }

  public static int sequence(long id) {
    return (int) (id >>> MACHINE_BITS) & (IDS_PER_UNIT - 1);
  }

  public static int machineId(long id) {
    return (int) id & 0xffff;
  }

  /** When the id was made, to 10 ms. */
  public static Instant instant(long id) {
    return Instant.ofEpochMilli((time(id) + EPOCH_UNITS) * 10);
  }

  /**
   * The unit of 10 ms that an instant lies in; 0 for anything before {@link #EPOCH}, and the last
   * unit for anything after the 174 years that an id can hold.
   */
  public static long timeOf(Instant instant) {
    long seconds = instant.getEpochSecond() - EPOCH.getEpochSecond();
    if (seconds < 0) {
      return 0;
    }
    return Math.min(MAX_TIME, seconds * UNITS_PER_SECOND + instant.getNano() / NANOS_PER_UNIT);
  }

  /** An id below every id that is made in the instant's unit of 10 ms or later; at least 1. */
  public static long floor(Instant instant) {
    return Math.max(1, compose(timeOf(instant), 0, 0) - 1);
  }
}
