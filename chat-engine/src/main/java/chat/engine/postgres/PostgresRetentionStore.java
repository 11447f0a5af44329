package chat.engine.postgres;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.conversation.ConversationRows;
import chat.engine.postgres.conversation.GroupChanges;
import chat.engine.postgres.message.MessageExpiry;
import chat.engine.postgres.row.RetentionRows;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.RetentionStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long messages are kept, in columns of the conversation and of its counter; how messages
 * expire is in {@link MessageExpiry}. The right to go through all conversations is a row of {@code
 * chat_retention_round}.
 */
final class PostgresRetentionStore implements RetentionStore {
  private static final String SETTING =
      "SELECT retention_seconds FROM chat_conversations WHERE conversation_id = ?";

  private static final String SET =
      "UPDATE chat_conversations SET retention_seconds = ? WHERE conversation_id = ?";

  private static final String SET_REV =
      "UPDATE chat_conversation_counters SET rev = ? WHERE conversation_id = ?";

  private static final String FIRST_SEQS =
      "SELECT conversation_id, first_seq FROM chat_conversation_counters WHERE conversation_id = ANY (?)";

  /** A range of the primary key, or of the index on conversations with a setting. */
  private static final String PAGE =
      "SELECT c.conversation_id, k.first_seq, c.retention_seconds FROM chat_conversations c"
          + " JOIN chat_conversation_counters k ON k.conversation_id = c.conversation_id"
          + " WHERE c.conversation_id > ? %s ORDER BY c.conversation_id LIMIT ?";

  private static final String PAGE_OF_ALL = PAGE.formatted("");
  private static final String PAGE_OF_SET = PAGE.formatted("AND c.retention_seconds IS NOT NULL");

  /** By the primary key. */
  private static final String CREATED_AT =
      "SELECT m.conversation_id, m.created_at FROM unnest(?::bigint[], ?::bigint[])"
          + " AS d (conversation_id, seq) JOIN chat_messages m"
          + " ON m.conversation_id = d.conversation_id AND m.seq = d.seq";

  /** A round that is under way goes on; one that has ended begins anew when it is due. */
  private static final String LEASE =
      "UPDATE chat_retention_round SET holder = ?,"
          + " leased_until = clock_timestamp() + ? * interval '1 millisecond',"
          + " begun_at = CASE WHEN after_conversation IS NULL THEN clock_timestamp() ELSE begun_at END,"
          + " after_conversation = coalesce(after_conversation, 0)"
          + " WHERE id = 1 AND (leased_until < clock_timestamp() OR holder = ?)"
          + " AND (after_conversation IS NOT NULL"
          + " OR begun_at NOT BETWEEN clock_timestamp() - ? * interval '1 millisecond' AND clock_timestamp())"
          + " RETURNING after_conversation";

  private static final String REACHED =
      "UPDATE chat_retention_round SET after_conversation = ? WHERE id = 1 AND holder = ?";

  private static final String ENDED =
      "UPDATE chat_retention_round SET after_conversation = NULL, leased_until = '-infinity'"
          + " WHERE id = 1 AND holder = ?";

  private final Transactions transactions;

  PostgresRetentionStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Optional<Changed> set(
      ConversationId id, @Nullable Duration retention, UserId actor, Instant now) {
    return transactions.write(handle -> set(handle.getConnection(), id, retention, actor, now));
  }

  private static Optional<Changed> set(
      Connection connection,
      ConversationId id,
      @Nullable Duration retention,
      UserId actor,
      Instant now)
      throws SQLException {
    Optional<GroupChanges.Locked> locked = GroupChanges.lock(connection, id);
    if (locked.isEmpty()) {
      return Optional.empty();
    }
    Conversation conversation = conversation(connection, id);
    if (Objects.equals(setting(connection, id), retention)) {
      return Optional.of(new Changed(conversation, List.of()));
    }
    try (PreparedStatement statement = connection.prepareStatement(SET)) {
      RetentionRows.bind(statement, 1, retention);
      statement.setLong(2, id.value());
      statement.executeUpdate();
    }
    ConversationChange change =
        ConversationChange.ofRetention(
            id, locked.get().rev() + 1, locked.get().lastSeq(), actor, retention, now);
    try (PreparedStatement statement = connection.prepareStatement(SET_REV)) {
      statement.setLong(1, change.rev());
      statement.setLong(2, id.value());
      statement.executeUpdate();
    }
    RetentionRows.log(connection, change);
    return Optional.of(new Changed(conversation, List.of(change)));
  }

  private static Conversation conversation(Connection connection, ConversationId id)
      throws SQLException {
    Found found = ConversationRows.find(connection, List.of(id)).get(id);
    if (found == null) {
      throw new IllegalStateException("conversation " + id + " has a counter only");
    }
    return found.conversation();
  }

  private static @Nullable Duration setting(Connection connection, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SETTING)) {
      statement.setLong(1, id.value());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? RetentionRows.retention(row, 1) : null;
      }
    }
  }

  @Override
  public Optional<RetentionStore.Expiry> expire(
      ConversationId id, Instant before, int limit, Instant now) {
    return transactions.write(
        handle -> {
          Connection connection = handle.getConnection();
          Found found = ConversationRows.find(connection, List.of(id)).get(id);
          return found == null
              ? Optional.<RetentionStore.Expiry>empty()
              : MessageExpiry.make(connection, found.conversation(), before, limit, now);
        });
  }

  @Override
  public Map<ConversationId, Long> firstSeqs(Collection<ConversationId> ids) {
    return transactions.read(handle -> SqlArrays.numbers(handle, FIRST_SEQS, ids));
  }

  private record Place(ConversationId conversation, long seq, @Nullable Duration retention) {}

  @Override
  public Oldest oldest(@Nullable ConversationId after, int limit, boolean onlySet) {
    return transactions.read(
        handle -> {
          Connection connection = handle.getConnection();
          List<Place> page = page(connection, after, limit, onlySet);
          return new Oldest(
              oldest(connection, page),
              page.size() < limit ? null : page.get(page.size() - 1).conversation());
        });
  }

  private static List<Place> page(
      Connection connection, @Nullable ConversationId after, int limit, boolean onlySet)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(onlySet ? PAGE_OF_SET : PAGE_OF_ALL)) {
      statement.setLong(1, after == null ? 0 : after.value()); // below every id
      statement.setInt(2, limit);
      List<Place> page = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          page.add(
              new Place(
                  ConversationId.of(row.getLong(1)),
                  row.getLong(2),
                  RetentionRows.retention(row, 3)));
        }
      }
      return page;
    }
  }

  private static List<OldestMessage> oldest(Connection connection, List<Place> page)
      throws SQLException {
    if (page.isEmpty()) {
      return List.of();
    }
    SqlArrays arrays = new SqlArrays(connection);
    Map<ConversationId, Instant> createdAt = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(CREATED_AT)) {
      statement.setArray(1, arrays.bigints(page, place -> place.conversation().value()));
      statement.setArray(2, arrays.bigints(page, Place::seq));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          createdAt.put(ConversationId.of(row.getLong(1)), row.getTimestamp(2).toInstant());
        }
      }
    }
    List<OldestMessage> oldest = new ArrayList<>(createdAt.size());
    for (Place place : page) {
      Instant at = createdAt.get(place.conversation());
      if (at != null) {
        oldest.add(new OldestMessage(place.conversation(), at, place.retention()));
      }
    }
    return oldest;
  }

  @Override
  public Optional<Round> lease(String holder, Duration lease, Duration period) {
    return transactions.write(handle -> lease(handle.getConnection(), holder, lease, period));
  }

  private static Optional<Round> lease(
      Connection connection, String holder, Duration lease, Duration period) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LEASE)) {
      statement.setString(1, holder);
      statement.setLong(2, lease.toMillis());
      statement.setString(3, holder);
      statement.setLong(4, period.toMillis());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.<Round>empty();
        }
        long after = row.getLong(1);
        return Optional.of(new Round(after == 0 ? null : ConversationId.of(after)));
      }
    }
  }

  @Override
  public void reached(String holder, @Nullable ConversationId after) {
    transactions.write(
        handle -> {
          try (PreparedStatement statement =
              handle.getConnection().prepareStatement(after == null ? ENDED : REACHED)) {
            if (after == null) {
              statement.setString(1, holder);
            } else {
              statement.setLong(1, after.value());
              statement.setString(2, holder);
            }
            return statement.executeUpdate();
          }
        });
  }
}
