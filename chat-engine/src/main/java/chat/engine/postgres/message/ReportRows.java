package chat.engine.postgres.message;

import chat.engine.ConversationId;
import chat.engine.MessageId;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.UserId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reports as rows of {@code chat_reports}. */
public final class ReportRows {
  /** What {@link #read} needs. */
  public static final String COLUMNS =
      "report_id, conversation_id, seq, message_id, sender_id, body, attributes, sent_at, edited_at,"
          + " reporter_id, reason, reported_at, status, note, decided_at";

  private ReportRows() {}

  /** All rows of a statement. */
  public static List<Report> read(PreparedStatement statement) throws SQLException {
    List<Report> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.add(
            new Report(
                ReportId.of(row.getLong(1)),
                ConversationId.of(row.getLong(2)),
                row.getLong(3),
                MessageId.of(row.getLong(4)),
                UserId.fromStored(row.getString(5)),
                row.getString(6),
                row.getString(7),
                row.getTimestamp(8).toInstant(),
                time(row.getTimestamp(9)),
                UserId.fromStored(row.getString(10)),
                row.getString(11),
                row.getTimestamp(12).toInstant(),
                status(row.getString(13)),
                row.getString(14),
                time(row.getTimestamp(15))));
      }
    }
    return found;
  }

  private static @Nullable Instant time(@Nullable Timestamp timestamp) {
    return timestamp == null ? null : timestamp.toInstant();
  }

  public static String code(Report.Status status) {
    return switch (status) {
      case OPEN -> "O";
      case DISMISSED -> "D";
      case ACTIONED -> "A";
    };
  }

  private static Report.Status status(String code) {
    for (Report.Status status : Report.Status.values()) {
      if (code(status).equals(code)) {
        return status;
      }
    }
    throw new IllegalStateException("unknown status of a report " + code);
  }
}
