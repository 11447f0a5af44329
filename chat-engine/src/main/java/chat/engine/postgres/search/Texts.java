package chat.engine.postgres.search;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.SearchHit;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.message.read.MessageRanges;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.postgres.search.SearchPlaces.Tail;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.search.MessageSearch.Request;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Reads messages as they are now, and compares them with a search. */
final class Texts {
  private static final String FIND =
      "SELECT "
          + MessageRows.COLUMNS
          + " FROM unnest(?::bigint[], ?::bigint[]) AS d (conversation_id, seq)"
          + " JOIN chat_messages m ON m.conversation_id = d.conversation_id AND m.seq = d.seq";

  private static final String CHANGED =
      "SELECT message_seq FROM chat_conversation_changes WHERE conversation_id = ? AND rev > ?"
          + " AND message_seq <= ? ORDER BY rev LIMIT ?";

  private static final String STILL_MEMBER =
      "SELECT conversation_id FROM chat_members WHERE user_id = ? AND conversation_id = ANY (?)";

  private final Connection connection;
  private final Request request;

  /** Where a message is. */
  record Place(ConversationId conversation, long seq) {}

  Texts(Connection connection, Request request) {
    this.connection = connection;
    this.request = request;
  }

  /** Those of the messages that match, in no particular order. */
  List<SearchHit> matching(List<Place> keys) throws SQLException {
    List<SearchHit> hits = new ArrayList<>();
    if (keys.isEmpty()) {
      return hits;
    }
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(1, arrays.bigints(keys, key -> key.conversation().value()));
      statement.setArray(2, arrays.bigints(keys, Place::seq));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          match(MessageRows.read(row)).ifPresent(hits::add);
        }
      }
    }
    return hits;
  }

  /** Those of the newest messages of a tail that match. */
  List<SearchHit> matchingNewest(Tail tail, int messages) throws SQLException {
    long after = Math.max(tail.indexedSeq(), tail.lastSeq() - messages);
    Range range = new Range(tail.conversation(), after, tail.lastSeq(), messages);
    List<SearchHit> hits = new ArrayList<>();
    for (List<Message> piece : MessageRanges.read(connection, List.of(range)).values()) {
      piece.forEach(message -> match(message).ifPresent(hits::add));
    }
    return hits;
  }

  /** Indexed messages that changed since, up to a limit. */
  Set<Place> changedSince(Tail tail, int limit) throws SQLException {
    Set<Place> changed = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(CHANGED)) {
      statement.setLong(1, tail.conversation().value());
      statement.setLong(2, tail.indexedRev());
      statement.setLong(3, tail.indexedSeq());
      statement.setInt(4, limit);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          changed.add(new Place(tail.conversation(), row.getLong(1)));
        }
      }
    }
    return changed;
  }

  private Optional<SearchHit> match(Message message) {
    UserId from = request.from();
    boolean asked =
        !message.deleted()
            && (from == null || from.equals(message.from()))
            && request.before().isBefore(message.createdAt(), message.id().value());
    return asked
        ? request.words().find(message.text()).map(found -> new SearchHit(message, found))
        : Optional.empty();
  }

  /** The same with the previews of what the messages answer. */
  List<SearchHit> withPreviews(List<SearchHit> hits) throws SQLException {
    List<Message> complete =
        ReplyPreviews.added(connection, hits.stream().map(SearchHit::message).toList());
    return IntStream.range(0, hits.size())
        .mapToObj(i -> new SearchHit(complete.get(i), hits.get(i).highlights()))
        .toList();
  }

  /** Without those in conversations that the user has left since. */
  List<SearchHit> readable(List<SearchHit> hits) throws SQLException {
    List<ConversationId> ids =
        hits.stream().map(hit -> hit.message().conversation()).distinct().toList();
    if (ids.isEmpty()) {
      return hits;
    }
    Set<ConversationId> still = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(STILL_MEMBER)) {
      statement.setString(1, request.user().value());
      statement.setArray(2, new SqlArrays(connection).bigints(ids, ConversationId::value));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          still.add(ConversationId.of(row.getLong(1)));
        }
      }
    }
    return hits.stream().filter(hit -> still.contains(hit.message().conversation())).toList();
  }
}
