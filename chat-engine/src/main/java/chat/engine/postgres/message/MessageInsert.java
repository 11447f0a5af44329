package chat.engine.postgres.message;

import chat.engine.ForwardOf;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.spi.Draft;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The insert of messages that have their seqs, and of the rows that tell other nodes of them: two
 * statements in one round trip for any number.
 */
final class MessageInsert {
  private static final String INSERT =
      "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, reply_to, created_at, sender_id,"
          + " client_message_id, body, mentions, attributes, members_rev)"
          + " SELECT c, s, i, h, r, 'epoch'::timestamptz + t * interval '1 millisecond', u, k, b, n, a, v"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[],"
          + " ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[]) AS d (c, s, i, h, r, t, u, k, b, n, a, v); ";

  /** Of a batch in which something is forwarded. */
  private static final String INSERT_FORWARDS =
      INSERT
          .replace("members_rev)", "members_rev, forward_conversation_id, forward_seq)")
          .replace("a, v FROM", "a, v, fc, fs FROM")
          .replace(") AS d", ", ?::bigint[], ?::bigint[]) AS d")
          .replace("a, v); ", "a, v, fc, fs); ");

  /** Of a batch in which something has attachments. */
  private static final String INSERT_ATTACHMENTS = withAttachments(INSERT);

  private static final String INSERT_FORWARDS_AND_ATTACHMENTS = withAttachments(INSERT_FORWARDS);

  private static final String COMMIT = "; COMMIT";

  /** A draft, the seq that it was given, and the rev of the membership at its commit. */
  record Numbered(Draft draft, long seq, long membersRev) {}

  private MessageInsert() {}

  static void execute(Connection connection, List<Numbered> messages) throws SQLException {
    Map<Long, Long> lastSeqs = lastSeqs(messages);
    String sql = insert(messages) + CommitRows.insertMessages(lastSeqs.size());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, messages, lastSeqs);
      statement.execute();
    }
  }

  /**
   * With the COMMIT in the same round trip; if the insert fails the server does not come to it.
   *
   * @return the previews of what the messages answer, looked up before the COMMIT
   */
  static ReplyPreviews executeAndCommit(Connection connection, List<Numbered> messages)
      throws SQLException {
    ReplyPreviews.Wanted answered = new ReplyPreviews.Wanted();
    for (Numbered message : messages) {
      answered.add(message.draft().conversation(), message.draft().replyTo());
    }
    Map<Long, Long> lastSeqs = lastSeqs(messages);
    String look = answered.isEmpty() ? "" : "; " + ReplyPreviews.FIND;
    String sql = insert(messages) + CommitRows.insertMessages(lastSeqs.size()) + look + COMMIT;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = bind(statement, messages, lastSeqs);
      if (answered.isEmpty()) {
        statement.execute();
        return ReplyPreviews.NONE;
      }
      ReplyPreviews.bind(statement, next, answered);
      try (ResultSet rows = SqlArrays.lastResult(statement)) {
        return ReplyPreviews.read(rows);
      }
    }
  }

  /**
   * @return index of the first parameter behind those of the insert
   */
  private static int bind(
      PreparedStatement statement, List<Numbered> messages, Map<Long, Long> lastSeqs)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
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
        10, arrays.texts(messages, message -> MessageRows.lines(message.draft().mentions())));
    statement.setArray(11, arrays.texts(messages, message -> message.draft().attributes()));
    statement.setArray(12, arrays.bigints(messages, Numbered::membersRev));
    int next = 13;
    if (anyForwards(messages)) {
      statement.setArray(
          next++, arrays.bigints(messages, message -> originConversation(message.draft())));
      statement.setArray(next++, arrays.bigints(messages, message -> originSeq(message.draft())));
    }
    if (anyAttachments(messages)) {
      statement.setArray(
          next++,
          arrays.texts(messages, message -> MessageRows.fileLines(message.draft().attachments())));
    }
    CommitRows.bindNumbers(statement, next, lastSeqs);
    return next + 2;
  }

  private static String insert(List<Numbered> messages) {
    if (anyAttachments(messages)) {
      return anyForwards(messages) ? INSERT_FORWARDS_AND_ATTACHMENTS : INSERT_ATTACHMENTS;
    }
    return anyForwards(messages) ? INSERT_FORWARDS : INSERT;
  }

  private static String withAttachments(String insert) {
    return insert
        .replace(") SELECT", ", attachments) SELECT")
        .replace(" FROM unnest", ", f FROM unnest")
        .replace(") AS d", ", ?::text[]) AS d")
        .replace("); ", ", f); ");
  }

  private static boolean anyForwards(List<Numbered> messages) {
    for (Numbered message : messages) {
      if (message.draft().forwardOf() != null) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyAttachments(List<Numbered> messages) {
    for (Numbered message : messages) {
      if (!message.draft().attachments().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Long originConversation(Draft draft) {
    ForwardOf origin = draft.forwardOf();
    return origin == null || origin.conversation() == null ? null : origin.conversation().value();
  }

  private static @Nullable Long originSeq(Draft draft) {
    ForwardOf origin = draft.forwardOf();
    return origin == null ? null : origin.seq();
  }

  private static Map<Long, Long> lastSeqs(List<Numbered> messages) {
    Map<Long, Long> lastSeqs = new LinkedHashMap<>();
    for (Numbered message : messages) { // ascending in each conversation
      lastSeqs.put(message.draft().conversation().value(), message.seq());
    }
    return lastSeqs;
  }
}
