package chat.engine.postgres.connection;

import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The epoch of a store, which names the life of its data. The row that has it also says in which
 * server, database and table it was made. Where it is found in another place, the data is a copy
 * ({@code pg_dump}, {@code TEMPLATE}, logical replication), and the original may still be in use:
 * the copy gets an epoch of its own, so that their nodes are not linked to each other. A physical
 * standby that takes over has the same identity, and keeps the epoch; so does a physical copy (base
 * backup, snapshot), which nobody can tell from it. Thread-safe; blocks.
 */
public final class StoreEpoch {
  private static final Logger log = LoggerFactory.getLogger(StoreEpoch.class);

  /** Some providers do not let users ask the server who it is. */
  private static final String MAY_ASK =
      "SELECT coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_control_system()'),"
          + " 'EXECUTE'), false)";

  private static final String SERVER =
      "SELECT system_identifier FROM pg_catalog.pg_control_system()";

  private static final String ROW =
      "SELECT epoch, system_identifier, database_oid, table_oid, tableoid::bigint AS table_now,"
          + " (SELECT oid::bigint FROM pg_database WHERE datname = current_database())"
          + " AS database_now FROM chat_epoch";

  /** Only the first of several nodes that start at the same time changes the row. */
  private static final String CHANGE =
      "UPDATE chat_epoch SET epoch = :epoch, system_identifier = :server, database_oid = :database,"
          + " table_oid = :table WHERE epoch = :oldEpoch"
          + " AND system_identifier IS NOT DISTINCT FROM :oldServer"
          + " AND database_oid IS NOT DISTINCT FROM :oldDatabase"
          + " AND table_oid IS NOT DISTINCT FROM :oldTable";

  /**
   * @param server null if unknown
   * @param database null in a row that has not been filled in
   * @param table null in a row that has not been filled in
   */
  private record Place(@Nullable Long server, @Nullable Long database, @Nullable Long table) {
    boolean differs(Place now) {
      return differ(server, now.server)
          || differ(database, now.database)
          || differ(table, now.table);
    }

    private static boolean differ(@Nullable Long one, @Nullable Long other) {
      return one != null && other != null && !one.equals(other);
    }

    Place knowing(Place before) {
      return new Place(server == null ? before.server : server, database, table);
    }
  }

  /**
   * @param place where it was made
   * @param now where it is
   */
  private record Row(String epoch, Place place, Place now) {}

  private final Transactions transactions;

  public StoreEpoch(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * The epoch that holds from now on: another one if this is a copy that no node has started on.
   */
  public String current() {
    Long server = server();
    while (true) {
      Row row = transactions.read(handle -> read(handle, server));
      boolean copied = row.place().differs(row.now());
      Place told = copied ? row.now() : row.now().knowing(row.place());
      if (told.equals(row.place())) {
        return row.epoch();
      }
      String epoch = copied ? UUID.randomUUID().toString() : row.epoch();
      if (change(row, epoch, told)) {
        if (copied) {
          log.info(
              "The tables of chat are a copy of others, or PostgreSQL was upgraded: they get the epoch"
                  + " {} in place of {}, and clients fetch anew what they have",
              epoch,
              row.epoch());
        }
        return epoch;
      } // else another node did so at this moment
    }
  }

  private @Nullable Long server() {
    boolean mayAsk =
        transactions.read(handle -> handle.createQuery(MAY_ASK).mapTo(Boolean.class).one());
    if (!mayAsk) {
      return null;
    }
    try {
      return transactions.read(handle -> handle.createQuery(SERVER).mapTo(Long.class).one());
    } catch (RuntimeException refused) {
      if (PostgresErrors.isAway(refused)) {
        throw refused;
      }
      log.debug("the server does not say who it is", refused);
      return null;
    }
  }

  private static Row read(Handle handle, @Nullable Long server) {
    return handle
        .createQuery(ROW)
        .map(
            (row, context) ->
                new Row(
                    Objects.requireNonNull(row.getString("epoch")),
                    new Place(
                        row.getObject("system_identifier", Long.class),
                        row.getObject("database_oid", Long.class),
                        row.getObject("table_oid", Long.class)),
                    new Place(
                        server,
                        row.getObject("database_now", Long.class),
                        row.getObject("table_now", Long.class))))
        .one();
  }

  private boolean change(Row from, String epoch, Place place) {
    return transactions.write(
        handle ->
            handle
                    .createUpdate(CHANGE)
                    .bind("epoch", epoch)
                    .bind("server", place.server())
                    .bind("database", place.database())
                    .bind("table", place.table())
                    .bind("oldEpoch", from.epoch())
                    .bind("oldServer", from.place().server())
                    .bind("oldDatabase", from.place().database())
                    .bind("oldTable", from.place().table())
                    .execute()
                == 1);
  }
}
