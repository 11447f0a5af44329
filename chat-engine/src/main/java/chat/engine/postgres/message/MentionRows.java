package chat.engine.postgres.message;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.spi.Draft;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Who is mentioned in which message, as rows of {@code chat_mentions}, by which unread mentions are
 * counted. Written in the transaction of the message, and only where there are mentions. Nobody is
 * counted as mentioned by themselves.
 *
 * <p>Collects what is to be written, and writes it in a round trip, or none. Not thread-safe.
 */
final class MentionRows {
  private static final String DELETE =
      "DELETE FROM chat_mentions n USING unnest(?::bigint[], ?::text[], ?::bigint[]) AS d (c, u, s)"
          + " WHERE n.conversation_id = d.c AND n.user_id = d.u AND n.seq = d.s";

  private static final String INSERT =
      "INSERT INTO chat_mentions (conversation_id, user_id, seq)"
          + " SELECT c, u, s FROM unnest(?::bigint[], ?::text[], ?::bigint[]) AS d (c, u, s)"
          + " ON CONFLICT DO NOTHING";

  private record Row(ConversationId conversation, UserId user, long seq) {}

  private final List<Row> gone = new ArrayList<>(0);
  private final List<Row> fresh = new ArrayList<>(0);

  void sent(Draft draft, long seq) {
    add(fresh, draft.conversation(), draft.sender(), draft.mentions(), List.of(), seq);
  }

  /**
   * @param before as it was before the batch
   * @param after as it is in the end
   */
  void changed(Message before, Message after) {
    add(gone, after.conversation(), after.from(), before.mentions(), after.mentions(), after.seq());
    add(
        fresh,
        after.conversation(),
        after.from(),
        after.mentions(),
        before.mentions(),
        after.seq());
  }

  private static void add(
      List<Row> rows,
      ConversationId conversation,
      UserId sender,
      List<UserId> mentioned,
      List<UserId> except,
      long seq) {
    for (UserId user : mentioned) {
      if (!user.equals(sender) && !except.contains(user)) {
        rows.add(new Row(conversation, user, seq));
      }
    }
  }

  void write(Connection connection) throws SQLException {
    write(connection, DELETE, gone);
    write(connection, INSERT, fresh);
  }

  private static void write(Connection connection, String sql, List<Row> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      SqlArrays arrays = new SqlArrays(connection);
      statement.setArray(1, arrays.bigints(rows, row -> row.conversation().value()));
      statement.setArray(2, arrays.texts(rows, row -> row.user().value()));
      statement.setArray(3, arrays.bigints(rows, Row::seq));
      statement.executeUpdate();
    }
  }
}
