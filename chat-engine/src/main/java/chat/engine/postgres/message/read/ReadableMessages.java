package chat.engine.postgres.message.read;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.MessageRows;
import chat.engine.spi.MessageStore.Reading;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads single messages for users who may not be allowed to: look-ups of three primary keys. */
public final class ReadableMessages {
  /** The system is the empty user, and reads everything. */
  private static final String FIND =
      "SELECT "
          + MessageRows.COLUMNS
          + ", d.u FROM unnest(?::bigint[], ?::bigint[], ?::text[]) AS d (c, s, u)"
          + " JOIN chat_messages m ON m.conversation_id = d.c AND m.seq = d.s"
          + " JOIN chat_conversations k ON k.conversation_id = m.conversation_id"
          + " WHERE m.deleted_at IS NULL AND (d.u = '' OR EXISTS (SELECT 1 FROM chat_members x"
          + " WHERE x.conversation_id = m.conversation_id AND x.user_id = d.u"
          + " AND (k.history IS NULL OR m.seq > x.joined_seq)))";

  private ReadableMessages() {}

  /** See {@link chat.engine.spi.MessageStore#read}. */
  public static Map<Reading, Message> read(Connection connection, List<Reading> wanted)
      throws SQLException {
    Map<Reading, Message> found = new HashMap<>();
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(1, arrays.bigints(wanted, reading -> reading.conversation().value()));
      statement.setArray(2, arrays.bigints(wanted, Reading::seq));
      statement.setArray(3, arrays.texts(wanted, reading -> reading.reader().value()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Message message = MessageRows.read(row);
          UserId reader = UserId.fromStored(row.getString(MessageRows.WIDTH + 1));
          ConversationId conversation = message.conversation();
          found.put(new Reading(reader, conversation, message.seq()), message);
        }
      }
    }
    return found;
  }
}
