package chat.engine.postgres.message;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ReactionCount;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReactionCounts;
import chat.engine.postgres.row.RetentionRows;
import chat.engine.postgres.row.SearchRows;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.RetentionStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes the first messages of a conversation out of the store, with all that belongs to them. The
 * counter is locked meanwhile, as by every write to the conversation, so nobody changes what goes,
 * and no snapshot shows a part of it. Everything is a range of a primary key that begins with the
 * conversation; the mentions, which are sorted by users, are looked up one by one. Six statements
 * in four round trips.
 */
public final class MessageExpiry {
  private static final String LOCK =
      "SELECT greatest(rev, members_rev), last_seq, first_seq, coalesce(pins, 0)"
          + " FROM chat_conversation_counters WHERE conversation_id = ? FOR NO KEY UPDATE";

  private static final String FIRST =
      "SELECT seq, created_at, sender_id, mentions, reactions FROM chat_messages"
          + " WHERE conversation_id = ? AND seq >= ? ORDER BY seq LIMIT ?";

  private static final String DELETE_MENTIONS =
      "DELETE FROM chat_mentions n USING unnest(?::text[], ?::bigint[]) AS d (u, s)"
          + " WHERE n.conversation_id = ? AND n.user_id = d.u AND n.seq = d.s";

  private static final String DELETE_PINS =
      "DELETE FROM chat_pins WHERE conversation_id = ? AND seq < ?";

  private static final List<String> DELETE =
      List.of(
          "DELETE FROM chat_reactions WHERE conversation_id = ? AND seq < ?",
          "DELETE FROM chat_message_versions WHERE conversation_id = ? AND seq < ?",
          "DELETE FROM chat_search WHERE conversation_id = ? AND seq < ?",
          "DELETE FROM chat_outbox WHERE conversation_id = ? AND seq < ?",
          "DELETE FROM chat_messages WHERE conversation_id = ? AND seq < ?");

  private static final String DELETE_BUCKETS =
      "DELETE FROM chat_search_buckets WHERE conversation_id = ? AND bucket < ?";

  private static final String MOVE =
      "UPDATE chat_conversation_counters SET rev = ?, first_seq = ?, pins = nullif(?, 0)"
          + " WHERE conversation_id = ?";

  /** Rows of a transaction beside the messages, about. */
  private static final long MOST_REACTIONS = 10_000;

  private record Counter(long rev, long lastSeq, long firstSeq, int pins) {}

  private record Mention(UserId user, long seq) {}

  private final Connection connection;
  private final Conversation conversation;
  private final ConversationId id;

  /** The first seq that stays. */
  private long firstSeq;

  private final List<Mention> mentions = new ArrayList<>();

  private MessageExpiry(Connection connection, Conversation conversation) {
    this.connection = connection;
    this.conversation = conversation;
    this.id = conversation.id();
  }

  /** See {@link RetentionStore#expire}. */
  public static Optional<RetentionStore.Expiry> make(
      Connection connection, Conversation conversation, Instant before, int limit, Instant now)
      throws SQLException {
    return new MessageExpiry(connection, conversation).make(before, limit, now);
  }

  private Optional<RetentionStore.Expiry> make(Instant before, int limit, Instant now)
      throws SQLException {
    Counter counter = lock();
    if (counter == null) {
      return Optional.empty();
    }
    firstSeq = counter.firstSeq();
    find(before, limit);
    int messages = (int) (firstSeq - counter.firstSeq());
    if (messages == 0) {
      return Optional.empty();
    }
    int pins = counter.pins() == 0 ? 0 : counter.pins() - deletePins();
    deleteMentions();
    delete();
    ConversationChange change =
        ConversationChange.ofExpiry(id, counter.rev() + 1, counter.lastSeq(), firstSeq, now);
    move(change.rev(), pins);
    RetentionRows.log(connection, change);
    return Optional.of(
        new RetentionStore.Expiry(messages, new Changed(conversation, List.of(change))));
  }

  private @Nullable Counter lock() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new Counter(row.getLong(1), row.getLong(2), row.getLong(3), row.getInt(4))
            : null;
      }
    }
  }

  /** Moves {@link #firstSeq} behind those that go. */
  private void find(Instant before, int limit) throws SQLException {
    long reactions = 0;
    try (PreparedStatement statement = connection.prepareStatement(FIRST)) {
      statement.setLong(1, id.value());
      statement.setLong(2, firstSeq);
      statement.setInt(3, limit);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()
            && reactions < MOST_REACTIONS
            && row.getTimestamp(2).toInstant().isBefore(before)) {
          long seq = row.getLong(1);
          UserId sender = UserId.fromStored(row.getString(3));
          for (UserId user : MessageRows.users(row.getString(4))) {
            if (!user.equals(sender)) {
              mentions.add(new Mention(user, seq));
            }
          }
          String counts = row.getString(5);
          if (counts != null) {
            reactions += ReactionCounts.of(counts).stream().mapToLong(ReactionCount::count).sum();
          }
          firstSeq = seq + 1;
        }
      }
    }
  }

  private int deletePins() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DELETE_PINS)) {
      statement.setLong(1, id.value());
      statement.setLong(2, firstSeq);
      return statement.executeUpdate();
    }
  }

  private void deleteMentions() throws SQLException {
    if (mentions.isEmpty()) {
      return;
    }
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(DELETE_MENTIONS)) {
      statement.setArray(1, arrays.texts(mentions, mention -> mention.user().value()));
      statement.setArray(2, arrays.bigints(mentions, Mention::seq));
      statement.setLong(3, id.value());
      statement.executeUpdate();
    }
  }

  /** In one round trip. */
  private void delete() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(String.join("; ", DELETE) + "; " + DELETE_BUCKETS)) {
      int next = 1;
      for (int i = 0; i < DELETE.size(); i++) {
        statement.setLong(next++, id.value());
        statement.setLong(next++, firstSeq);
      }
      statement.setLong(next++, id.value());
      statement.setLong(next, SearchRows.bucket(firstSeq));
      statement.execute();
    }
  }

  private void move(long rev, int pins) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MOVE)) {
      statement.setLong(1, rev);
      statement.setLong(2, firstSeq);
      statement.setInt(3, pins);
      statement.setLong(4, id.value());
      statement.executeUpdate();
    }
  }
}
