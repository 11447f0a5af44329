package chat.engine.postgres;

import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Transactions;
import chat.engine.spi.LastSeenStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** When users were last seen, in {@code chat_last_seen}. */
final class PostgresLastSeenStore implements LastSeenStore {
  private final Transactions transactions;

  PostgresLastSeenStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public void record(Map<UserId, Instant> seen) {
    if (seen.isEmpty()) {
      return;
    }
    List<Map.Entry<UserId, Instant>> rows = List.copyOf(seen.entrySet());
    String sql =
        "INSERT INTO chat_last_seen AS l (user_id, last_seen_at)"
            + " SELECT u, 'epoch'::timestamptz + t * interval '1 millisecond'"
            + " FROM unnest(?::text[], ?::bigint[]) AS d (u, t)"
            // Late notes of users who are erased or renamed; that table is empty nearly always.
            + " WHERE NOT EXISTS (SELECT FROM chat_user_replacements r WHERE r.kind <> 'D'"
            + " AND r.user_hash = sha256(convert_to(d.u, 'UTF8')))"
            // All nodes in one order, however the rows are found: else two nodes could deadlock.
            + " ORDER BY u"
            + " ON CONFLICT (user_id) DO UPDATE SET last_seen_at = excluded.last_seen_at"
            + " WHERE l.last_seen_at < excluded.last_seen_at";
    transactions.write(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            SqlArrays arrays = new SqlArrays(handle.getConnection());
            statement.setArray(1, arrays.texts(rows, row -> row.getKey().value()));
            statement.setArray(2, arrays.bigints(rows, row -> row.getValue().toEpochMilli()));
            return statement.executeUpdate();
          }
        });
  }

  @Override
  public Map<UserId, Instant> find(Collection<UserId> users) {
    return transactions.read(
        handle -> {
          String sql = "SELECT user_id, last_seen_at FROM chat_last_seen WHERE user_id = ANY (?)";
          try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            statement.setArray(
                1, new SqlArrays(handle.getConnection()).texts(List.copyOf(users), UserId::value));
            Map<UserId, Instant> found = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                found.put(UserId.fromStored(rows.getString(1)), rows.getTimestamp(2).toInstant());
              }
            }
            return found;
          }
        });
  }
}
