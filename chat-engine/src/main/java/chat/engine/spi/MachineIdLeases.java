package chat.engine.spi;

import java.time.Duration;
import java.util.Optional;

/**
 * Hands out the 16-bit machine ids of Sonyflake so that no two live holders in the cluster have the
 * same.
 *
 * <p>A lease lasts for its time to live and must be renewed before it ends. For each machine id the
 * leases remember the used time: the latest Sonyflake time, in units of 10 ms, that any holder may
 * have put into an id. It never decreases, even if a call passes a lower one, and it outlasts the
 * lease. The next holder starts above it, so ids are unique even if its clock is behind.
 *
 * <p>Thread-safe; methods may block.
 */
public interface MachineIdLeases extends AutoCloseable {
  /** How long a lease lasts from the start of the call that gave or renewed it. Constant. */
  Duration timeToLive();

  /**
   * Takes a machine id that nobody holds. Prefers one whose used time is below {@code now}, so that
   * its holder can make ids at once. Gives another only if there is no such machine id, and then
   * the one with the lowest used time that it finds.
   *
   * @param owner for people who look at the leases: host and process, for example
   * @param now the Sonyflake time of the caller's clock, in units of 10 ms
   * @throws StoreUnavailableException if the leases cannot be reached
   * @throws IllegalStateException if all machine ids are taken
   */
  Lease acquire(String owner, long now);

  /**
   * Extends a lease and raises the used time of its machine id, if the given one is higher.
   *
   * @param usedTime up to which time ids may be made before the next renewal
   * @return the lease for further renewal, with the used time that is now remembered; or empty if
   *     it was lost to another holder or to a restart without memory
   * @throws StoreUnavailableException if the leases cannot be reached; the lease may still be held
   */
  Optional<Lease> renew(Lease lease, long usedTime);

  /**
   * Gives a lease back early, and raises the used time of its machine id, if the given one is
   * higher. Does nothing if the lease was lost. Best effort, never throws.
   */
  void release(Lease lease, long usedTime);

  @Override
  void close();

  /**
   * @param machineId 0 to 65,535
   * @param token the fencing token: every lease of a machine id has another
   * @param usedTime the used time of the machine id when the lease was given or renewed; 0 for none
   */
  record Lease(int machineId, String token, long usedTime) {
    public Lease {
      if (machineId < 0 || machineId > 0xffff) {
        throw new IllegalArgumentException("a machine id is 0 to 65535, not " + machineId);
      }
    }
  }
}
