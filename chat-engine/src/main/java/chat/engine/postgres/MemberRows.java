package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Role;
import chat.engine.UserId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Members as rows of chat_members. */
final class MemberRows {
  /** Of chat_members as m, in the order of {@link #read}. */
  static final String COLUMNS = "m.user_id, m.role, m.joined_at, m.read_seq, m.received_seq";

  private MemberRows() {}

  /**
   * @param seq up to which they count as having received and read
   */
  static void insert(
      Handle handle,
      ConversationId id,
      List<Map.Entry<UserId, Role>> members,
      Instant now,
      long seq)
      throws SQLException {
    if (members.isEmpty()) {
      return;
    }
    String sql =
        "INSERT INTO chat_members (conversation_id, user_id, role, joined_at, read_seq, received_seq)"
            + " SELECT ?, u, r, ?, ?, ? FROM unnest(?::text[], ?::text[]) AS d (u, r)";
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      SqlArrays arrays = new SqlArrays(handle.getConnection());
      statement.setLong(1, id.value());
      statement.setTimestamp(2, Timestamp.from(now));
      statement.setLong(3, seq);
      statement.setLong(4, seq);
      statement.setArray(5, arrays.texts(members, member -> member.getKey().value()));
      statement.setArray(6, arrays.texts(members, member -> Codes.of(member.getValue())));
      statement.executeUpdate();
    }
  }

  /**
   * @param from the first of the columns
   */
  static Member read(ResultSet row, int from) throws SQLException {
    return new Member(
        UserId.of(row.getString(from)),
        Codes.role(row.getString(from + 1)),
        row.getTimestamp(from + 2).toInstant(),
        row.getLong(from + 3),
        row.getLong(from + 4));
  }
}
