package chat.engine.postgres.search;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.SearchRows;
import chat.engine.spi.search.MessageSearch.Step;
import chat.engine.spi.search.SearchTerms;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One step of bringing the index of a conversation up to date, in one transaction: indexes messages
 * above {@code indexed_seq}, and anew those that changes above {@code indexed_rev} concern.
 *
 * <p>A message that is edited or deleted is taken out of the index by the transaction that does it.
 * That transaction does not see rows that are being written here, so before the end the counter of
 * the conversation, which it holds, is locked for a moment: then either it has ended, and its rev
 * tells, or it has not begun. If it concerns what was read here, all is rolled back.
 *
 * <p>Locks are waited for less long than PostgreSQL waits before it looks for deadlocks, so it is
 * always this transaction that gives way. Its commit is not waited for: what a crash takes away of
 * the index it also takes away of the progress.
 */
final class IndexedConversation {
  private static final int MESSAGES_OF_A_STEP = 500;
  private static final int CHANGES_OF_A_STEP = 100;

  /** In UTF-16 code units: what the texts of a step may take together, but for the last one. */
  private static final int TEXT_OF_A_STEP = 1 << 20;

  private static final String SETTINGS =
      "SET LOCAL synchronous_commit = off; SET LOCAL enable_seqscan = off;"
          + " SET LOCAL lock_timeout = 500";

  private static final String PROGRESS =
      "SELECT indexed_seq, indexed_rev FROM chat_search_progress WHERE conversation_id = ?"
          + " FOR UPDATE SKIP LOCKED";

  private static final String BEGIN_PROGRESS =
      "INSERT INTO chat_search_progress (conversation_id, indexed_seq, indexed_rev)"
          + " VALUES (?, 0, 0) ON CONFLICT DO NOTHING";

  private static final String COUNTER =
      "SELECT last_seq, greatest(rev, members_rev) FROM chat_conversation_counters"
          + " WHERE conversation_id = ?";

  private static final String CHANGES =
      "SELECT rev, message_seq FROM chat_conversation_changes WHERE conversation_id = ?"
          + " AND rev > ? AND rev <= ? ORDER BY rev LIMIT ?";

  private static final String MESSAGE_COLUMNS =
      "SELECT m.seq, m.created_at, m.message_id, m.sender_id, m.body, m.deleted_at IS NOT NULL"
          + " FROM chat_messages m WHERE m.conversation_id = ?";

  private static final String NEW_MESSAGES =
      MESSAGE_COLUMNS + " AND m.seq > ? ORDER BY m.seq LIMIT ?";

  private static final String CHANGED_MESSAGES = MESSAGE_COLUMNS + " AND m.seq = ANY (?)";

  private static final String FORGET =
      "DELETE FROM chat_search WHERE conversation_id = ? AND seq = ANY (?)";

  private static final String INSERT =
      "INSERT INTO chat_search (conversation_id, seq, created_at, message_id, terms)"
          + " VALUES (?, ?, ?, ?, ?)";

  private static final String EXTEND_BUCKET =
      "INSERT INTO chat_search_buckets AS b (conversation_id, bucket, oldest, newest)"
          + " VALUES (?, ?, ?, ?) ON CONFLICT (conversation_id, bucket) DO UPDATE"
          + " SET oldest = least(b.oldest, excluded.oldest),"
          + " newest = greatest(b.newest, excluded.newest)";

  private static final String END_PROGRESS =
      "UPDATE chat_search_progress SET indexed_seq = ?, indexed_rev = ? WHERE conversation_id = ?";

  private static final String LOCK_COUNTER = COUNTER + " FOR SHARE";

  private static final String FIRST_SEQ =
      "SELECT first_seq FROM chat_conversation_counters WHERE conversation_id = ?";

  private final Connection connection;
  private final ConversationId id;

  IndexedConversation(Connection connection, ConversationId id) {
    this.connection = connection;
    this.id = id;
  }

  /** What of a step did not fit in with what others do at the same time: to be rolled back. */
  static final class Collision extends RuntimeException {
    private static final long serialVersionUID = 1;

    Collision() {
      super("a message was changed while it was indexed", null, false, false);
    }
  }

  /** Two numbers of a conversation: the last seq, and the last rev. */
  private record Position(long seq, long rev) {}

  private record Row(
      long seq, Timestamp createdAt, long messageId, UserId sender, String text, boolean deleted) {}

  /** Which messages changed, up to a rev. */
  private record Changes(Set<Long> seqs, long upToRev) {}

  /**
   * @throws Collision to be repeated, after a rollback
   */
  Step advance() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
    }
    Position counter = position(COUNTER);
    if (counter == null) {
      return Step.DONE;
    }
    Position indexed = lockProgress();
    if (indexed == null) {
      return Step.LATER; // another node is at it
    }
    if (indexed.seq() >= counter.seq() && indexed.rev() >= counter.rev()) {
      return Step.DONE;
    }
    counter = position(COUNTER); // before the messages are read, and after the lock
    if (counter == null) {
      return Step.DONE;
    }
    Changes changes = changes(indexed, counter.rev());
    List<Row> fresh = newMessages(indexed.seq());
    List<Row> changed = changedMessages(changes.seqs());
    if (!changes.seqs().isEmpty()) {
      forget(changes.seqs());
    }
    insert(fresh, changed);
    long seq = // none: all up to the counter have expired
        fresh.isEmpty()
            ? Math.max(indexed.seq(), counter.seq())
            : fresh.get(fresh.size() - 1).seq();
    endProgress(seq, changes.upToRev());
    Set<Long> read = new HashSet<>(changes.seqs());
    fresh.forEach(row -> read.add(row.seq()));
    boolean changedSince = requireUnchanged(counter.rev(), read);
    return changedSince || seq < counter.seq() || changes.upToRev() < counter.rev()
        ? Step.MORE
        : Step.DONE;
  }

  private @Nullable Position position(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Position(row.getLong(1), row.getLong(2)) : null;
      }
    }
  }

  private @Nullable Position lockProgress() throws SQLException {
    Position found = position(PROGRESS);
    if (found != null) {
      return found;
    }
    try (PreparedStatement statement = connection.prepareStatement(BEGIN_PROGRESS)) {
      statement.setLong(1, id.value());
      return statement.executeUpdate() == 1 ? new Position(0, 0) : null;
    }
  }

  private Changes changes(Position indexed, long upToRev) throws SQLException {
    Set<Long> seqs = new HashSet<>();
    if (indexed.seq() == 0 || indexed.rev() >= upToRev) {
      return new Changes(seqs, upToRev); // whatever is read is read as it is now
    }
    try (PreparedStatement statement = connection.prepareStatement(CHANGES)) {
      statement.setLong(1, id.value());
      statement.setLong(2, indexed.rev());
      statement.setLong(3, upToRev);
      statement.setInt(4, CHANGES_OF_A_STEP);
      int read = 0;
      long last = upToRev;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          read++;
          last = row.getLong(1);
          long seq = row.getLong(2); // 0 for a change of the conversation
          if (seq > 0 && seq <= indexed.seq()) {
            seqs.add(seq);
          }
        }
      }
      return new Changes(seqs, read == CHANGES_OF_A_STEP ? last : upToRev);
    }
  }

  private List<Row> newMessages(long afterSeq) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NEW_MESSAGES)) {
      statement.setLong(1, id.value());
      statement.setLong(2, afterSeq);
      statement.setInt(3, MESSAGES_OF_A_STEP);
      return rows(statement, TEXT_OF_A_STEP);
    }
  }

  private List<Row> changedMessages(Set<Long> seqs) throws SQLException {
    if (seqs.isEmpty()) {
      return List.of();
    }
    try (PreparedStatement statement = connection.prepareStatement(CHANGED_MESSAGES)) {
      statement.setLong(1, id.value());
      statement.setArray(2, new SqlArrays(connection).bigints(List.copyOf(seqs), seq -> seq));
      return rows(statement, Long.MAX_VALUE);
    }
  }

  private static List<Row> rows(PreparedStatement statement, long mostText) throws SQLException {
    List<Row> rows = new ArrayList<>();
    long text = 0;
    try (ResultSet row = statement.executeQuery()) {
      while (text < mostText && row.next()) {
        rows.add(
            new Row(
                row.getLong(1),
                row.getTimestamp(2),
                row.getLong(3),
                UserId.fromStored(row.getString(4)),
                row.getString(5),
                row.getBoolean(6)));
        text += rows.get(rows.size() - 1).text().length();
      }
    }
    return rows;
  }

  private void forget(Set<Long> seqs) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
      statement.setLong(1, id.value());
      statement.setArray(2, new SqlArrays(connection).bigints(List.copyOf(seqs), seq -> seq));
      statement.executeUpdate();
    }
  }

  private void insert(List<Row> fresh, List<Row> changed) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (List<Row> rows : List.of(fresh, changed)) {
        for (Row row : rows) {
          if (!row.deleted()) {
            bind(statement, row);
            statement.addBatch();
          }
        }
      }
      statement.executeBatch();
    }
    extendBuckets(fresh);
  }

  private void bind(PreparedStatement statement, Row row) throws SQLException {
    long[] terms = SearchTerms.of(id, SearchRows.bucket(row.seq()), row.sender(), row.text());
    Long[] boxed = Arrays.stream(terms).boxed().toArray(Long[]::new);
    statement.setLong(1, id.value());
    statement.setLong(2, row.seq());
    statement.setTimestamp(3, row.createdAt());
    statement.setLong(4, row.messageId());
    statement.setArray(5, connection.createArrayOf("bigint", boxed));
  }

  private void extendBuckets(List<Row> rows) throws SQLException {
    Map<Long, List<Row>> buckets = new TreeMap<>();
    for (Row row : rows) {
      buckets.computeIfAbsent(SearchRows.bucket(row.seq()), bucket -> new ArrayList<>()).add(row);
    }
    try (PreparedStatement statement = connection.prepareStatement(EXTEND_BUCKET)) {
      for (Map.Entry<Long, List<Row>> bucket : buckets.entrySet()) {
        List<Timestamp> times = bucket.getValue().stream().map(Row::createdAt).sorted().toList();
        statement.setLong(1, id.value());
        statement.setLong(2, bucket.getKey());
        statement.setTimestamp(3, times.get(0));
        statement.setTimestamp(4, times.get(times.size() - 1));
        statement.executeUpdate();
      }
    }
  }

  private void endProgress(long seq, long rev) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(END_PROGRESS)) {
      statement.setLong(1, seq);
      statement.setLong(2, rev);
      statement.setLong(3, id.value());
      statement.executeUpdate();
    }
  }

  private void requireNotExpired(Set<Long> read) throws SQLException {
    if (read.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(FIRST_SEQ)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        if (row.next() && Collections.min(read) < row.getLong(1)) {
          throw new Collision();
        }
      }
    }
  }

  /**
   * Locks the counter, and with it out those who change messages, until the commit.
   *
   * @param rev that the conversation had before its messages were read
   * @param read their seqs
   * @return whether there were changes since, though not of these messages
   * @throws Collision if one of these messages changed since, or the conversation was deleted
   */
  private boolean requireUnchanged(long rev, Set<Long> read) throws SQLException {
    Position now = position(LOCK_COUNTER);
    if (now == null) {
      throw new Collision();
    }
    if (now.rev() == rev) {
      return false;
    }
    requireNotExpired(read);
    try (PreparedStatement statement = connection.prepareStatement(CHANGES)) {
      statement.setLong(1, id.value());
      statement.setLong(2, rev);
      statement.setLong(3, now.rev());
      statement.setInt(4, CHANGES_OF_A_STEP);
      int changes = 0;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          changes++;
          if (read.contains(row.getLong(2))) {
            throw new Collision();
          }
        }
      }
      if (changes == CHANGES_OF_A_STEP) {
        throw new Collision(); // there may be more
      }
    }
    return true;
  }
}
