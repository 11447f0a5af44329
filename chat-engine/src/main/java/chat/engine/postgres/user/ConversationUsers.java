package chat.engine.postgres.user;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.UserReplacements.Naming;
import chat.engine.spi.UserReplacements.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where conversations name a user: finds the conversations, and in one of them the messages, and
 * replaces the user in its log. Everything is read in pieces of a bounded size, in the order of a
 * primary key.
 */
final class ConversationUsers {
  private static final int LOG_AT_ONCE = 2_000;

  /** Whether the user is a line of the column. */
  private static final String SUBJECT = "strpos(E'\\n' || subjects || E'\\n', ?) > 0";

  private static final String NAMING =
      "WITH page AS (SELECT conversation_id, rev, actor_id, subjects FROM chat_conversation_changes"
          + " WHERE (conversation_id, rev) > (?, ?) ORDER BY conversation_id, rev LIMIT ?)"
          + " SELECT conversation_id, max(rev), count(*), coalesce(bool_or(actor_id = ? OR "
          + SUBJECT
          + "), false) FROM page GROUP BY conversation_id ORDER BY conversation_id";

  private static final String OWN =
      "SELECT m.seq FROM chat_messages m WHERE m.conversation_id = ? AND m.seq > ? AND m.seq <= ?"
          + " AND m.sender_id = ?";

  /** Messages of nodes before V8 have mentions without rows of their own. */
  private static final String MENTIONING =
      " UNION SELECT m.seq FROM chat_messages m WHERE m.conversation_id = ? AND m.seq > ? AND m.seq <= ?"
          + " AND strpos(E'\\n' || m.mentions || E'\\n', ?) > 0";

  private static final String REACTED =
      " UNION SELECT r.seq FROM chat_reactions r WHERE r.conversation_id = ? AND r.seq > ? AND r.seq <= ?"
          + " AND r.user_id = ? AND r.active";

  /** Together with the entries of the log that they are found by. */
  private static final String RENAME_REACTIONS =
      "UPDATE chat_reactions r SET user_id = ? FROM chat_conversation_changes l"
          + " WHERE l.conversation_id = ? AND l.rev > ? AND l.rev <= ? AND l.kind = 'Z' AND l.actor_id = ?"
          + " AND r.conversation_id = l.conversation_id AND r.seq = l.message_seq AND r.user_id = l.actor_id"
          + " AND r.rev = l.rev";

  private static final String RENAME_ACTORS =
      "UPDATE chat_conversation_changes SET actor_id = ?"
          + " WHERE conversation_id = ? AND rev > ? AND rev <= ? AND actor_id = ?";

  /** No function here is merely stable, which Citus would refuse. */
  private static final String RENAME_SUBJECTS =
      "UPDATE chat_conversation_changes"
          + " SET subjects = btrim(replace(E'\\n' || subjects || E'\\n', ?, ?), E'\\n')"
          + " WHERE conversation_id = ? AND rev > ? AND rev <= ? AND "
          + SUBJECT;

  private static final String LAST_REV =
      "SELECT coalesce(max(rev), 0) FROM chat_conversation_changes WHERE conversation_id = ?";

  private ConversationUsers() {}

  private static String line(UserId user) {
    return "\n" + user.value() + "\n";
  }

  static Naming naming(Connection connection, UserId user, Place after, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NAMING)) {
      statement.setLong(1, after.conversation());
      statement.setLong(2, after.rev());
      statement.setInt(3, limit);
      statement.setString(4, user.value());
      statement.setString(5, line(user));
      Set<ConversationId> found = new HashSet<>();
      long read = 0;
      Place last = after;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          last = new Place(row.getLong(1), row.getLong(2));
          read += row.getLong(3);
          if (row.getBoolean(4)) {
            found.add(ConversationId.of(row.getLong(1)));
          }
        }
      }
      return new Naming(found, read < limit ? null : last);
    }
  }

  static List<Long> messages(
      Connection connection, Job job, ConversationId id, long afterSeq, long upToSeq)
      throws SQLException {
    boolean replaced = job.kind() != Kind.DELETE_MESSAGES;
    String own = replaced ? OWN : OWN + " AND m.deleted_at IS NULL";
    String sql =
        own + (replaced ? MENTIONING : "") + (job.erases() ? REACTED : "") + " ORDER BY seq";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = bindRange(statement, 1, id, afterSeq, upToSeq, job.user().value());
      if (replaced) {
        next = bindRange(statement, next, id, afterSeq, upToSeq, line(job.user()));
      }
      if (job.erases()) {
        bindRange(statement, next, id, afterSeq, upToSeq, job.user().value());
      }
      List<Long> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(row.getLong(1));
        }
      }
      return found;
    }
  }

  private static int bindRange(
      PreparedStatement statement, int from, ConversationId id, long after, long upTo, String user)
      throws SQLException {
    statement.setLong(from, id.value());
    statement.setLong(from + 1, after);
    statement.setLong(from + 2, upTo);
    statement.setString(from + 3, user);
    return from + 4;
  }

  /**
   * @return the rev from which to go on; -1 at the end
   */
  static long replaceInLog(Connection connection, Job job, ConversationId id, long afterRev)
      throws SQLException {
    long upTo = afterRev + LOG_AT_ONCE;
    if (!job.erases()) {
      replaceActor(connection, RENAME_REACTIONS, job, id, afterRev, upTo);
    }
    replaceActor(connection, RENAME_ACTORS, job, id, afterRev, upTo);
    try (PreparedStatement statement = connection.prepareStatement(RENAME_SUBJECTS)) {
      statement.setString(1, line(job.user()));
      statement.setString(2, line(job.replacement()));
      bindRange(statement, 3, id, afterRev, upTo, line(job.user()));
      statement.executeUpdate();
    }
    try (PreparedStatement statement = connection.prepareStatement(LAST_REV)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1) > upTo ? upTo : -1;
      }
    }
  }

  private static void replaceActor(
      Connection connection, String sql, Job job, ConversationId id, long afterRev, long upTo)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, job.replacement().value());
      bindRange(statement, 2, id, afterRev, upTo, job.user().value());
      statement.executeUpdate();
    }
  }
}
