package chat.engine.postgres.message;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.spi.MessageStore.MessagePlace;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the messages of a batch said before: numbers it, takes it in while {@link MessageChanges}
 * decides, and writes what has come of it. Its statements travel with those of the changes. There
 * are none where no edit keeps a version and no message is deleted that was edited before: only
 * edited messages have versions.
 */
final class VersionChanges {
  /** The numbers of the last versions, by the primary key. Bound by {@link #bindFind}. */
  static final String FIND =
      "SELECT v.conversation_id, v.seq, max(v.version)"
          + " FROM unnest(?::bigint[], ?::bigint[]) AS d (c, s)"
          + " JOIN chat_message_versions v ON v.conversation_id = d.c AND v.seq = d.s"
          + " GROUP BY v.conversation_id, v.seq";

  private static final String DELETE =
      "DELETE FROM chat_message_versions v USING unnest(?::bigint[], ?::bigint[]) AS d (c, s)"
          + " WHERE v.conversation_id = d.c AND v.seq = d.s; ";

  private static final String INSERT =
      "INSERT INTO chat_message_versions"
          + " (conversation_id, seq, version, body, attributes, written_at)"
          + " SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::text[],"
          + " ?::timestamptz[]) AS d (c, s, v, b, a, z); ";

  /** Those of which there are too many now, up to a number each. */
  private static final String TRIM =
      "DELETE FROM chat_message_versions v"
          + " USING unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS d (c, s, v)"
          + " WHERE v.conversation_id = d.c AND v.seq = d.s AND v.version <= d.v; ";

  private record Row(MessagePlace message, MessageVersion version) {}

  private record End(MessagePlace message, long number) {}

  /** Number of the last version of a message, as things stand; no entry for none. */
  private final Map<MessagePlace, Long> last = new HashMap<>();

  /** To be written; no more of a message than it may have. */
  private final Map<MessagePlace, Deque<MessageVersion>> kept = new LinkedHashMap<>();

  private final Set<MessagePlace> gone = new LinkedHashSet<>();

  /**
   * @return index of the first parameter behind those of {@link #FIND}
   */
  static int bindFind(PreparedStatement statement, int from, List<MessagePlace> messages)
      throws SQLException {
    return bindPlaces(statement, from, messages);
  }

  /** Takes what {@link #FIND} found, which is the next result of the statement. */
  void found(PreparedStatement statement) throws SQLException {
    statement.getMoreResults();
    try (ResultSet row = statement.getResultSet()) {
      while (row.next()) {
        last.put(
            new MessagePlace(ConversationId.of(row.getLong(1)), row.getLong(2)), row.getLong(3));
      }
    }
  }

  /** An edit replaces what the message says, and keeps it. */
  void keep(Message before) {
    MessagePlace place = place(before);
    long number = last.merge(place, 1L, Long::sum);
    Deque<MessageVersion> versions = kept.computeIfAbsent(place, none -> new ArrayDeque<>());
    versions.add(MessageVersion.of(before, number));
    if (versions.size() > MessageVersion.MAX_PER_MESSAGE) {
      versions.remove();
    }
  }

  /** The message is deleted; it need not have versions. */
  void forget(Message before) {
    if (before.editedAt() != null) {
      kept.remove(place(before));
      gone.add(place(before));
    }
  }

  private static MessagePlace place(Message message) {
    return new MessagePlace(message.conversation(), message.seq());
  }

  /** What writes down all of it, each statement with a semicolon; bound by {@link #bind}. */
  String statements() {
    return (gone.isEmpty() ? "" : DELETE)
        + (kept.isEmpty() ? "" : INSERT)
        + (tooMany().isEmpty() ? "" : TRIM);
  }

  /**
   * @return index of the first parameter behind those of {@link #statements}
   */
  int bind(PreparedStatement statement, int from) throws SQLException {
    int next = from;
    if (!gone.isEmpty()) {
      next = bindPlaces(statement, next, List.copyOf(gone));
    }
    if (!kept.isEmpty()) {
      next = bindKept(statement, next);
    }
    List<End> ends = tooMany();
    if (!ends.isEmpty()) {
      bindPlaces(statement, next, ends.stream().map(End::message).toList());
      SqlArrays arrays = new SqlArrays(statement.getConnection());
      statement.setArray(next + 2, arrays.bigints(ends, End::number));
      next += 3;
    }
    return next;
  }

  private List<End> tooMany() {
    return kept.keySet().stream()
        .map(place -> new End(place, last.getOrDefault(place, 0L) - MessageVersion.MAX_PER_MESSAGE))
        .filter(end -> end.number() > 0)
        .toList();
  }

  private int bindKept(PreparedStatement statement, int from) throws SQLException {
    List<Row> rows = new ArrayList<>();
    kept.forEach(
        (place, versions) -> versions.forEach(version -> rows.add(new Row(place, version))));
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    bindPlaces(statement, from, rows.stream().map(Row::message).toList());
    statement.setArray(from + 2, arrays.bigints(rows, row -> row.version().number()));
    statement.setArray(from + 3, arrays.texts(rows, row -> row.version().text()));
    statement.setArray(from + 4, arrays.texts(rows, row -> row.version().attributes()));
    statement.setArray(from + 5, arrays.times(rows, row -> row.version().writtenAt()));
    return from + 6;
  }

  private static int bindPlaces(PreparedStatement statement, int from, List<MessagePlace> messages)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(from, arrays.bigints(messages, place -> place.conversation().value()));
    statement.setArray(from + 1, arrays.bigints(messages, MessagePlace::seq));
    return from + 2;
  }
}
