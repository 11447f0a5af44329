package chat.engine.sonyflake;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What a generator may use at present: a clock, and machine ids with the times that are reserved
 * for them. Immutable.
 *
 * @param machines by ascending machine id
 */
record Reservation(SteadyClock clock, List<LeasedMachine> machines) {
  Reservation {
    machines = machines.stream().sorted(Comparator.comparingInt(LeasedMachine::machineId)).toList();
  }

  /** The machine ids that may be used for ids of the given time, at the given moment. */
  Usable usableAt(long time, long nanos) {
    int[] machineIds = new int[machines.size()];
    int count = 0;
    long validFor = Long.MAX_VALUE;
    for (LeasedMachine machine : machines) {
      if (machine.isUsable(time, nanos)) {
        machineIds[count++] = machine.machineId();
        validFor = Math.min(validFor, machine.validUntilNanos() - nanos);
      }
    }
    return new Usable(Arrays.copyOf(machineIds, count), nanos + validFor);
  }

  /** Machine ids, ascending, and the moment at which the first of their leases may end. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never leaves the package
  record Usable(int[] machineIds, long validUntilNanos) {
    boolean isEmpty() {
      return machineIds.length == 0;
    }
  }
}
