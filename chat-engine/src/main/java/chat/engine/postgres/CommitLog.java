package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.row.CommitRows;
import chat.engine.spi.MessageStore.Mark;
import chat.engine.spi.MessageStore.Writes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what was committed since a mark, from the rows that each transaction writes about itself
 * ({@link CommitRows}).
 *
 * <p>A mark is a snapshot: it says exactly which transactions had been committed when it was made.
 * What is new are the rows of all others, which are those that were in progress then and those that
 * began later, and of these only the committed ones can be seen. So it does not matter how long a
 * transaction took, and no clock is asked. Both parts are look-ups in the index on the
 * transaction's id.
 *
 * <p>Ids of transactions that left no trace on the disk are given again after a crash of the
 * server, and a failover to another server may set them back. A mark therefore names the start of
 * the server too; after another start everything that is remembered is told.
 *
 * <p>Thread-safe; blocks.
 */
final class CommitLog {
  private static final Logger log = LoggerFactory.getLogger(CommitLog.class);
  private static final Duration HORIZON_PERIOD = Duration.ofMinutes(1);
  private static final long PRUNE_LOCK = 0x63686174_7072756EL; // "chatprun"
  private static final int FETCH_SIZE = 1_000;

  private static final String HEADER = "H";

  /**
   * What is true at the time of the statement, as a row of the same form as the others, so that it
   * is read in the same snapshot.
   */
  private static final String NOW =
      "SELECT '"
          + HEADER
          + "' AS kind, NULL::bigint[] AS conversation_ids, NULL::bigint[] AS numbers, ARRAY["
          + "pg_current_snapshot()::text,"
          + " extract(epoch FROM pg_postmaster_start_time())::text || ' '"
          + " || coalesce(extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()), 0)::text,"
          + " (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text,"
          + " (SELECT max(below::text::numeric) FROM chat_commit_horizons WHERE pruned)::text,"
          + " (NOT EXISTS (SELECT FROM chat_commit_horizons WHERE made_at > clock_timestamp()"
          + " - interval '%d seconds' AND made_at <= clock_timestamp()))::text] AS user_ids";

  private static final String ROWS =
      " UNION ALL SELECT kind, conversation_ids, numbers, user_ids FROM chat_commits";

  private final Transactions transactions;
  private final Duration retention;

  /**
   * @param start of the server; see {@link CommitLog}
   */
  private record Snapshot(String text, String start) implements Mark {
    /** All transactions below it had ended. */
    long xmin() {
      return Long.parseUnsignedLong(part(0));
    }

    /** No transaction from here on had begun. */
    String xmax() {
      return part(1);
    }

    /** Those below {@link #xmax} that were in progress; separated by commas. */
    String inProgress() {
      return part(2);
    }

    private String part(int index) {
      return text.split(":", -1)[index];
    }
  }

  /**
   * @param prunedBelow rows of transactions below it may have been deleted
   * @param pruneDue whether it is time to prune
   */
  private record Header(Snapshot now, Instant time, long prunedBelow, boolean pruneDue) {}

  /** What was found, as it is collected. */
  private static final class Found {
    private final Map<ConversationId, Long> lastSeqs = new HashMap<>();
    private final Map<ConversationId, Long> revs = new HashMap<>();
    private final Map<ConversationId, Set<UserId>> receipts = new HashMap<>();
    private @Nullable Header header;

    Header header() {
      return Objects.requireNonNull(header);
    }

    Writes since(@Nullable Snapshot mark) {
      boolean complete =
          mark == null || Long.compareUnsigned(mark.xmin(), header().prunedBelow()) >= 0;
      return new Writes(header().now(), complete, lastSeqs, revs, receipts, header().time());
    }
  }

  /**
   * @param retention for how long at least writes are remembered, by the server's clock
   */
  CommitLog(Transactions transactions, Duration retention) {
    this.transactions = transactions;
    this.retention = retention;
  }

  Writes since(@Nullable Mark mark) {
    Snapshot from = snapshot(mark);
    Found found = read(from == null ? "" : newRows(from));
    if (from != null && !from.start().equals(found.header().now().start())) {
      found = read(ROWS);
    }
    if (found.header().pruneDue()) {
      pruneLater();
    }
    return found.since(from);
  }

  private static @Nullable Snapshot snapshot(@Nullable Mark mark) {
    if (mark == null || mark instanceof Snapshot) {
      return (Snapshot) mark;
    }
    throw new IllegalArgumentException("a mark of another store: " + mark);
  }

  /**
   * The mark is part of the text on purpose: for a parameter the planner could not know how few
   * rows are that new.
   */
  private static String newRows(Snapshot from) {
    String later = ROWS + " WHERE xid >= '" + from.xmax() + "'::xid8";
    return from.inProgress().isEmpty()
        ? later
        : later + ROWS + " WHERE xid = ANY ('{" + from.inProgress() + "}'::xid8[])";
  }

  private Found read(String rows) {
    String sql = String.format(Locale.ROOT, NOW, HORIZON_PERIOD.toSeconds()) + rows;
    return transactions.readInPages(
        handle -> {
          Found found = new Found();
          try (Statement statement = handle.getConnection().createStatement()) {
            statement.setFetchSize(FETCH_SIZE); // there can be more than fits into memory
            try (ResultSet row = statement.executeQuery(sql)) {
              while (row.next()) {
                collect(row, found);
              }
            }
          }
          return found;
        });
  }

  private static void collect(ResultSet row, Found found) throws SQLException {
    String kind = row.getString(1);
    if (kind.equals(HEADER)) {
      found.header = header(texts(row, 4));
      return;
    }
    Long[] conversations = longs(row, 2);
    switch (kind) {
      case "M" -> keepHighest(conversations, longs(row, 3), found.lastSeqs);
      case "C" -> keepHighest(conversations, longs(row, 3), found.revs);
      case "R" -> {
        String[] users = texts(row, 4);
        for (int i = 0; i < conversations.length; i++) {
          found
              .receipts
              .computeIfAbsent(ConversationId.of(conversations[i]), none -> new HashSet<>())
              .add(UserId.of(users[i]));
        }
      }
      default -> throw new IllegalStateException("unknown kind of write " + kind);
    }
  }

  private static Header header(String[] now) {
    return new Header(
        new Snapshot(now[0], now[1]),
        Instant.ofEpochMilli(Long.parseLong(now[2])),
        now[3] == null ? 0 : Long.parseUnsignedLong(now[3]),
        Boolean.parseBoolean(now[4]));
  }

  private static void keepHighest(
      Long[] conversations, Long[] numbers, Map<ConversationId, Long> into) {
    for (int i = 0; i < conversations.length; i++) {
      into.merge(ConversationId.of(conversations[i]), numbers[i], Math::max);
    }
  }

  private static Long[] longs(ResultSet row, int column) throws SQLException {
    return (Long[]) row.getArray(column).getArray();
  }

  private static String[] texts(ResultSet row, int column) throws SQLException {
    return (String[]) row.getArray(column).getArray();
  }

  // ---- forgetting

  private void pruneLater() {
    try {
      transactions.write(handle -> prune(handle.getConnection()));
    } catch (RuntimeException fault) {
      log.debug("the log of commits could not be pruned; the next call repeats it", fault);
    }
  }

  /** Deletes what is old enough, and notes a horizon for later. One node at a time. */
  private boolean prune(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("SELECT pg_try_advisory_xact_lock(" + PRUNE_LOCK + ")")) {
        row.next();
        if (!row.getBoolean(1)) {
          return false;
        }
      }
      // A clock that was set back must not keep the log for as long as it was ahead.
      statement.execute(
          "UPDATE chat_commit_horizons SET made_at = clock_timestamp()"
              + " WHERE made_at > clock_timestamp()");
      String horizon = oldEnough(statement);
      if (horizon != null) {
        statement.execute("DELETE FROM chat_commits WHERE xid < '" + horizon + "'::xid8");
        statement.execute(
            "DELETE FROM chat_commit_horizons WHERE pruned OR below < '" + horizon + "'::xid8");
        statement.execute(
            "UPDATE chat_commit_horizons SET pruned = true WHERE below = '" + horizon + "'::xid8");
      }
      statement.execute(
          "INSERT INTO chat_commit_horizons VALUES"
              + " (clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot()), false)");
      return true;
    }
  }

  /** The newest horizon that is older than the retention; null if there is none. */
  private @Nullable String oldEnough(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT below::text FROM chat_commit_horizons WHERE NOT pruned AND made_at <= clock_timestamp() - interval '"
                + retention.toMillis()
                + " milliseconds' ORDER BY made_at DESC LIMIT 1")) {
      return row.next() ? row.getString(1) : null;
    }
  }

  /**
   * Deletes what a restored backup brought along from another server, whose transactions had higher
   * ids than this one's.
   */
  void forgetOtherServers() {
    transactions.write(
        handle -> {
          for (String where :
              List.of("chat_commits WHERE xid", "chat_commit_horizons WHERE below")) {
            try (Statement statement = handle.getConnection().createStatement()) {
              statement.execute(
                  "DELETE FROM " + where + " >= pg_snapshot_xmax(pg_current_snapshot())");
            }
          }
          return true;
        });
  }
}
