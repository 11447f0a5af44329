package chat.engine.postgres.row;

import chat.engine.ConversationChange;
import chat.engine.GroupUpdate;
import chat.engine.GroupUpdate.Field;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the log says of updates of groups, bans and silences beyond what it says of every change.
 * Written by a separate statement, so that the insert of other entries, edits of messages above
 * all, does not carry these columns.
 */
final class ChangeDetails {
  /** Of chat_conversation_changes as l; what the methods that read take. */
  static final String COLUMNS =
      "l.fields, l.description, l.avatar_url, l.slow_mode_seconds, l.until_at, l.history,"
          + " l.first_seq, l.retention_seconds";

  private static final String NOTE =
      "UPDATE chat_conversation_changes SET fields = ?, name = ?, attributes = ?, description = ?,"
          + " avatar_url = ?, slow_mode_seconds = ?, until_at = ?, history = ? WHERE conversation_id = ? AND rev = ?";

  private ChangeDetails() {}

  /** Adds to an entry of the log what belongs to it here, if anything does. */
  static void note(Connection connection, ConversationChange change) throws SQLException {
    GroupUpdate update = change.update();
    Instant until = change.until();
    if (update == null && until == null) {
      return;
    }
    GroupUpdate noted = update == null ? GroupUpdate.of() : update;
    try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
      statement.setString(1, update == null ? null : letters(update.fields()));
      statement.setString(2, noted.name());
      statement.setString(3, noted.attributes());
      statement.setString(4, noted.description());
      statement.setString(5, noted.avatarUrl());
      if (noted.changes(Field.SLOW_MODE)) {
        statement.setInt(6, (int) noted.slowMode().toSeconds());
      } else {
        statement.setNull(6, Types.INTEGER);
      }
      statement.setTimestamp(7, until == null ? null : Timestamp.from(until));
      statement.setString(8, Codes.of(noted.history()));
      statement.setLong(9, change.conversation().value());
      statement.setLong(10, change.rev());
      statement.executeUpdate();
    }
  }

  private static String letters(Set<Field> fields) {
    return fields.stream().map(ChangeDetails::letter).sorted().collect(Collectors.joining());
  }

  private static String letter(Field field) {
    return switch (field) {
      case NAME -> "N";
      case DESCRIPTION -> "D";
      case AVATAR_URL -> "P";
      case ATTRIBUTES -> "T";
      case SLOW_MODE -> "S";
      case HISTORY -> "H";
    };
  }

  /**
   * @param from the first of the {@link #COLUMNS}
   * @param name of the entry
   * @param attributes of the entry
   */
  static @Nullable GroupUpdate update(
      ResultSet row, int from, @Nullable String name, @Nullable String attributes)
      throws SQLException {
    String letters = row.getString(from);
    if (letters == null) {
      return null;
    }
    Set<Field> fields = EnumSet.noneOf(Field.class);
    for (Field field : Field.values()) {
      if (letters.contains(letter(field))) {
        fields.add(field);
      }
    }
    return new GroupUpdate(
        fields,
        name,
        row.getString(from + 1),
        row.getString(from + 2),
        attributes,
        Duration.ofSeconds(row.getInt(from + 3)),
        Codes.history(row.getString(from + 5)));
  }

  /**
   * @param from the first of the {@link #COLUMNS}
   */
  static @Nullable Instant until(ResultSet row, int from) throws SQLException {
    Timestamp until = row.getTimestamp(from + 4);
    return until == null ? null : until.toInstant();
  }

  /**
   * @param from the first of the {@link #COLUMNS}
   */
  static @Nullable Long firstSeq(ResultSet row, int from) throws SQLException {
    long seq = row.getLong(from + 6);
    return row.wasNull() ? null : seq;
  }

  /**
   * @param from the first of the {@link #COLUMNS}
   */
  static @Nullable Duration retention(ResultSet row, int from) throws SQLException {
    long seconds = row.getLong(from + 7);
    return row.wasNull() ? null : Duration.ofSeconds(seconds);
  }
}
