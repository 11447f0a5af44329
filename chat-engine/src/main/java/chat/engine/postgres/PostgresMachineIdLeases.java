package chat.engine.postgres;

import chat.engine.postgres.connection.Transactions;
import chat.engine.spi.MachineIdLeases;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machine-id leases in {@code chat_machine_leases}, for 30 s by the clock of the database. A
 * machine id whose lease has ended is taken before a new one is begun, unless it was used up to a
 * time that is still ahead. Thread-safe; blocks.
 */
final class PostgresMachineIdLeases implements MachineIdLeases {
  private static final Logger log = LoggerFactory.getLogger(PostgresMachineIdLeases.class);
  private static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);
  private static final int MACHINES = 1 << 16;
  private static final String END = "clock_timestamp() + :ttl * interval '1 millisecond'";

  private final Transactions transactions;
  private final int machines;

  PostgresMachineIdLeases(Transactions transactions) {
    this(transactions, MACHINES);
  }

  /**
   * @param machines how many machine ids there are
   */
  PostgresMachineIdLeases(Transactions transactions, int machines) {
    this.transactions = transactions;
    this.machines = machines;
  }

  @Override
  public Duration timeToLive() {
    return TIME_TO_LIVE;
  }

  @Override
  public Lease acquire(String owner, long now) {
    String token = UUID.randomUUID().toString();
    while (true) {
      Optional<Lease> lease =
          transactions.write(
              handle -> {
                Optional<Lease> ended = takeEnded(handle, owner, token, now);
                if (ended.isPresent()) {
                  return ended;
                }
                int next = nextMachine(handle);
                return next < machines
                    ? begin(handle, owner, token, next)
                    : Optional.of(takeLast(handle, owner, token));
              });
      if (lease.isPresent()) {
        return lease.get();
      }
    }
  }

  /** Reads the rows of machine ids ever used: about as many as nodes ran at the same time. */
  private static Optional<Lease> takeEnded(Handle handle, String owner, String token, long below) {
    return handle
        .createQuery(
            "UPDATE chat_machine_leases SET token = :token, owner = :owner, expires_at = "
                + END
                + " WHERE machine_id = (SELECT machine_id FROM chat_machine_leases"
                + " WHERE expires_at < clock_timestamp() AND used_time < :below"
                + " ORDER BY machine_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING machine_id, used_time")
        .bind("token", token)
        .bind("owner", owner)
        .bind("ttl", TIME_TO_LIVE.toMillis())
        .bind("below", below)
        .map((row, context) -> new Lease(row.getInt(1), token, row.getLong(2)))
        .findOne();
  }

  private static int nextMachine(Handle handle) {
    return handle
        .createQuery("SELECT coalesce(max(machine_id) + 1, 0) FROM chat_machine_leases")
        .mapTo(Integer.class)
        .one();
  }

  /** Begins a machine id; empty if another was faster. */
  private static Optional<Lease> begin(Handle handle, String owner, String token, int machineId) {
    return handle
        .createQuery(
            "INSERT INTO chat_machine_leases (machine_id, token, owner, expires_at, used_time) VALUES (:machine, :token,"
                + " :owner, "
                + END
                + ", 0) ON CONFLICT DO NOTHING RETURNING machine_id")
        .bind("machine", machineId)
        .bind("token", token)
        .bind("owner", owner)
        .bind("ttl", TIME_TO_LIVE.toMillis())
        .map((row, context) -> new Lease(row.getInt(1), token, 0))
        .findOne();
  }

  /** Takes the machine id whose used time is passed first, when all others are held. */
  private Lease takeLast(Handle handle, String owner, String token) {
    return handle
        .createQuery(
            "UPDATE chat_machine_leases SET token = :token, owner = :owner, expires_at = "
                + END
                + " WHERE machine_id = (SELECT machine_id FROM chat_machine_leases"
                + " WHERE expires_at < clock_timestamp() AND machine_id < :machines"
                + " ORDER BY used_time, machine_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING machine_id, used_time")
        .bind("token", token)
        .bind("owner", owner)
        .bind("ttl", TIME_TO_LIVE.toMillis())
        .bind("machines", machines)
        .map((row, context) -> new Lease(row.getInt(1), token, row.getLong(2)))
        .findOne()
        .orElseThrow(() -> new IllegalStateException("all " + machines + " machine ids are taken"));
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
                          "UPDATE chat_machine_leases SET used_time = greatest(used_time, :used), expires_at = '-infinity'"
                              + " WHERE machine_id = :machine AND token = :token")
                      .bind("used", usedTime)
                      .bind("machine", lease.machineId())
                      .bind("token", lease.token())
                      .execute());
      log.trace("released {} lease", released);
    } catch (RuntimeException endsByItself) {
      log.debug(
          "machine id {} could not be released; its lease will expire",
          lease.machineId(),
          endsByItself);
    }
  }

  @Override
  public void close() {}
}
