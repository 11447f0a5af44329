package chat.engine.postgres.conversation;

import chat.engine.Preferences;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.MemberKey;
import chat.engine.spi.StoreBusyException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Preferences as columns of {@code chat_members}. */
public final class PreferencesRows {
  /** Of chat_members as m, in the order of {@link #read}. */
  public static final String COLUMNS =
      "m.preferences_version, m.muted_until, m.archived_at_seq, m.pinned, m.unread_from";

  /**
   * A member whose row was not locked, since they joined in between, may have been changed by
   * others.
   */
  private static final String UPDATE =
      "UPDATE chat_members m SET preferences_version = d.v, muted_until = d.t, archived_at_seq = d.a,"
          + " pinned = d.p, unread_from = d.f FROM unnest(?::bigint[], ?::text[], ?::bigint[],"
          + " ?::timestamptz[], ?::bigint[], ?::boolean[], ?::bigint[]) AS d (c, u, v, t, a, p, f)"
          + " WHERE m.conversation_id = d.c AND m.user_id = d.u AND m.preferences_version < d.v";

  private PreferencesRows() {}

  /**
   * Stores preferences with new versions, in one statement.
   *
   * @throws StoreBusyException if others have changed one of them since they were read
   */
  public static void update(Connection connection, Map<MemberKey, Preferences> changed)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    List<Map.Entry<MemberKey, Preferences>> rows = List.copyOf(changed.entrySet());
    try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
      statement.setArray(1, arrays.bigints(rows, row -> row.getKey().conversation().value()));
      statement.setArray(2, arrays.texts(rows, row -> row.getKey().user().value()));
      statement.setArray(3, arrays.bigints(rows, row -> row.getValue().version()));
      statement.setArray(4, arrays.times(rows, row -> row.getValue().mutedUntil()));
      statement.setArray(5, arrays.bigints(rows, row -> row.getValue().archivedAtSeq()));
      statement.setArray(6, arrays.booleans(rows, row -> row.getValue().pinned()));
      statement.setArray(7, arrays.bigints(rows, row -> row.getValue().unreadFrom()));
      if (statement.executeUpdate() < rows.size()) {
        throw new StoreBusyException("preferences were changed by another transaction", null);
      }
    }
  }

  /**
   * @param from the first of the columns
   * @param lastSeq of the conversation, read by the same statement
   */
  public static Preferences read(ResultSet row, int from, long lastSeq) throws SQLException {
    long version = row.getLong(from);
    if (version == 0) {
      return Preferences.NONE; // nearly always
    }
    Timestamp mutedUntil = row.getTimestamp(from + 1);
    return new Preferences(
            version,
            mutedUntil == null ? null : mutedUntil.toInstant(),
            number(row, from + 2),
            row.getBoolean(from + 3),
            number(row, from + 4))
        .at(lastSeq);
  }

  private static @Nullable Long number(ResultSet row, int column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() ? null : number;
  }
}
