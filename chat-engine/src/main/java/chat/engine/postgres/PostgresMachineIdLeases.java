package chat.engine.postgres;

import chat.engine.spi.MachineIdLeases;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machine-id leases in {@code chat_machine_leases}, for 30 s by the clock of the database. A
 * machine id whose lease has ended is taken before a new one is begun. Thread-safe; blocks.
 */
final class PostgresMachineIdLeases implements MachineIdLeases {
  private static final Logger log = LoggerFactory.getLogger(PostgresMachineIdLeases.class);
  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);
  private static final int MACHINES = 1 << 16;
  private static final String END = "clock_timestamp() + :ttl * interval '1 millisecond'";

  private final Transactions transactions;

  PostgresMachineIdLeases(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Duration timeToLive() {
    return TIME_TO_LIVE;
  }

  @Override
  public Lease acquire(String owner) {
    String token = UUID.randomUUID().toString();
    while (true) {
      Optional<Lease> lease =
          transactions.write(
              handle -> takeEnded(handle, owner, token).or(() -> begin(handle, owner, token)));
      if (lease.isPresent()) {
        return lease.get();
      }
    }
  }

  private static Optional<Lease> takeEnded(Handle handle, String owner, String token) {
    return handle
        .createQuery(
            "UPDATE chat_machine_leases SET token = :token, owner = :owner, expires_at = "
                + END
                + " WHERE machine_id = (SELECT machine_id FROM chat_machine_leases WHERE expires_at < clock_timestamp()"
                + " ORDER BY machine_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING machine_id, used_time")
        .bind("token", token)
        .bind("owner", owner)
        .bind("ttl", TIME_TO_LIVE.toMillis())
        .map((row, context) -> new Lease(row.getInt(1), token, row.getLong(2)))
        .findOne();
  }

  /** Begins the next machine id; empty if another was faster. */
  private static Optional<Lease> begin(Handle handle, String owner, String token) {
    int next =
        handle
            .createQuery("SELECT coalesce(max(machine_id) + 1, 0) FROM chat_machine_leases")
            .mapTo(Integer.class)
            .one();
    if (next >= MACHINES) {
      throw new IllegalStateException("all " + MACHINES + " machine ids are taken");
    }
    return handle
        .createQuery(
            "INSERT INTO chat_machine_leases (machine_id, token, owner, expires_at, used_time) VALUES (:machine, :token,"
                + " :owner, "
                + END
                + ", 0) ON CONFLICT DO NOTHING RETURNING machine_id")
        .bind("machine", next)
        .bind("token", token)
        .bind("owner", owner)
        .bind("ttl", TIME_TO_LIVE.toMillis())
        .map((row, context) -> new Lease(row.getInt(1), token, 0))
        .findOne();
  }

  @Override
  public Optional<Lease> renew(Lease lease, long usedTime) {
    return transactions.write(
        handle ->
            handle
                .createQuery(
                    "UPDATE chat_machine_leases SET used_time = greatest(used_time, :used), expires_at = "
                        + END
                        + " WHERE machine_id = :machine AND token = :token AND expires_at >= clock_timestamp()"
                        + " RETURNING used_time")
                .bind("used", usedTime)
                .bind("ttl", TIME_TO_LIVE.toMillis())
                .bind("machine", lease.machineId())
                .bind("token", lease.token())
                .map((row, context) -> new Lease(lease.machineId(), lease.token(), row.getLong(1)))
                .findOne());
  }

  @Override
  public void release(Lease lease, long usedTime) {
    try {
      int released =
          transactions.write(
              handle ->
                  handle
                      .createUpdate(
                          "UPDATE chat_machine_leases SET used_time = :used, expires_at = '-infinity'"
                              + " WHERE machine_id = :machine AND token = :token")
                      .bind("used", usedTime)
                      .bind("machine", lease.machineId())
                      .bind("token", lease.token())
                      .execute());
      log.trace("released {} lease", released);
    } catch (RuntimeException endsByItself) {
      log.debug(
          "machine id {} could not be released; its lease ends by itself",
          lease.machineId(),
          endsByItself);
    }
  }

  @Override
  public void close() {}
}
