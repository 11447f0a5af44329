package chat.engine.sonyflake;

import chat.engine.spi.MachineIdLeases.Lease;

/**
 * A machine id with the times for which it is reserved: ids may have a time from {@code firstTime}
 * to {@code lastTime}, in units of 10 ms, and may be given until {@code validUntilNanos} of the
 * monotonic clock. Nobody else ever uses the machine id for these times, even if the lease is lost.
 */
record LeasedMachine(Lease lease, long firstTime, long lastTime, long validUntilNanos) {
  int machineId() {
    return lease.machineId();
  }

  boolean isUsable(long time, long nanos) {
    return firstTime <= time && time <= lastTime && nanos - validUntilNanos < 0;
  }
}
