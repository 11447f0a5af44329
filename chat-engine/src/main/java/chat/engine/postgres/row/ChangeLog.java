package chat.engine.postgres.row;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.GroupUpdate;
import chat.engine.Message;
import chat.engine.ReactionChange;
import chat.engine.ReactionCount;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The log of what happened to conversations and their messages: an entry for each rev. An entry
 * about a message names its seq and says nothing of its content; a read adds the message as it is
 * then.
 */
public final class ChangeLog {
  /** Parameters are bound by {@link #bindInsert}. */
  public static final String INSERT =
      "INSERT INTO chat_conversation_changes (conversation_id, rev, at_seq, kind, actor_id, subjects,"
          + " role, name, attributes, message_seq, changed_at)"
          + " SELECT c, v, s, k, a, u, r, n, t, m, 'epoch'::timestamptz + z * interval '1 microsecond'"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],"
          + " ?::text[], ?::bigint[], ?::bigint[]) AS d (c, v, s, k, a, u, r, n, t, m, z)";

  /**
   * The message of an entry {@code l}, found by its primary key. The limit keeps this a look-up for
   * each entry: else the planner, which knows only the average conversation, would read all
   * messages of the conversation instead.
   */
  public static final String MESSAGE =
      "LATERAL (SELECT * FROM chat_messages x WHERE x.conversation_id = %s"
          + " AND x.seq = l.message_seq LIMIT 1) m";

  /**
   * What an entry about a reaction is about, with the counts as they are now: the reaction, if the
   * entry is the last about it. Of the message nothing else is read.
   */
  private static final String REACTION =
      "LATERAL (SELECT x.emoji, x.active, (SELECT c.reactions FROM chat_messages c"
          + " WHERE c.conversation_id = ? AND c.seq = l.message_seq) AS counts"
          + " FROM chat_reactions x WHERE l.kind = 'Z' AND x.conversation_id = ?"
          + " AND x.seq = l.message_seq AND x.user_id = l.actor_id AND x.rev = l.rev LIMIT 1) r";

  private static final String READ =
      "SELECT "
          + MessageRows.COLUMNS
          + ", l.rev, l.at_seq, l.kind, l.actor_id, l.subjects, l.role, l.name, l.attributes,"
          + " l.changed_at, l.message_seq, r.emoji, r.active, r.counts, "
          + ChangeDetails.COLUMNS
          + " FROM chat_conversation_changes l LEFT JOIN "
          + MESSAGE.formatted("?")
          + " ON l.kind IN ('E', 'X') LEFT JOIN "
          + REACTION
          + " ON true WHERE l.conversation_id = ? AND l.rev > ? ORDER BY l.rev LIMIT ?";

  private ChangeLog() {}

  public static void insert(Connection connection, ConversationChange change) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      bindInsert(statement, 1, List.of(change));
      statement.executeUpdate();
    }
  }

  /**
   * @param from index of the first parameter of {@link #INSERT}
   * @return index of the first parameter behind it
   */
  public static int bindInsert(
      PreparedStatement statement, int from, List<ConversationChange> changes) throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    int next = from;
    statement.setArray(next++, arrays.bigints(changes, change -> change.conversation().value()));
    statement.setArray(next++, arrays.bigints(changes, ConversationChange::rev));
    statement.setArray(next++, arrays.bigints(changes, ConversationChange::atSeq));
    statement.setArray(next++, arrays.texts(changes, change -> Codes.of(change.kind())));
    statement.setArray(next++, arrays.texts(changes, change -> change.actor().value()));
    statement.setArray(
        next++, arrays.texts(changes, change -> MessageRows.lines(change.subjects())));
    statement.setArray(next++, arrays.texts(changes, change -> Codes.ofOptional(change.role())));
    statement.setArray(next++, arrays.texts(changes, ConversationChange::name));
    statement.setArray(next++, arrays.texts(changes, ConversationChange::attributes));
    statement.setArray(next++, arrays.bigints(changes, ChangeLog::messageSeq));
    statement.setArray(
        next++,
        arrays.bigints(changes, change -> ChronoUnit.MICROS.between(Instant.EPOCH, change.at())));
    return next;
  }

  /**
   * Adds what entries say of updates of groups, bans and silences; for entries of this transaction.
   */
  public static void noteDetails(Connection connection, List<ConversationChange> changes)
      throws SQLException {
    for (ConversationChange change : changes) {
      ChangeDetails.note(connection, change);
    }
  }

  private static @Nullable Long messageSeq(ConversationChange change) {
    Message message = change.message();
    ReactionChange reaction = change.reaction();
    if (message != null) {
      return message.seq();
    }
    return reaction == null ? change.pinSeq() : Long.valueOf(reaction.seq());
  }

  public static List<ConversationChange> read(
      Connection connection, ConversationId id, long afterRev, int limit) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      for (int parameter = 1; parameter <= 4; parameter++) {
        statement.setLong(parameter, id.value());
      }
      statement.setLong(5, afterRev);
      statement.setInt(6, limit);
      List<ConversationChange> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(change(id, row));
        }
      }
      return withPreviews(connection, found);
    }
  }

  private static List<ConversationChange> withPreviews(
      Connection connection, List<ConversationChange> changes) throws SQLException {
    List<Message> messages =
        changes.stream().map(ConversationChange::message).filter(Objects::nonNull).toList();
    Iterator<Message> complete = ReplyPreviews.added(connection, messages).iterator();
    return messages.isEmpty()
        ? changes
        : changes.stream()
            .map(change -> change.message() == null ? change : change.withMessage(complete.next()))
            .toList();
  }

  private static ConversationChange change(ConversationId id, ResultSet row) throws SQLException {
    int before = MessageRows.WIDTH;
    boolean hasMessage = row.getString(1) != null;
    String name = row.getString(before + 7);
    String attributes = row.getString(before + 8);
    GroupUpdate update = ChangeDetails.update(row, before + 14, name, attributes);
    ConversationChange.Kind kind = Codes.kind(row.getString(before + 3));
    return new ConversationChange(
        id,
        row.getLong(before + 1),
        row.getLong(before + 2),
        kind,
        UserId.fromStored(row.getString(before + 4)),
        MessageRows.users(row.getString(before + 5)),
        role(row.getString(before + 6)),
        update == null ? name : null,
        update == null ? attributes : null,
        hasMessage ? MessageRows.read(row) : null,
        row.getTimestamp(before + 9).toInstant(),
        reaction(row, before + 10),
        update,
        ChangeDetails.until(row, before + 14),
        kind.isOfPin() ? row.getLong(before + 10) : null,
        ChangeDetails.firstSeq(row, before + 14),
        ChangeDetails.retention(row, before + 14));
  }

  /** Null for an entry about something else, or about a reaction that has changed again. */
  private static @Nullable ReactionChange reaction(ResultSet row, int from) throws SQLException {
    String emoji = row.getString(from + 1);
    if (emoji == null) {
      return null;
    }
    Emoji given = Emoji.fromStored(emoji);
    long count =
        ReactionCounts.of(row.getString(from + 3)).stream()
            .filter(counted -> counted.emoji().equals(given))
            .mapToLong(ReactionCount::count)
            .findFirst()
            .orElse(0);
    return new ReactionChange(row.getLong(from), given, row.getBoolean(from + 2), count);
  }

  private static @Nullable Role role(@Nullable String code) {
    return code == null ? null : Codes.role(code);
  }
}
