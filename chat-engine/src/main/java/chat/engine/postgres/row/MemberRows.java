package chat.engine.postgres.row;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Page;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Members as rows of {@code chat_members}. */
public final class MemberRows {
  /** Of chat_members as m, in the order of {@link #read}. */
  public static final String COLUMNS =
      "m.user_id, m.role, m.joined_at, m.joined_seq, m.joined_rev, m.read_seq, m.received_seq,"
          + " m.silenced_until";

  private static final String INSERT =
      "INSERT INTO chat_members (conversation_id, user_id, role, joined_at, joined_seq, joined_rev,"
          + " read_seq, received_seq) SELECT ?, u, r, ?, ?, ?, ?, ? FROM unnest(?::text[], ?::text[]) AS d (u, r)";

  private static final String LIST =
      "SELECT k.members_rev, "
          + COLUMNS
          + " FROM chat_conversation_counters k LEFT JOIN chat_members m USING (conversation_id)"
          + " WHERE k.conversation_id = ? ORDER BY m.user_id";

  /** A range of the primary key: the planner would sort all members without the inner limit. */
  private static final String PAGE =
      "SELECT k.members_rev, "
          + COLUMNS
          + " FROM chat_conversation_counters k LEFT JOIN LATERAL (SELECT * FROM chat_members x"
          + " WHERE x.conversation_id = k.conversation_id AND x.user_id > ? ORDER BY x.user_id LIMIT ?) m ON true"
          + " WHERE k.conversation_id = ? ORDER BY m.user_id";

  private static final String FIND =
      "SELECT " + COLUMNS + " FROM chat_members m WHERE m.conversation_id = ? AND m.user_id = ?";

  /** A range of the primary key. */
  private static final String COUNT = "SELECT count(*) FROM chat_members WHERE conversation_id = ?";

  /** Of chat_members as m and chat_conversations as c: the seq above which the member reads. */
  private static final String READABLE_AFTER =
      "CASE WHEN c.history = 'J' THEN m.joined_seq ELSE 0 END";

  /** Look-ups of the two primary keys. */
  private static final String WRITERS =
      "SELECT m.conversation_id, m.user_id, m.role, m.silenced_until, c.slow_mode_seconds, "
          + READABLE_AFTER
          + " FROM unnest(?::bigint[], ?::text[]) AS d (conversation_id, user_id)"
          + " JOIN chat_members m ON m.conversation_id = d.conversation_id AND m.user_id = d.user_id"
          + " JOIN chat_conversations c ON c.conversation_id = m.conversation_id";

  /** Look-ups of two primary keys. */
  private static final String READABLE =
      "SELECT m.conversation_id, "
          + READABLE_AFTER
          + " FROM chat_members m JOIN chat_conversations c ON c.conversation_id = m.conversation_id"
          + " WHERE m.user_id = ? AND m.conversation_id = ANY (?)";

  /** A user who becomes a member. */
  public record Joining(UserId user, Role role) {}

  private MemberRows() {}

  /**
   * @param seq the last message before they join, up to which they count as having received and
   *     read
   * @param rev of the change that adds them
   */
  public static void insert(
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

  /** In one statement, so that the rev and the list belong together. */
  public static Optional<MemberList> list(Connection connection, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LIST)) {
      statement.setLong(1, id.value());
      return list(statement, Integer.MAX_VALUE);
    }
  }

  /** A page of the list, in one statement, too. */
  public static Optional<MemberList> page(
      Connection connection, ConversationId id, @Nullable UserId after, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PAGE)) {
      statement.setString(1, after == null ? "" : after.value()); // below every user id
      statement.setInt(2, limit + 1);
      statement.setLong(3, id.value());
      return list(statement, limit);
    }
  }

  /**
   * Reads the rev and members: no row if there is no conversation, one without a member if it has
   * none.
   */
  private static Optional<MemberList> list(PreparedStatement statement, int limit)
      throws SQLException {
    List<Member> members = new ArrayList<>();
    long rev = -1;
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        rev = rows.getLong(1);
        if (rows.getString(2) != null) {
          members.add(read(rows, 2));
        }
      }
    }
    if (rev < 0) {
      return Optional.empty();
    }
    Page<Member> page = Page.of(members, limit);
    return Optional.of(new MemberList(rev, page.items(), page.hasMore()));
  }

  public static Optional<Member> find(Connection connection, ConversationId id, UserId user)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setLong(1, id.value());
      statement.setString(2, user.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(read(row, 1)) : Optional.<Member>empty();
      }
    }
  }

  public static int count(Connection connection, ConversationId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  /** See {@link chat.engine.spi.ConversationStore#readableAfter}. */
  public static Map<ConversationId, Long> readableAfter(
      Connection connection, UserId user, Collection<ConversationId> among) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READABLE)) {
      statement.setString(1, user.value());
      statement.setArray(
          2, new SqlArrays(connection).bigints(List.copyOf(among), ConversationId::value));
      return SqlArrays.numbers(statement);
    }
  }

  /** Those among the users who are members. */
  public static Map<MemberKey, Writer> writers(Connection connection, List<MemberKey> users)
      throws SQLException {
    Map<MemberKey, Writer> writers = new HashMap<>();
    if (users.isEmpty()) {
      return writers;
    }
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(WRITERS)) {
      statement.setArray(1, arrays.bigints(users, user -> user.conversation().value()));
      statement.setArray(2, arrays.texts(users, user -> user.user().value()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          writers.put(
              new MemberKey(ConversationId.of(row.getLong(1)), UserId.of(row.getString(2))),
              new Writer(
                  Codes.role(row.getString(3)),
                  time(row.getTimestamp(4)),
                  Duration.ofSeconds(row.getInt(5)), // 0 for null
                  row.getLong(6)));
        }
      }
    }
    return writers;
  }

  private static @Nullable Instant time(@Nullable Timestamp timestamp) {
    return timestamp == null ? null : timestamp.toInstant();
  }

  /**
   * @param from the first of the columns
   */
  public static Member read(ResultSet row, int from) throws SQLException {
    return new Member(
        UserId.of(row.getString(from)),
        Codes.role(row.getString(from + 1)),
        row.getTimestamp(from + 2).toInstant(),
        row.getLong(from + 3),
        row.getLong(from + 4),
        row.getLong(from + 5),
        row.getLong(from + 6),
        time(row.getTimestamp(from + 7)));
  }
}
