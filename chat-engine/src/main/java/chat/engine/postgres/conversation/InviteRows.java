package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.UserId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Invites as rows of {@code chat_invites}. */
public final class InviteRows {
  private static final String INSERT =
      "INSERT INTO chat_invites (conversation_id, code_hash, created_by, created_at, expires_at,"
          + " max_uses, uses) VALUES (?, ?, ?, ?, ?, ?, ?)";

  private static final String SELECT =
      "SELECT code_hash, created_by, created_at, expires_at, max_uses, uses FROM chat_invites"
          + " WHERE conversation_id = ?";

  private static final String FIND = SELECT + " AND code_hash = ?";

  private static final String LOCK = FIND + " FOR UPDATE";

  /** A range of the primary key. */
  private static final String PAGE =
      SELECT
          + " AND code_hash > ? AND (expires_at IS NULL OR expires_at > ?)"
          + " AND (max_uses IS NULL OR uses < max_uses) ORDER BY code_hash LIMIT ?";

  private static final String COUNT = "SELECT count(*) FROM chat_invites WHERE conversation_id = ?";

  private static final String USE =
      "UPDATE chat_invites SET uses = uses + 1 WHERE conversation_id = ? AND code_hash = ?";

  private static final String REMOVE =
      "DELETE FROM chat_invites WHERE conversation_id = ? AND code_hash = ?";

  private static final String REMOVE_OVER =
      "DELETE FROM chat_invites WHERE conversation_id = ? AND (expires_at <= ? OR uses >= max_uses)";

  private InviteRows() {}

  /** While the conversation is locked. */
  public static void insert(Connection connection, ConversationId group, Invite invite)
      throws SQLException {
    Instant expiresAt = invite.expiresAt();
    Integer maxUses = invite.maxUses();
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setLong(1, group.value());
      statement.setString(2, invite.id().value());
      statement.setString(3, invite.by().value());
      statement.setTimestamp(4, Timestamp.from(invite.createdAt()));
      statement.setTimestamp(5, expiresAt == null ? null : Timestamp.from(expiresAt));
      if (maxUses == null) {
        statement.setNull(6, Types.INTEGER);
      } else {
        statement.setInt(6, maxUses);
      }
      statement.setInt(7, invite.uses());
      statement.executeUpdate();
    }
  }

  public static Optional<Invite> find(Connection connection, ConversationId group, InviteId id)
      throws SQLException {
    return one(connection, FIND, group, id);
  }

  /** The same, and nobody else changes it until this transaction ends. */
  public static Optional<Invite> lock(Connection connection, ConversationId group, InviteId id)
      throws SQLException {
    return one(connection, LOCK, group, id);
  }

  private static Optional<Invite> one(
      Connection connection, String sql, ConversationId group, InviteId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, group.value());
      statement.setString(2, id.value());
      return read(statement).stream().findFirst();
    }
  }

  /** See {@link chat.engine.spi.InviteStore#inForce}. */
  public static List<Invite> page(
      Connection connection, ConversationId group, @Nullable InviteId after, int limit, Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PAGE)) {
      statement.setLong(1, group.value());
      statement.setString(2, after == null ? "" : after.value()); // below every id
      statement.setTimestamp(3, Timestamp.from(now));
      statement.setInt(4, limit);
      return read(statement);
    }
  }

  public static int count(Connection connection, ConversationId group) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
      statement.setLong(1, group.value());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  /** Counts a use of an invite that this transaction has locked. */
  public static void use(Connection connection, ConversationId group, InviteId id)
      throws SQLException {
    change(connection, USE, group, id);
  }

  /**
   * @return whether there was one
   */
  public static boolean remove(Connection connection, ConversationId group, InviteId id)
      throws SQLException {
    return change(connection, REMOVE, group, id);
  }

  private static boolean change(
      Connection connection, String sql, ConversationId group, InviteId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, group.value());
      statement.setString(2, id.value());
      return statement.executeUpdate() > 0;
    }
  }

  /** Takes out those that are not in force. */
  public static void removeOver(Connection connection, ConversationId group, Instant now)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(REMOVE_OVER)) {
      statement.setLong(1, group.value());
      statement.setTimestamp(2, Timestamp.from(now));
      statement.executeUpdate();
    }
  }

  private static List<Invite> read(PreparedStatement statement) throws SQLException {
    List<Invite> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Timestamp expiresAt = row.getTimestamp(4);
        int maxUses = row.getInt(5); // never 0 but for null
        found.add(
            new Invite(
                InviteId.of(row.getString(1)),
                UserId.fromStored(row.getString(2)),
                row.getTimestamp(3).toInstant(),
                expiresAt == null ? null : expiresAt.toInstant(),
                maxUses == 0 ? null : maxUses,
                row.getInt(6)));
      }
    }
    return found;
  }
}
