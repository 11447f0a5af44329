package chat.engine.postgres.user;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.UserReplacements.Job;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * The columns that hold the id of a user, and what becomes of their rows when the user is erased;
 * of one who is renamed all rows stay and get the new id. A new table that names users is added
 * here. Not here are those that have rules of their own: the messages, the log of changes,
 * reactions of users who are renamed ({@link ConversationUsers}), direct conversations ({@link
 * MemberReplacement}) and the log of commits ({@link #finish}).
 */
final class UserColumns {
  private enum WhenErased {
    /** The row is about the user. */
    GOES,
    /** The row is about something else, and gets the replacement. */
    STAYS
  }

  private record Column(String table, String name, WhenErased whenErased) {
    String sql(boolean erases, String where) {
      return erases && whenErased == WhenErased.GOES
          ? "DELETE FROM %s WHERE %s%s = ?".formatted(table, where, name)
          : "UPDATE %s SET %s = ? WHERE %s%s = ?".formatted(table, name, where, name);
    }

    boolean takesReplacement(boolean erases) {
      return !erases || whenErased == WhenErased.STAYS;
    }
  }

  /** Of rows that belong to a conversation, by its id. */
  private static final List<Column> OF_CONVERSATIONS =
      List.of(
          new Column("chat_members", "user_id", WhenErased.GOES),
          new Column("chat_mentions", "user_id", WhenErased.GOES),
          new Column("chat_slow_mode_sends", "user_id", WhenErased.GOES),
          new Column("chat_bans", "user_id", WhenErased.GOES),
          new Column("chat_reports", "sender_id", WhenErased.GOES), // it has the text
          new Column("chat_reports", "reporter_id", WhenErased.GOES), // and this one the reason
          new Column("chat_bans", "banned_by", WhenErased.STAYS),
          new Column("chat_invites", "created_by", WhenErased.STAYS),
          new Column("chat_pins", "pinned_by", WhenErased.STAYS));

  /** Of other rows, by an index on the column. */
  private static final List<Column> OF_USERS =
      List.of(
          new Column("chat_blocks", "user_id", WhenErased.GOES),
          new Column("chat_blocks", "blocked_id", WhenErased.GOES),
          new Column("chat_last_seen", "user_id", WhenErased.GOES),
          new Column("chat_privacy", "user_id", WhenErased.GOES),
          new Column("chat_profiles", "user_id", WhenErased.GOES),
          new Column("chat_conversation_keys", "scope", WhenErased.GOES));

  private static final String FORGET_REACTIONS =
      "DELETE FROM chat_reactions WHERE conversation_id = ? AND user_id = ?";

  /** The writes of the last minutes, see {@code CommitLog}; it has no index on users. */
  private static final String RENAME_IN_COMMITS =
      "UPDATE chat_commits SET user_ids = array_replace(user_ids, ?, ?) WHERE kind = 'R' AND ? = ANY (user_ids)";

  /**
   * Blocks hold for the new id while the conversations are still being renamed, and for the old one
   * as well.
   */
  private static final String COPY_BLOCKS =
      "INSERT INTO chat_blocks (user_id, blocked_id, created_at)"
          + " SELECT ?, blocked_id, created_at FROM chat_blocks WHERE user_id = ?"
          + " UNION ALL SELECT user_id, ?, created_at FROM chat_blocks WHERE blocked_id = ?"
          + " ON CONFLICT DO NOTHING";

  private static final String FORGET_BLOCKS =
      "DELETE FROM chat_blocks WHERE user_id = ? OR blocked_id = ?";

  /** The new id may have been seen meanwhile. */
  private static final String FORGET_LAST_SEEN =
      "DELETE FROM chat_last_seen WHERE user_id = ? AND EXISTS (SELECT FROM chat_last_seen WHERE user_id = ?)";

  /** Each by an index; the last table is empty nearly always. */
  private static final List<Column> USED =
      List.of(
          new Column("chat_members", "user_id", WhenErased.GOES),
          new Column("chat_last_seen", "user_id", WhenErased.GOES),
          new Column("chat_blocks", "user_id", WhenErased.GOES),
          new Column("chat_blocks", "blocked_id", WhenErased.GOES),
          new Column("chat_privacy", "user_id", WhenErased.GOES),
          new Column("chat_profiles", "user_id", WhenErased.GOES),
          new Column("chat_conversation_keys", "scope", WhenErased.GOES),
          new Column("chat_user_replacements", "user_id", WhenErased.GOES),
          new Column("chat_user_replacements", "replacement", WhenErased.GOES));

  private UserColumns() {}

  static void replaceIn(Connection connection, Job job, ConversationId id) throws SQLException {
    if (job.erases()) {
      try (PreparedStatement statement = connection.prepareStatement(FORGET_REACTIONS)) {
        statement.setLong(1, id.value());
        statement.setString(2, job.user().value());
        statement.executeUpdate();
      }
    }
    for (Column column : OF_CONVERSATIONS) {
      String sql = column.sql(job.erases(), "conversation_id = ? AND ");
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        int next = 1;
        if (column.takesReplacement(job.erases())) {
          statement.setString(next++, job.replacement().value());
        }
        statement.setLong(next++, id.value());
        statement.setString(next, job.user().value());
        statement.executeUpdate();
      }
    }
  }

  /** A user is going to be renamed. */
  static void copyBlocks(Connection connection, Job job) throws SQLException {
    execute(connection, COPY_BLOCKS, job.replacement(), job.user(), job.replacement(), job.user());
  }

  static void finish(Connection connection, Job job) throws SQLException {
    if (!job.erases()) {
      copyBlocks(connection, job); // those of the meantime
      execute(connection, FORGET_BLOCKS, job.user(), job.user());
      execute(connection, FORGET_LAST_SEEN, job.user(), job.replacement());
    }
    for (Column column : OF_USERS) {
      String sql = column.sql(job.erases(), "");
      if (column.takesReplacement(job.erases())) {
        execute(connection, sql, job.replacement(), job.user());
      } else {
        execute(connection, sql, job.user());
      }
    }
    execute(connection, RENAME_IN_COMMITS, job.user(), job.replacement(), job.user());
  }

  static boolean isInUse(Connection connection, UserId user) throws SQLException {
    for (Column column : USED) {
      String sql = "SELECT 1 FROM %s WHERE %s = ? LIMIT 1".formatted(column.table(), column.name());
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setString(1, user.value());
        if (statement.executeQuery().next()) {
          return true;
        }
      }
    }
    return false;
  }

  private static void execute(Connection connection, String sql, UserId... users)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < users.length; i++) {
        statement.setString(i + 1, users[i].value());
      }
      statement.executeUpdate();
    }
  }
}
