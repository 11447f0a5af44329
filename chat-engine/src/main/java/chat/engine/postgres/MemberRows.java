package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;

/** Members as rows of {@code chat_members}. */
final class MemberRows {
  /** Of chat_members as m, in the order of {@link #read}. */
  static final String COLUMNS =
      "m.user_id, m.role, m.joined_at, m.joined_seq, m.joined_rev, m.read_seq, m.received_seq";

  private static final String INSERT =
      "INSERT INTO chat_members (conversation_id, user_id, role, joined_at, joined_seq, joined_rev,"
          + " read_seq, received_seq) SELECT ?, u, r, ?, ?, ?, ?, ? FROM unnest(?::text[], ?::text[]) AS d (u, r)";

  /** A user who becomes a member. */
  record Joining(UserId user, Role role) {}

  private MemberRows() {}

  /**
   * @param seq the last message before they join, up to which they count as having received and
   *     read
   * @param rev of the change that adds them
   */
  static void insert(
      Connection connection,
      ConversationId id,
      List<Joining> members,
      Instant now,
      long seq,
      long rev)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      SqlArrays arrays = new SqlArrays(connection);
      statement.setLong(1, id.value());
      statement.setTimestamp(2, Timestamp.from(now));
      statement.setLong(3, seq);
      statement.setLong(4, rev);
      statement.setLong(5, seq);
      statement.setLong(6, seq);
      statement.setArray(7, arrays.texts(members, member -> member.user().value()));
      statement.setArray(8, arrays.texts(members, member -> Codes.of(member.role())));
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
        row.getLong(from + 4),
        row.getLong(from + 5),
        row.getLong(from + 6));
  }
}
