package chat.engine.postgres;

import chat.engine.spi.Draft;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** The insert of messages that have their seqs: one statement for any number. */
final class MessageInsert {
  private static final String INSERT =
      "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, reply_to, created_at, sender_id,"
          + " client_message_id, body, mentions, attributes)"
          + " SELECT c, s, i, h, r, 'epoch'::timestamptz + t * interval '1 millisecond', u, k, b, n, a"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[],"
          + " ?::text[], ?::text[], ?::text[], ?::text[]) AS d (c, s, i, h, r, t, u, k, b, n, a)";

  private static final String COMMIT = "; COMMIT";

  /** A draft and the seq that it was given. */
  record Numbered(Draft draft, long seq) {}

  private MessageInsert() {}

  static void execute(Connection connection, List<Numbered> messages) throws SQLException {
    execute(connection, messages, INSERT);
  }

  /** With the COMMIT in the same round trip; if the insert fails the server does not come to it. */
  static void executeAndCommit(Connection connection, List<Numbered> messages) throws SQLException {
    execute(connection, messages, INSERT + COMMIT);
  }

  private static void execute(Connection connection, List<Numbered> messages, String sql)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(
          1, arrays.bigints(messages, message -> message.draft().conversation().value()));
      statement.setArray(2, arrays.bigints(messages, Numbered::seq));
      statement.setArray(3, arrays.bigints(messages, message -> message.draft().id().value()));
      statement.setArray(4, arrays.bigints(messages, message -> message.draft().contentHash()));
      statement.setArray(5, arrays.bigints(messages, message -> message.draft().replyTo()));
      statement.setArray(
          6, arrays.bigints(messages, message -> message.draft().createdAt().toEpochMilli()));
      statement.setArray(7, arrays.texts(messages, message -> message.draft().sender().value()));
      statement.setArray(
          8, arrays.texts(messages, message -> message.draft().clientMessageId().value()));
      statement.setArray(9, arrays.texts(messages, message -> message.draft().text()));
      statement.setArray(
          10, arrays.texts(messages, message -> MessageRows.mentions(message.draft().mentions())));
      statement.setArray(11, arrays.texts(messages, message -> message.draft().attributes()));
      statement.execute();
    }
  }
}
