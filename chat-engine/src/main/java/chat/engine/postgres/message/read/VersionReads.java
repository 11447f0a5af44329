package chat.engine.postgres.message.read;

import chat.engine.MessageVersion;
import chat.engine.spi.MessageStore.MessagePlace;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a message says and said before, in one statement: ranges of two primary keys. */
public final class VersionReads {
  private static final String PAGE =
      "(SELECT false, v.version, v.body, v.attributes, v.written_at FROM chat_message_versions v"
          + " WHERE v.conversation_id = ? AND v.seq = ? AND v.version > ? ORDER BY v.version LIMIT ?)"
          + " UNION ALL"
          + " (SELECT true, (SELECT coalesce(max(x.version), 0) + 1 FROM chat_message_versions x"
          + " WHERE x.conversation_id = ? AND x.seq = ?), m.body, m.attributes,"
          + " coalesce(m.edited_at, m.created_at) FROM chat_messages m"
          + " WHERE m.conversation_id = ? AND m.seq = ? AND m.deleted_at IS NULL)";

  private VersionReads() {}

  /** See {@link chat.engine.spi.MessageStore#versions}. */
  public static List<MessageVersion> page(
      Connection connection, MessagePlace message, long after, int limit) throws SQLException {
    List<MessageVersion> found = new ArrayList<>();
    MessageVersion present = null;
    try (PreparedStatement statement = connection.prepareStatement(PAGE)) {
      int next = bind(statement, 1, message);
      statement.setLong(next++, after);
      statement.setInt(next++, limit);
      next = bind(statement, next, message);
      bind(statement, next, message);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          MessageVersion version =
              new MessageVersion(
                  row.getLong(2),
                  row.getString(3),
                  row.getString(4),
                  row.getTimestamp(5).toInstant());
          if (row.getBoolean(1)) {
            present = version;
          } else {
            found.add(version);
          }
        }
      }
    }
    return complete(found, present, after, limit);
  }

  private static List<MessageVersion> complete(
      List<MessageVersion> older, @Nullable MessageVersion present, long after, int limit) {
    if (present == null) {
      return List.of();
    }
    if (older.size() < limit && present.number() > after) {
      older.add(present);
    }
    return older;
  }

  private static int bind(PreparedStatement statement, int from, MessagePlace message)
      throws SQLException {
    statement.setLong(from, message.conversation().value());
    statement.setLong(from + 1, message.seq());
    return from + 2;
  }
}
