package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
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
 * Moves a batch of receipts: three statements, whatever its size.
 *
 * <p>What a locking join returns is not used: where it had to wait for a row, PostgreSQL 18.1
 * checks the join again and, under some plans, drops the row, which would look as if the user were
 * no member. The row is locked all the same, so it is read by a statement of its own, which also
 * sees what was committed during the wait.
 */
public final class ReceiptMoves {
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
      "SELECT m.conversation_id, m.user_id, m.read_seq, m.received_seq, k.last_seq"
          + " FROM unnest(?::bigint[], ?::text[]) AS d (c, u)"
          + " JOIN chat_members m ON m.conversation_id = d.c AND m.user_id = d.u"
          + " JOIN chat_conversation_counters k ON k.conversation_id = m.conversation_id";

  private static final String MOVE =
      // Greatest, for the sake of one who became a member between the lock and the read.
      "UPDATE chat_members m SET read_seq = greatest(m.read_seq, d.r),"
          + " received_seq = greatest(m.received_seq, d.v)"
          + " FROM unnest(?::bigint[], ?::text[], ?::bigint[], ?::bigint[]) AS d (c, u, r, v)"
          + " WHERE m.conversation_id = d.c AND m.user_id = d.u; ";

  private static final class Receipts {
    private final MemberKey key;
    private final long lastSeq;
    private long read;
    private long received;
    private boolean moved;

    Receipts(MemberKey key, long read, long received, long lastSeq) {
      this.key = key;
      this.read = read;
      this.received = received;
      this.lastSeq = lastSeq;
    }

    ReceiptOutcome move(ReceiptMove move) {
      if (move.seq() > lastSeq) {
        return ReceiptOutcome.BEYOND_LAST;
      }
      boolean isRead = move.kind() == ReceiptKind.READ;
      boolean ahead = move.seq() > (isRead ? read : received);
      if (isRead) {
        read = Math.max(read, move.seq());
      }
      received = Math.max(received, move.seq());
      moved |= ahead;
      return ahead ? ReceiptOutcome.MOVED : ReceiptOutcome.UNCHANGED;
    }
  }

  private ReceiptMoves() {}

  public static List<ReceiptOutcome> move(
      Connection connection, RowLocks locks, List<ReceiptMove> moves) throws SQLException {
    Map<MemberKey, Receipts> found = lock(connection, locks, moves);
    List<ReceiptOutcome> outcomes = new ArrayList<>(moves.size());
    for (ReceiptMove move : moves) {
      Receipts receipts = found.get(new MemberKey(move.conversation(), move.user()));
      outcomes.add(receipts == null ? ReceiptOutcome.NOT_MEMBER : receipts.move(move));
    }
    List<Receipts> moved = found.values().stream().filter(receipts -> receipts.moved).toList();
    if (!moved.isEmpty()) {
      update(connection, moved);
    }
    return outcomes;
  }

  private static Map<MemberKey, Receipts> lock(
      Connection connection, RowLocks locks, List<ReceiptMove> moves) throws SQLException {
    List<MemberKey> keys =
        moves.stream()
            .map(move -> new MemberKey(move.conversation(), move.user()))
            .distinct()
            .toList();
    if (locks == RowLocks.ONE_BY_ONE) {
      lockEach(connection, keys);
    } else {
      try (PreparedStatement statement = connection.prepareStatement(INDEX_LOOK_UPS + LOCK)) {
        bind(statement, keys);
        SqlArrays.lastResult(statement).close();
      }
    }
    Map<MemberKey, Receipts> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      bind(statement, keys);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          MemberKey key =
              new MemberKey(ConversationId.of(rows.getLong(1)), UserId.of(rows.getString(2)));
          found.put(key, new Receipts(key, rows.getLong(3), rows.getLong(4), rows.getLong(5)));
        }
      }
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

  public static List<Receipt> read(Connection connection, List<MemberKey> members)
      throws SQLException {
    List<Receipt> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      bind(statement, members);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(
              new Receipt(
                  ConversationId.of(rows.getLong(1)),
                  UserId.of(rows.getString(2)),
                  rows.getLong(3),
                  rows.getLong(4)));
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

  private static void update(Connection connection, List<Receipts> moved) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(MOVE + CommitRows.insertReceipts(moved.size()))) {
      SqlArrays arrays = new SqlArrays(connection);
      statement.setArray(1, arrays.bigints(moved, receipts -> receipts.key.conversation().value()));
      statement.setArray(2, arrays.texts(moved, receipts -> receipts.key.user().value()));
      statement.setArray(3, arrays.bigints(moved, receipts -> receipts.read));
      statement.setArray(4, arrays.bigints(moved, receipts -> receipts.received));
      CommitRows.bindReceipts(statement, 5, moved.stream().map(receipts -> receipts.key).toList());
      statement.execute();
    }
  }
}
