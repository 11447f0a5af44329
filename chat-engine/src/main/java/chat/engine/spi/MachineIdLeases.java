package chat.engine.spi;

import java.time.Duration;
import java.util.Optional;

/**
 * Hands out the 16-bit machine ids of Sonyflake so that no two live holders in the cluster have the
 * same. A lease lasts for its time to live and must be renewed before; it remembers the latest
 * Sonyflake time that its machine id has used, so that the next holder starts above it even if its
 * clock is behind. Thread-safe; methods may block.
 */
public interface MachineIdLeases extends AutoCloseable {
  /** How long a lease lasts from the start of the call that gave or renewed it. */
  Duration timeToLive();

  /**
   * Takes a machine id that nobody holds.
   *
   * @param owner for people who look at the leases: host and process, for example
   * @throws StoreUnavailableException if the leases cannot be reached
   * @throws IllegalStateException if all machine ids are taken
   */
  Lease acquire(String owner);

  /**
   * Extends a lease and notes the latest Sonyflake time used under it, in units of 10 ms.
   *
   * @return the lease for further renewal, or empty if it was lost to another holder or to a
   *     restart without memory
   * @throws StoreUnavailableException if the leases cannot be reached; the lease may still be held
   */
  Optional<Lease> renew(Lease lease, long usedTime);

  /** Gives a lease back early, with the latest time used under it. Best effort, never throws. */
  void release(Lease lease, long usedTime);

  @Override
  void close();

  /**
   * @param machineId 0 to 65,535
   * @param token the fencing token: a renewal by anybody else with the same machine id has another
   * @param usedTime the latest Sonyflake time, in units of 10 ms, that an earlier holder may have
   *     used; 0 for none
   */
  record Lease(int machineId, String token, long usedTime) {}
}
