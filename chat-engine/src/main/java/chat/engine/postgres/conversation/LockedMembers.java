package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.ConversationStore.Receipt;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Locks members and reads how far they have come and how they see their conversations: two
 * statements, however many they are.
 *
 * <p>What a locking join returns is not used: where it had to wait for a row, PostgreSQL 18.1
 * checks the join again and, under some plans, drops the row, which would look as if the user were
 * no member. The row is locked all the same, so it is read by a separate statement, which also sees
 * what was committed during the wait.
 */
final class LockedMembers {
  // In the order of the key, so that two batches cannot deadlock.
  private static final String LOCK =
      "SELECT 1 FROM unnest(?::bigint[], ?::text[]) AS d (c, u)"
          + " JOIN chat_members m ON m.conversation_id = d.c AND m.user_id = d.u"
          + " ORDER BY m.conversation_id, m.user_id FOR NO KEY UPDATE OF m";

  private static final String LOCK_ONE =
      "SELECT 1 FROM chat_members WHERE conversation_id = ? AND user_id = ANY (?)"
          + " ORDER BY user_id FOR NO KEY UPDATE";

  private static final String INDEX_LOOK_UPS = "SET LOCAL enable_seqscan = off; ";

  private static final String READ =
      "SELECT m.conversation_id, m.user_id, k.last_seq, m.read_seq, m.received_seq, m.joined_rev, k.blocked, "
          + PreferencesRows.COLUMNS
          + " FROM unnest(?::bigint[], ?::text[]) AS d (c, u)"
          + " JOIN chat_members m ON m.conversation_id = d.c AND m.user_id = d.u"
          + " JOIN chat_conversation_counters k ON k.conversation_id = m.conversation_id";

  /**
   * @param lastSeq of the conversation, at least
   * @param blocked whether one of the users of a direct conversation has blocked the other
   */
  record Found(Receipt receipt, long lastSeq, boolean blocked) {}

  private LockedMembers() {}

  /** Those of the members who exist. */
  static Map<MemberKey, Found> lock(Connection connection, RowLocks locks, List<MemberKey> members)
      throws SQLException {
    List<MemberKey> keys = members.stream().distinct().toList();
    if (locks == RowLocks.ONE_BY_ONE) {
      lockEach(connection, keys);
    } else {
      try (PreparedStatement statement = connection.prepareStatement(INDEX_LOOK_UPS + LOCK)) {
        bind(statement, keys);
        SqlArrays.lastResult(statement).close();
      }
    }
    Map<MemberKey, Found> found = new HashMap<>();
    for (Found one : read(connection, keys)) {
      found.put(new MemberKey(one.receipt().conversation(), one.receipt().user()), one);
    }
    return found;
  }

  private static void lockEach(Connection connection, List<MemberKey> keys) throws SQLException {
    SortedMap<Long, List<String>> users = new TreeMap<>();
    for (MemberKey key : keys) {
      users
          .computeIfAbsent(key.conversation().value(), unused -> new ArrayList<>())
          .add(key.user().value());
    }
    RowLocks.each(
        connection,
        INDEX_LOOK_UPS,
        LOCK_ONE,
        List.copyOf(users.entrySet()),
        (statement, from, entry) -> {
          statement.setLong(from, entry.getKey());
          statement.setArray(
              from + 1, connection.createArrayOf("text", entry.getValue().toArray()));
          return from + 2;
        },
        row -> {});
  }

  /** Without a lock. */
  static List<Found> read(Connection connection, List<MemberKey> members) throws SQLException {
    List<Found> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      bind(statement, members);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          long lastSeq = rows.getLong(3);
          found.add(
              new Found(
                  new Receipt(
                      ConversationId.of(rows.getLong(1)),
                      UserId.of(rows.getString(2)),
                      rows.getLong(4),
                      rows.getLong(5),
                      rows.getLong(6),
                      PreferencesRows.read(rows, 8, lastSeq)),
                  lastSeq,
                  rows.getBoolean(7)));
        }
      }
    }
    return found;
  }

  private static void bind(PreparedStatement statement, List<MemberKey> keys) throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(1, arrays.bigints(keys, key -> key.conversation().value()));
    statement.setArray(2, arrays.texts(keys, key -> key.user().value()));
  }
}
