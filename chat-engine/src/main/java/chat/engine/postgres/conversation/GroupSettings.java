package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.GroupUpdate;
import chat.engine.GroupUpdate.Field;
import chat.engine.postgres.row.Codes;
import chat.engine.postgres.row.SlowModeRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.stream.Collectors;

/** What a group is beside its members, as columns of {@code chat_conversations}. */
final class GroupSettings {
  private GroupSettings() {}

  /** In one statement, however many fields. */
  static void update(Connection connection, ConversationId group, GroupUpdate update)
      throws SQLException {
    List<Field> fields = update.fields().stream().sorted().toList();
    String sql =
        fields.stream()
            .map(field -> column(field) + " = ?")
            .collect(
                Collectors.joining(
                    ", ", "UPDATE chat_conversations SET ", " WHERE conversation_id = ?"));
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = 1;
      for (Field field : fields) {
        bind(statement, next++, field, update);
      }
      statement.setLong(next, group.value());
      statement.executeUpdate();
    }
    if (update.changes(Field.SLOW_MODE) && update.slowMode().isZero()) {
      SlowModeRows.forget(connection, group);
    }
  }

  private static String column(Field field) {
    return switch (field) {
      case NAME -> "name";
      case DESCRIPTION -> "description";
      case AVATAR_URL -> "avatar_url";
      case ATTRIBUTES -> "attributes";
      case SLOW_MODE -> "slow_mode_seconds";
      case HISTORY -> "history";
    };
  }

  private static void bind(PreparedStatement statement, int at, Field field, GroupUpdate update)
      throws SQLException {
    switch (field) {
      case NAME -> statement.setString(at, update.name());
      case DESCRIPTION -> statement.setString(at, update.description());
      case AVATAR_URL -> statement.setString(at, update.avatarUrl());
      case ATTRIBUTES -> statement.setString(at, update.attributes());
      case SLOW_MODE -> {
        if (update.slowMode().isZero()) {
          statement.setNull(at, Types.INTEGER);
        } else {
          statement.setInt(at, (int) update.slowMode().toSeconds());
        }
      }
      case HISTORY -> statement.setString(at, Codes.of(update.history()));
    }
  }
}
