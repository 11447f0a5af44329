package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.history.Fact;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what the database holds, past the engine. Stateless. */
public final class StoredFacts {
  private interface Row {
    Fact read(ResultSet row) throws SQLException;
  }

  private StoredFacts() {}

  /** Of the given conversations, and what their users blocked. */
  public static List<Fact> read(Connection connection, List<Long> conversations)
      throws SQLException {
    List<Fact> facts = new ArrayList<>();
    read(
        connection,
        "SELECT conversation_id, kind, coalesce(name, '-')"
            + " || coalesce('~' || attributes, '') AS name, last_seq, greatest(rev, members_rev), first_seq FROM"
            + " chat_conversations JOIN chat_conversation_counters USING (conversation_id)",
        "1",
        conversations,
        facts,
        row ->
            new Fact.Conversation(
                row.getLong(1),
                row.getString(2).equals("G"),
                row.getString(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6)));
    read(
        connection,
        "SELECT conversation_id, user_id, role, read_seq, received_seq FROM chat_members",
        "1, 2",
        conversations,
        facts,
        row ->
            new Fact.Member(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getLong(4),
                row.getLong(5)));
    read(
        connection,
        "SELECT * FROM chat_messages",
        "conversation_id, seq",
        conversations,
        facts,
        row ->
            new Fact.Message(
                row.getLong("conversation_id"),
                row.getLong("seq"),
                row.getLong("message_id"),
                row.getString("sender_id"),
                row.getString("client_message_id"),
                row.getLong("members_rev")));
    read(
        connection,
        "SELECT conversation_id, seq, coalesce(rev, 0),"
            + " CASE WHEN deleted_at IS NULL THEN body ELSE '-' END,"
            + " coalesce(translate(reactions, E'\n ', ';='), '-') FROM chat_messages",
        "conversation_id, seq",
        conversations,
        facts,
        row ->
            new Fact.State(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getString(4),
                row.getString(5)));
    read(
        connection,
        "SELECT conversation_id, seq, mentions FROM"
            + " (SELECT * FROM chat_messages WHERE mentions IS NOT NULL) m",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Mentions(row.getLong(1), row.getLong(2), lines(row.getString(3))));
    read(
        connection,
        "SELECT conversation_id, seq, attributes FROM"
            + " (SELECT * FROM chat_messages WHERE attributes IS NOT NULL) m",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Attributes(row.getLong(1), row.getLong(2), row.getString(3)));
    read(
        connection,
        "SELECT conversation_id, seq, user_id, emoji, rev, active FROM chat_reactions",
        "1, 2, 3, 4",
        conversations,
        facts,
        row ->
            new Fact.Reaction(
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getBoolean(6)));
    read(
        connection,
        "SELECT conversation_id, user_id, preferences_version,"
            + " coalesce((extract(epoch FROM muted_until) * 1000)::bigint, -1),"
            + " coalesce(archived_at_seq, -1), pinned, coalesce(unread_from, -1) FROM chat_members",
        "1, 2",
        conversations,
        facts,
        row ->
            new Fact.Preferences(
                row.getLong(1),
                row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getBoolean(6),
                row.getLong(7)));
    read(
        connection,
        "SELECT * FROM chat_conversation_changes",
        "conversation_id, rev",
        conversations,
        facts,
        row ->
            new Fact.Change(
                row.getLong("conversation_id"),
                row.getLong("rev"),
                row.getLong("at_seq"),
                kind(row.getString("kind")),
                subjects(row),
                row.getString("actor_id"),
                Math.max(row.getLong("message_seq"), row.getLong("first_seq"))));
    readFeatures(connection, conversations, facts);
    return facts;
  }

  private static void readFeatures(
      Connection connection, List<Long> conversations, List<Fact> facts) throws SQLException {
    read(
        connection,
        "SELECT conversation_id, user_id FROM"
            + " (SELECT * FROM chat_bans WHERE until_at IS NULL) b",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Ban(row.getLong(1), row.getString(2)));
    read(
        connection,
        "SELECT DISTINCT 0, b.user_id, b.blocked_id FROM chat_members m"
            + " JOIN chat_blocks b USING (user_id)",
        "2, 3",
        conversations,
        facts,
        row -> new Fact.Block(row.getLong(1), row.getString(2), row.getString(3)));
    read(
        connection,
        "SELECT conversation_id, rev, CASE WHEN fields LIKE '%S%' THEN slow_mode_seconds ELSE -1 END,"
            + " CASE WHEN fields NOT LIKE '%H%' THEN '-' ELSE coalesce(history, 'A') END FROM"
            + " (SELECT * FROM chat_conversation_changes WHERE fields IS NOT NULL) s",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Setting(row.getLong(1), row.getLong(2), row.getLong(3), row.getString(4)));
    read(
        connection,
        "SELECT conversation_id, seq, rev FROM chat_pins",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Pin(row.getLong(1), row.getLong(2), row.getLong(3)));
    read(
        connection,
        "SELECT conversation_id, seq, forward_conversation_id, forward_seq FROM"
            + " (SELECT * FROM chat_messages WHERE forward_seq IS NOT NULL) f",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Forward(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)));
    read(
        connection,
        "SELECT conversation_id, code_hash, coalesce(max_uses, 0), uses FROM chat_invites",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Invite(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)));
    read(
        connection,
        "SELECT conversation_id, seq, (extract(epoch FROM created_at) * 1000)::bigint"
            + " FROM chat_messages",
        "1, 2",
        conversations,
        facts,
        row -> new Fact.Sent(row.getLong(1), row.getLong(2), row.getLong(3)));
    read(
        connection,
        "SELECT conversation_id, seq, version, body FROM chat_message_versions",
        "1, 2, 3",
        conversations,
        facts,
        row -> new Fact.Version(row.getLong(1), row.getLong(2), row.getLong(3), row.getString(4)));
  }

  private static void read(
      Connection connection,
      String sql,
      String order,
      List<Long> conversations,
      List<Fact> facts,
      Row row)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(sql + " WHERE conversation_id = ANY (?) ORDER BY " + order)) {
      statement.setArray(1, connection.createArrayOf("bigint", conversations.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          facts.add(row.read(rows));
        }
      }
    }
  }

  private static Fact.Kind kind(String code) {
    return switch (code) {
      case "A" -> Fact.Kind.ADDED;
      case "R" -> Fact.Kind.REMOVED;
      case "S" -> Fact.Kind.ROLE_SET;
      case "N" -> Fact.Kind.RENAMED;
      case "T" -> Fact.Kind.ATTRIBUTES_SET;
      case "D" -> Fact.Kind.DELETED;
      case "E" -> Fact.Kind.MESSAGE_EDITED;
      case "X" -> Fact.Kind.MESSAGE_DELETED;
      case "Z" -> Fact.Kind.MESSAGE_REACTED;
      case "U" -> Fact.Kind.UPDATED;
      case "B" -> Fact.Kind.BANNED;
      case "F" -> Fact.Kind.UNBANNED;
      case "Q" -> Fact.Kind.SILENCED;
      case "P" -> Fact.Kind.PINNED;
      case "V" -> Fact.Kind.UNPINNED;
      case "C" -> Fact.Kind.EXPIRED;
      case "K" -> Fact.Kind.RETENTION_SET;
      case "I" -> Fact.Kind.PEER_REPLACED;
      default -> throw new IllegalArgumentException("an unknown kind of change: " + code);
    };
  }

  private static List<String> subjects(ResultSet row) throws SQLException {
    return lines(row.getString("subjects"));
  }

  private static List<String> lines(@Nullable String text) {
    return text == null || text.isEmpty() ? List.of() : List.of(text.split("\n", -1));
  }
}
