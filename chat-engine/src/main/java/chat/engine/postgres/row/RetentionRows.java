package chat.engine.postgres.row;

import chat.engine.ConversationChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long messages are kept, and from which seq on there are some, as columns. */
public final class RetentionRows {
  private static final String LOG =
      "INSERT INTO chat_conversation_changes (conversation_id, rev, at_seq, kind, actor_id,"
          + " changed_at, first_seq, retention_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

  private RetentionRows() {}

  /** A column with seconds; null for null. */
  public static @Nullable Duration retention(ResultSet row, int column) throws SQLException {
    long seconds = row.getLong(column);
    return row.wasNull() ? null : Duration.ofSeconds(seconds);
  }

  /**
   * @param retention null for null
   */
  public static void bind(PreparedStatement statement, int at, @Nullable Duration retention)
      throws SQLException {
    if (retention == null) {
      statement.setNull(at, Types.BIGINT);
    } else {
      statement.setLong(at, retention.toSeconds());
    }
  }

  /** Adds a change of the history to the log of changes, and to that of commits. */
  public static void log(Connection connection, ConversationChange change) throws SQLException {
    Long firstSeq = change.firstSeq();
    try (PreparedStatement statement =
        connection.prepareStatement(LOG + "; " + CommitRows.INSERT_CHANGE)) {
      statement.setLong(1, change.conversation().value());
      statement.setLong(2, change.rev());
      statement.setLong(3, change.atSeq());
      statement.setString(4, Codes.of(change.kind()));
      statement.setString(5, change.actor().value());
      statement.setTimestamp(6, Timestamp.from(change.at()));
      if (firstSeq == null) {
        statement.setNull(7, Types.BIGINT);
      } else {
        statement.setLong(7, firstSeq);
      }
      bind(statement, 8, change.retention());
      statement.setLong(9, change.conversation().value());
      statement.setLong(10, change.rev());
      statement.executeUpdate();
    }
  }
}
