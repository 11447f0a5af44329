package chat.engine.postgres.message;

import chat.engine.Message;
import chat.engine.postgres.connection.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages whose author is another user now. Of those that were erased the hash of the content
 * goes, and the client message id is another one. Collects what is to be written, and writes it in
 * a round trip, or none. Not thread-safe.
 */
final class AuthorRows {
  private static final String UPDATE =
      "UPDATE chat_messages m SET sender_id = d.u, client_message_id = d.k,"
          + " content_hash = CASE WHEN d.e THEN 0 ELSE m.content_hash END"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::boolean[])"
          + " AS d (c, s, u, k, e) WHERE m.conversation_id = d.c AND m.seq = d.s";

  private record Row(Message after, boolean erased) {}

  private final List<Row> rows = new ArrayList<>(0);

  void changed(Message after, boolean erased) {
    rows.add(new Row(after, erased));
  }

  void write(Connection connection) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
      SqlArrays arrays = new SqlArrays(connection);
      statement.setArray(1, arrays.bigints(rows, row -> row.after().conversation().value()));
      statement.setArray(2, arrays.bigints(rows, row -> row.after().seq()));
      statement.setArray(3, arrays.texts(rows, row -> row.after().from().value()));
      statement.setArray(4, arrays.texts(rows, row -> row.after().clientMessageId().value()));
      statement.setArray(5, arrays.booleans(rows, Row::erased));
      statement.executeUpdate();
    }
  }
}
