package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.UserId;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.message.ReportRows;
import chat.engine.spi.ReportStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reports in {@code chat_reports}, which copies the message from its row. A report locks the row of
 * the reporter's membership against its removal: a deletion of the conversation waits for it, and
 * takes the report out with the rest.
 */
final class PostgresReportStore implements ReportStore {
  private static final String LOCK_MEMBER =
      "SELECT FROM chat_members WHERE conversation_id = ? AND user_id = ? FOR KEY SHARE";

  private static final String FIND =
      "SELECT FROM chat_reports WHERE conversation_id = ? AND seq = ? AND reporter_id = ?";

  /** If the reporter may read it. */
  private static final String MESSAGE =
      "SELECT m.sender_id, m.deleted_at IS NOT NULL FROM chat_messages m"
          + " JOIN chat_conversations c USING (conversation_id)"
          + " JOIN chat_members r USING (conversation_id)"
          + " WHERE m.conversation_id = ? AND m.seq = ? AND r.user_id = ?"
          + " AND (c.history IS NULL OR m.seq > r.joined_seq)";

  /** A range of the index on those that are open. */
  private static final String COUNT_OPEN =
      "SELECT count(*) FROM chat_reports WHERE reporter_id = ? AND status = 'O'";

  private static final String INSERT =
      "INSERT INTO chat_reports (report_id, conversation_id, seq, message_id, sender_id, body,"
          + " attributes, sent_at, edited_at, reporter_id, reason, reported_at, status)"
          + " SELECT ?::bigint, m.conversation_id, m.seq, m.message_id, m.sender_id, m.body,"
          + " m.attributes, m.created_at, m.edited_at, ?::text, ?::text, ?::timestamptz, 'O'"
          + " FROM chat_messages m WHERE m.conversation_id = ? AND m.seq = ? AND m.deleted_at IS NULL"
          + " ON CONFLICT (conversation_id, seq, reporter_id) DO NOTHING";

  private static final String SELECT = "SELECT " + ReportRows.COLUMNS + " FROM chat_reports";

  private static final String NEWEST =
      SELECT + " WHERE report_id < ? ORDER BY report_id DESC LIMIT ?";

  private static final String OLDEST_OPEN =
      SELECT + " WHERE status = 'O' AND report_id > ? ORDER BY report_id LIMIT ?";

  /** A range of the primary key, which is all reports of the conversation. */
  private static final String BY_REPORTER =
      SELECT + " WHERE conversation_id = ? AND seq > ? AND reporter_id = ? ORDER BY seq LIMIT ?";

  private static final String DECIDE =
      "UPDATE chat_reports SET status = ?, note = ?, decided_at = ? WHERE report_id = ? RETURNING "
          + ReportRows.COLUMNS;

  private static final String REMOVE = "DELETE FROM chat_reports WHERE report_id = ?";

  private final Transactions transactions;

  PostgresReportStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Outcome report(
      ReportId id,
      ConversationId conversation,
      long seq,
      UserId reporter,
      String reason,
      int mostOpen,
      Instant now) {
    return transactions.write(
        handle -> {
          Connection connection = handle.getConnection();
          Outcome refusal = refusal(connection, conversation, seq, reporter, mostOpen);
          return refusal != null
              ? refusal
              : insert(connection, id, conversation, seq, reporter, reason, now);
        });
  }

  private static @Nullable Outcome refusal(
      Connection connection, ConversationId conversation, long seq, UserId reporter, int mostOpen)
      throws SQLException {
    try (PreparedStatement member = connection.prepareStatement(LOCK_MEMBER)) {
      member.setLong(1, conversation.value());
      member.setString(2, reporter.value());
      if (!isAny(member)) {
        return Outcome.NOT_MEMBER;
      }
    }
    try (PreparedStatement earlier = connection.prepareStatement(FIND)) {
      earlier.setLong(1, conversation.value());
      earlier.setLong(2, seq);
      earlier.setString(3, reporter.value());
      if (isAny(earlier)) {
        return Outcome.REPEATED;
      }
    }
    try (PreparedStatement message = connection.prepareStatement(MESSAGE)) {
      message.setLong(1, conversation.value());
      message.setLong(2, seq);
      message.setString(3, reporter.value());
      try (ResultSet row = message.executeQuery()) {
        if (!row.next()) {
          return Outcome.NO_SUCH_MESSAGE;
        }
        if (row.getString(1).equals(reporter.value())) {
          return Outcome.OWN;
        }
        if (row.getBoolean(2)) {
          return Outcome.WAS_DELETED;
        }
      }
    }
    try (PreparedStatement open = connection.prepareStatement(COUNT_OPEN)) {
      open.setString(1, reporter.value());
      try (ResultSet row = open.executeQuery()) {
        row.next();
        return row.getInt(1) >= mostOpen ? Outcome.TOO_MANY : null;
      }
    }
  }

  private static boolean isAny(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return row.next();
    }
  }

  /** Copies the message, unless it was deleted since it was looked at. */
  private static Outcome insert(
      Connection connection,
      ReportId id,
      ConversationId conversation,
      long seq,
      UserId reporter,
      String reason,
      Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setLong(1, id.value());
      statement.setString(2, reporter.value());
      statement.setString(3, reason);
      statement.setTimestamp(4, Timestamp.from(now));
      statement.setLong(5, conversation.value());
      statement.setLong(6, seq);
      if (statement.executeUpdate() > 0) {
        return Outcome.REPORTED;
      }
    }
    try (PreparedStatement earlier = connection.prepareStatement(FIND)) {
      earlier.setLong(1, conversation.value());
      earlier.setLong(2, seq);
      earlier.setString(3, reporter.value());
      return isAny(earlier) ? Outcome.REPEATED : Outcome.WAS_DELETED;
    }
  }

  @Override
  public List<Report> page(Report.Order order, @Nullable ReportId after, int limit) {
    boolean newest = order == Report.Order.NEWEST_FIRST;
    return transactions.read(
        handle -> {
          try (PreparedStatement statement =
              handle.getConnection().prepareStatement(newest ? NEWEST : OLDEST_OPEN)) {
            statement.setLong(
                1, after != null ? after.value() : newest ? Long.MAX_VALUE : Long.MIN_VALUE);
            statement.setInt(2, limit);
            return ReportRows.read(statement);
          }
        });
  }

  @Override
  public List<Report> by(UserId reporter, ConversationId conversation, long afterSeq, int limit) {
    return transactions.read(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(BY_REPORTER)) {
            statement.setLong(1, conversation.value());
            statement.setLong(2, afterSeq);
            statement.setString(3, reporter.value());
            statement.setInt(4, limit);
            return ReportRows.read(statement);
          }
        });
  }

  @Override
  public Optional<Report> decide(
      ReportId id, Report.Status status, @Nullable String note, Instant decidedAt) {
    return transactions.write(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(DECIDE)) {
            statement.setString(1, ReportRows.code(status));
            statement.setString(2, note);
            statement.setTimestamp(3, Timestamp.from(decidedAt));
            statement.setLong(4, id.value());
            return ReportRows.read(statement).stream().findFirst();
          }
        });
  }

  @Override
  public boolean remove(ReportId id) {
    return transactions.write(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(REMOVE)) {
            statement.setLong(1, id.value());
            return statement.executeUpdate() > 0;
          }
        });
  }
}
