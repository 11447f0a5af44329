package chat.engine.postgres.feed;

import chat.engine.ConversationId;
import chat.engine.feed.FeedOptions;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Transactions;
import chat.engine.spi.feed.FeedStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Feeds in {@code chat_feeds} and {@code chat_feed_positions}. Whoever moves a cursor locks the row
 * of the feed first and finds its term there, so that one who lost the lease moves nothing.
 * Thread-safe; every method blocks.
 */
public final class PostgresFeeds implements FeedStore {
  private static final int LOOKED_THROUGH = 1_000;
  private static final Duration REWIND_LEASE = Duration.ofSeconds(10);

  /** The years that PostgreSQL can tell; a clock of a node is between them. */
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

  private static final String MAKE =
      "INSERT INTO chat_feeds (feed, holder, leased_until, term) VALUES (?, '', '-infinity', 0)"
          + " ON CONFLICT DO NOTHING";

  /** What one statement sees is one moment, so what it does not see comes later. */
  private static final String BEGIN_NOW =
      "INSERT INTO chat_feed_positions (conversation_id, feed, seq, rev)"
          + " SELECT conversation_id, ?, last_seq, greatest(rev, members_rev)"
          + " FROM chat_conversation_counters";

  /**
   * The cursor where it would have been at a time, or where it is if that is earlier. Looks at what
   * is younger than the time, from the newest on, and at one row behind it.
   */
  private static final String EARLIER =
      "INSERT INTO chat_feed_positions (conversation_id, feed, seq, rev)"
          + " SELECT k.conversation_id, p.feed, %s"
          + " FROM chat_conversation_counters k CROSS JOIN (SELECT ?::text, ?::timestamptz) p (feed, at)"
          + " LEFT JOIN chat_feed_positions old"
          + " ON old.conversation_id = k.conversation_id AND old.feed = p.feed";

  private static final String SEQ_BEFORE =
      "coalesce((SELECT m.seq FROM chat_messages m WHERE m.conversation_id = k.conversation_id"
          + " AND m.created_at < p.at ORDER BY m.seq DESC LIMIT 1), k.first_seq - 1)";

  private static final String REV_BEFORE =
      "coalesce((SELECT c.rev FROM chat_conversation_changes c"
          + " WHERE c.conversation_id = k.conversation_id AND c.changed_at < p.at"
          + " ORDER BY c.rev DESC LIMIT 1), 0)";

  private static final String BEGIN_SINCE = EARLIER.formatted(SEQ_BEFORE + ", " + REV_BEFORE);

  private static final String REWIND =
      EARLIER.formatted(
              ("least(coalesce(old.seq, 0), " + SEQ_BEFORE + "),")
                  + (" least(coalesce(old.rev, 0), " + REV_BEFORE + ")"))
          + " WHERE k.conversation_id = ANY (?) ORDER BY k.conversation_id"
          + " ON CONFLICT (conversation_id, feed) DO UPDATE SET seq = excluded.seq, rev = excluded.rev";

  private static final String LEASE =
      "UPDATE chat_feeds SET holder = ?, leased_until = clock_timestamp() + ? * interval '1 millisecond',"
          + " term = term + CASE WHEN holder = ? AND leased_until > clock_timestamp() THEN 0 ELSE 1 END"
          + " WHERE feed = ? AND (holder = ? OR leased_until <= clock_timestamp()) RETURNING term";

  /** Whoever rewinds does not ask. */
  private static final String TAKE =
      "UPDATE chat_feeds SET holder = ?, leased_until = clock_timestamp() + ? * interval '1 millisecond',"
          + " term = term + 1 WHERE feed = ?";

  private static final String RELEASE =
      "UPDATE chat_feeds SET leased_until = '-infinity' WHERE feed = ? AND holder = ?";

  private static final String IS_HELD =
      "SELECT FROM chat_feeds WHERE feed = ? AND holder = ? AND term = ? FOR UPDATE";

  /** A move of the cursor that is lost in a crash of the server is made again. */
  private static final String NOT_DURABLE = "SET LOCAL synchronous_commit = off";

  private static final String CONVERSATIONS =
      "SELECT conversation_id FROM chat_conversation_counters WHERE conversation_id > ?"
          + " ORDER BY conversation_id LIMIT ?";

  /** With those that were deleted since the cursor came to them. */
  private static final String CONVERSATIONS_OR_POSITIONS =
      "SELECT conversation_id FROM ("
          + "(SELECT conversation_id FROM chat_conversation_counters WHERE conversation_id > ?"
          + " ORDER BY conversation_id LIMIT ?) UNION"
          + " (SELECT conversation_id FROM chat_feed_positions WHERE conversation_id > ? AND feed = ?"
          + " ORDER BY conversation_id LIMIT ?)) every ORDER BY conversation_id LIMIT ?";

  private static final String COUNTERS =
      "SELECT k.conversation_id, coalesce(p.seq, 0), coalesce(p.rev, 0), k.last_seq,"
          + " greatest(k.rev, k.members_rev) FROM chat_conversation_counters k"
          + " LEFT JOIN chat_feed_positions p ON p.conversation_id = k.conversation_id AND p.feed = ?"
          + " WHERE k.conversation_id = ANY (?)";

  private static final String DELETIONS =
      "SELECT c.conversation_id, coalesce(p.seq, 0), coalesce(p.rev, 0), c.at_seq, c.rev"
          + " FROM chat_conversation_changes c"
          + " LEFT JOIN chat_feed_positions p ON p.conversation_id = c.conversation_id AND p.feed = ?"
          + " WHERE c.conversation_id = ANY (?) AND c.kind = 'D'";

  private static final String ADVANCE =
      "INSERT INTO chat_feed_positions (conversation_id, feed, seq, rev)"
          + " SELECT a.conversation_id, ?, a.seq, a.rev FROM unnest(?::bigint[], ?::bigint[], ?::bigint[])"
          + " AS a (conversation_id, seq, rev)"
          + " ON CONFLICT (conversation_id, feed) DO UPDATE SET seq = excluded.seq, rev = excluded.rev";

  private final Transactions transactions;

  public PostgresFeeds(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public void open(String feed, FeedOptions.Start start) {
    transactions.write(
        handle -> {
          Connection connection = handle.getConnection();
          boolean isNew;
          try (PreparedStatement statement = connection.prepareStatement(MAKE)) {
            statement.setString(1, feed);
            isNew = statement.executeUpdate() == 1;
          }
          if (isNew) {
            begin(connection, feed, start.from());
          }
          return isNew;
        });
  }

  private static void begin(Connection connection, String feed, @Nullable Instant from)
      throws SQLException {
    if (from != null && !from.isAfter(EARLIEST)) {
      return; // without a position a conversation begins at its first message
    }
    try (PreparedStatement statement =
        connection.prepareStatement(from == null ? BEGIN_NOW : BEGIN_SINCE)) {
      statement.setString(1, feed);
      if (from != null) {
        statement.setTimestamp(2, timestamp(from));
      }
      statement.executeUpdate();
    }
  }

  private static Timestamp timestamp(Instant from) {
    return Timestamp.from(
        from.isBefore(EARLIEST) ? EARLIEST : from.isAfter(LATEST) ? LATEST : from);
  }

  @Override
  public OptionalLong lease(String feed, String holder, Duration lease) {
    return transactions.write(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(LEASE)) {
            statement.setString(1, holder);
            statement.setLong(2, lease.toMillis());
            statement.setString(3, holder);
            statement.setString(4, feed);
            statement.setString(5, holder);
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
            }
          }
        });
  }

  @Override
  public void release(String feed, String holder) {
    transactions.write(handle -> update(handle.getConnection(), RELEASE, feed, holder));
  }

  private static int update(Connection connection, String sql, String... texts)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < texts.length; i++) {
        statement.setString(i + 1, texts[i]);
      }
      return statement.executeUpdate();
    }
  }

  @Override
  public List<Lag> behind(String feed, Collection<ConversationId> among) {
    return among.isEmpty()
        ? List.of()
        : transactions.read(handle -> behind(handle.getConnection(), feed, among));
  }

  private static List<Lag> behind(
      Connection connection, String feed, Collection<ConversationId> among) throws SQLException {
    List<Lag> found = new ArrayList<>(lags(connection, COUNTERS, feed, among));
    Set<ConversationId> gone = new LinkedHashSet<>(among);
    found.forEach(lag -> gone.remove(lag.position().conversation()));
    if (!gone.isEmpty()) {
      found.addAll(lags(connection, DELETIONS, feed, gone));
    }
    found.removeIf(
        lag -> lag.position().seq() >= lag.lastSeq() && lag.position().rev() >= lag.lastRev());
    return found;
  }

  private static List<Lag> lags(
      Connection connection, String sql, String feed, Collection<ConversationId> among)
      throws SQLException {
    List<Lag> lags = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, feed);
      statement.setArray(
          2, new SqlArrays(connection).bigints(List.copyOf(among), ConversationId::value));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          lags.add(
              new Lag(
                  new Position(ConversationId.of(row.getLong(1)), row.getLong(2), row.getLong(3)),
                  row.getLong(4),
                  row.getLong(5)));
        }
      }
    }
    return lags;
  }

  @Override
  public Laggards behind(String feed, @Nullable ConversationId after) {
    return transactions.read(
        handle -> {
          Connection connection = handle.getConnection();
          List<ConversationId> part = conversationsOrPositions(connection, feed, after);
          return new Laggards(
              part.isEmpty() ? List.of() : behind(connection, feed, part),
              part.size() < LOOKED_THROUGH ? null : part.get(part.size() - 1));
        });
  }

  private static List<ConversationId> conversationsOrPositions(
      Connection connection, String feed, @Nullable ConversationId after) throws SQLException {
    long begin = after == null ? Long.MIN_VALUE : after.value();
    try (PreparedStatement statement = connection.prepareStatement(CONVERSATIONS_OR_POSITIONS)) {
      statement.setLong(1, begin);
      statement.setInt(2, LOOKED_THROUGH);
      statement.setLong(3, begin);
      statement.setString(4, feed);
      statement.setInt(5, LOOKED_THROUGH);
      statement.setInt(6, LOOKED_THROUGH);
      return ids(statement);
    }
  }

  private static List<ConversationId> ids(PreparedStatement statement) throws SQLException {
    List<ConversationId> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.add(ConversationId.of(row.getLong(1)));
      }
    }
    return found;
  }

  @Override
  public boolean advance(String feed, String holder, long term, List<Position> positions) {
    List<Position> inOneOrder =
        positions.stream()
            .sorted(Comparator.comparingLong(position -> position.conversation().value()))
            .toList();
    return transactions.write(
        handle -> {
          Connection connection = handle.getConnection();
          try (Statement statement = connection.createStatement()) {
            statement.execute(NOT_DURABLE);
          }
          return isHeld(connection, feed, holder, term) && advance(connection, feed, inOneOrder);
        });
  }

  private static boolean isHeld(Connection connection, String feed, String holder, long term)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(IS_HELD)) {
      statement.setString(1, feed);
      statement.setString(2, holder);
      statement.setLong(3, term);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private static boolean advance(Connection connection, String feed, List<Position> positions)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(ADVANCE)) {
      statement.setString(1, feed);
      statement.setArray(2, arrays.bigints(positions, position -> position.conversation().value()));
      statement.setArray(3, arrays.bigints(positions, Position::seq));
      statement.setArray(4, arrays.bigints(positions, Position::rev));
      statement.executeUpdate();
      return true;
    }
  }

  @Override
  public void rewind(String feed, Instant from) {
    String holder = "rewind " + UUID.randomUUID();
    Optional<ConversationId> last = Optional.empty();
    do {
      long after = last.map(ConversationId::value).orElse(Long.MIN_VALUE);
      last =
          transactions.write(handle -> rewind(handle.getConnection(), feed, holder, from, after));
    } while (last.isPresent());
    release(feed, holder);
  }

  /**
   * @return the last conversation of the page; empty if there are no more behind it
   */
  private static Optional<ConversationId> rewind(
      Connection connection, String feed, String holder, Instant from, long after)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TAKE)) {
      statement.setString(1, holder);
      statement.setLong(2, REWIND_LEASE.toMillis());
      statement.setString(3, feed);
      if (statement.executeUpdate() == 0) {
        return Optional.<ConversationId>empty();
      }
    }
    List<ConversationId> page;
    try (PreparedStatement statement = connection.prepareStatement(CONVERSATIONS)) {
      statement.setLong(1, after);
      statement.setInt(2, LOOKED_THROUGH);
      page = ids(statement);
    }
    try (PreparedStatement statement = connection.prepareStatement(REWIND)) {
      statement.setString(1, feed);
      statement.setTimestamp(2, timestamp(from));
      statement.setArray(3, new SqlArrays(connection).bigints(page, ConversationId::value));
      statement.executeUpdate();
    }
    return page.size() < LOOKED_THROUGH ? Optional.empty() : Optional.of(page.get(page.size() - 1));
  }

  @Override
  public List<String> names() {
    return transactions.read(
        handle ->
            handle
                .createQuery("SELECT feed FROM chat_feeds ORDER BY feed COLLATE \"C\"")
                .mapTo(String.class)
                .list());
  }

  @Override
  public void forget(String feed) {
    transactions.write(
        handle ->
            update(handle.getConnection(), "DELETE FROM chat_feeds WHERE feed = ?", feed)
                + update(
                    handle.getConnection(),
                    "DELETE FROM chat_feed_positions WHERE feed = ?",
                    feed));
  }
}
