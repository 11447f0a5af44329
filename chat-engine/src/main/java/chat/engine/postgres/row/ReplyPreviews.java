package chat.engine.postgres.row;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.spi.StoredMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives messages the previews of what they answer: one look-up by primary key for any number of
 * them, and none where no message answers. It comes after the messages were read, so a preview is
 * never older than its message.
 */
public final class ReplyPreviews {
  /**
   * One code point more than a preview shows, which tells whether one is cut and where the last
   * character ends. Parameters are bound by {@link #bind}.
   */
  public static final String FIND =
      "SELECT m.conversation_id, m.seq, m.sender_id, left(m.body, "
          + (ReplyPreview.MAX_TEXT_CODE_POINTS + 1)
          + "), m.rev, m.edited_at IS NOT NULL, m.deleted_at IS NOT NULL"
          + " FROM unnest(?::bigint[], ?::bigint[]) AS d (conversation_id, seq)"
          + " JOIN chat_messages m ON m.conversation_id = d.conversation_id AND m.seq = d.seq";

  public static final ReplyPreviews NONE = new ReplyPreviews();

  /** Names a message that is answered. */
  private record Answered(ConversationId conversation, long seq) {}

  private final Map<Answered, ReplyPreview> found = new HashMap<>();

  private ReplyPreviews() {}

  /** Each once. */
  public static final class Wanted {
    private final Set<Answered> all = new LinkedHashSet<>();

    /**
     * @param replyTo null for a message that answers none
     */
    public void add(ConversationId conversation, @Nullable Long replyTo) {
      if (replyTo != null) {
        all.add(new Answered(conversation, replyTo));
      }
    }

    public void add(Message message) {
      if (!message.deleted() && message.replyPreview() == null) {
        add(message.conversation(), message.replyTo());
      }
    }

    public boolean isEmpty() {
      return all.isEmpty();
    }
  }

  /** Looks the answered messages up. */
  public static ReplyPreviews read(Connection connection, Wanted wanted) throws SQLException {
    if (wanted.isEmpty()) {
      return NONE;
    }
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      bind(statement, 1, wanted);
      try (ResultSet rows = statement.executeQuery()) {
        return read(rows);
      }
    }
  }

  /**
   * @param from index of the first parameter of {@link #FIND}
   */
  public static void bind(PreparedStatement statement, int from, Wanted wanted)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    List<Answered> keys = List.copyOf(wanted.all);
    statement.setArray(from, arrays.bigints(keys, key -> key.conversation().value()));
    statement.setArray(from + 1, arrays.bigints(keys, Answered::seq));
  }

  /** What {@link #FIND} gave. */
  public static ReplyPreviews read(ResultSet rows) throws SQLException {
    ReplyPreviews previews = new ReplyPreviews();
    while (rows.next()) {
      Answered key = new Answered(ConversationId.of(rows.getLong(1)), rows.getLong(2));
      boolean deleted = rows.getBoolean(7);
      previews.found.put(
          key,
          new ReplyPreview(
              key.seq(),
              UserId.fromStored(rows.getString(3)),
              ReplyPreview.cut(rows.getString(4)),
              rows.getLong(5), // 0 for null
              rows.getBoolean(6) && !deleted,
              deleted));
    }
    return previews;
  }

  /** Null if the message answers none. */
  public @Nullable ReplyPreview of(ConversationId conversation, @Nullable Long replyTo) {
    return replyTo == null ? null : found.get(new Answered(conversation, replyTo));
  }

  /** The message with its preview; one that has a preview keeps it. */
  public Message addTo(Message message) {
    return message.deleted() || message.replyPreview() != null
        ? message
        : message.withReplyPreview(of(message.conversation(), message.replyTo()));
  }

  /** Reads the previews of messages and adds them. */
  public static List<Message> added(Connection connection, List<Message> messages)
      throws SQLException {
    Wanted wanted = new Wanted();
    messages.forEach(wanted::add);
    if (wanted.isEmpty()) {
      return messages;
    }
    ReplyPreviews previews = read(connection, wanted);
    List<Message> complete = new ArrayList<>(messages.size());
    messages.forEach(message -> complete.add(previews.addTo(message)));
    return complete;
  }

  /** As {@link #added(Connection, List)}. */
  public static List<StoredMessage> addedToStored(
      Connection connection, List<StoredMessage> messages) throws SQLException {
    List<Message> complete =
        added(connection, messages.stream().map(StoredMessage::message).toList());
    List<StoredMessage> stored = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      stored.add(new StoredMessage(complete.get(i), messages.get(i).membersRev()));
    }
    return stored;
  }

  /** As {@link #added(Connection, List)}, for pieces of several conversations, in one look-up. */
  public static Map<ConversationId, List<Message>> added(
      Connection connection, Map<ConversationId, List<Message>> pieces) throws SQLException {
    Wanted wanted = new Wanted();
    pieces.values().forEach(piece -> piece.forEach(wanted::add));
    if (!wanted.isEmpty()) {
      ReplyPreviews previews = read(connection, wanted);
      pieces.replaceAll((id, piece) -> piece.stream().map(previews::addTo).toList());
    }
    return pieces;
  }
}
