package chat.engine.postgres.row;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.FileId;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.UserId;
import chat.engine.spi.StoredMessage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Messages as rows of {@code chat_messages}. */
public final class MessageRows {
  /** What {@link #read} needs, of a table or alias {@code m}. */
  public static final String COLUMNS =
      "m.conversation_id, m.seq, m.message_id, m.reply_to, m.created_at, m.sender_id, m.client_message_id, m.body,"
          + " m.mentions, m.attributes, m.rev, m.edited_at, m.deleted_at, m.reactions,"
          + " m.forward_conversation_id, m.forward_seq, m.attachments";

  /** How many columns that are. */
  public static final int WIDTH = 17;

  private static final String LINE = "\n";

  private MessageRows() {}

  public static Message read(ResultSet row) throws SQLException {
    long replyTo = row.getLong(4);
    Long answered = row.wasNull() ? null : replyTo;
    Instant deletedAt = time(row.getTimestamp(13));
    Message.Builder message =
        Message.builder(
                ConversationId.of(row.getLong(1)),
                MessageId.of(row.getLong(3)),
                row.getLong(2),
                UserId.fromStored(row.getString(6)),
                ClientMessageId.of(row.getString(7)),
                row.getString(8),
                row.getTimestamp(5).toInstant())
            .replyTo(answered)
            .mentions(users(row.getString(9)))
            .attributes(row.getString(10))
            .rev(row.getLong(11)) // 0 for null
            .editedAt(time(row.getTimestamp(12)))
            .deletedAt(deletedAt);
    if (deletedAt == null) {
      message
          .reactions(ReactionCounts.of(row.getString(14)))
          .forwardOf(forwardOf(row.getLong(15), row.getLong(16)))
          .attachments(files(row.getString(17)));
    }
    return message.build();
  }

  /** 0 for null. */
  private static @Nullable ForwardOf forwardOf(long conversation, long seq) {
    return conversation == 0 ? null : ForwardOf.of(ConversationId.of(conversation), seq);
  }

  private static @Nullable Instant time(@Nullable Timestamp timestamp) {
    return timestamp == null ? null : timestamp.toInstant();
  }

  /** Of a row that has {@code m.members_rev} behind the {@link #COLUMNS}. */
  public static StoredMessage readStored(ResultSet row) throws SQLException {
    return new StoredMessage(read(row), row.getLong(WIDTH + 1));
  }

  /** The files, a line each; null for none. */
  public static @Nullable String fileLines(List<FileId> files) {
    return files.isEmpty()
        ? null
        : files.stream().map(FileId::value).collect(Collectors.joining(LINE));
  }

  private static List<FileId> files(@Nullable String lines) {
    return lines == null ? List.of() : Arrays.stream(lines.split(LINE)).map(FileId::of).toList();
  }

  /** The users, a line each; null for none. */
  public static @Nullable String lines(List<UserId> users) {
    return users.isEmpty()
        ? null
        : users.stream().map(UserId::value).collect(Collectors.joining(LINE));
  }

  /** What {@link #lines} was made of. */
  public static List<UserId> users(@Nullable String lines) {
    return lines == null ? List.of() : Arrays.stream(lines.split(LINE)).map(UserId::of).toList();
  }
}
