package chat.engine.postgres.message.read;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.PinnedMessage;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReplyPreviews;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads which messages are pinned. A conversation has few pins, so all of them are sorted; the
 * messages are looked up by their primary key.
 */
public final class PinReads {
  private static final String PAGE =
      "SELECT "
          + MessageRows.COLUMNS
          + ", p.pinned_by, p.pinned_at, p.rev FROM (SELECT * FROM chat_pins"
          + " WHERE conversation_id = ? AND rev < ? ORDER BY rev DESC LIMIT ?) p"
          + " CROSS JOIN LATERAL (SELECT * FROM chat_messages x WHERE x.conversation_id = ?"
          + " AND x.seq = p.seq LIMIT 1) m ORDER BY p.rev DESC";

  private static final String SEQS =
      "SELECT conversation_id, seq FROM chat_pins WHERE conversation_id = ANY (?)"
          + " ORDER BY conversation_id, rev DESC";

  private PinReads() {}

  /** See {@link chat.engine.spi.MessageStore#pins}. */
  public static List<PinnedMessage> page(
      Connection connection, ConversationId conversation, long beforeRev, int limit)
      throws SQLException {
    List<PinnedMessage> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(PAGE)) {
      statement.setLong(1, conversation.value());
      statement.setLong(2, beforeRev);
      statement.setInt(3, limit);
      statement.setLong(4, conversation.value());
      int after = MessageRows.WIDTH;
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(
              new PinnedMessage(
                  MessageRows.read(row),
                  UserId.fromStored(row.getString(after + 1)),
                  row.getTimestamp(after + 2).toInstant(),
                  row.getLong(after + 3)));
        }
      }
    }
    List<Message> complete =
        ReplyPreviews.added(connection, found.stream().map(PinnedMessage::message).toList());
    for (int i = 0; i < found.size(); i++) {
      PinnedMessage pin = found.get(i);
      found.set(i, new PinnedMessage(complete.get(i), pin.by(), pin.at(), pin.rev()));
    }
    return found;
  }

  /** See {@link chat.engine.spi.MessageStore#pinned}. */
  public static Map<ConversationId, List<Long>> seqs(
      Connection connection, Collection<ConversationId> conversations) throws SQLException {
    Map<ConversationId, List<Long>> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(SEQS)) {
      statement.setArray(
          1, new SqlArrays(connection).bigints(List.copyOf(conversations), ConversationId::value));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found
              .computeIfAbsent(ConversationId.of(row.getLong(1)), none -> new ArrayList<>())
              .add(row.getLong(2));
        }
      }
    }
    return found;
  }
}
