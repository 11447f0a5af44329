package chat.engine.postgres.message;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.conversation.BlockRows;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.AppendOutcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The counters of the conversations of a batch, locked until the transaction ends. Seqs and revs
 * are given here, and set in the table at the end.
 *
 * <p>No lock is waited for, or only that of a single conversation, so batches cannot deadlock. From
 * here on the transaction uses index look-ups, about which see {@link FastAppend}.
 */
final class LockedCounters {
  private static final String INDEX_LOOK_UPS = "SET LOCAL enable_seqscan = off";

  private static final String COUNTERS =
      "SELECT conversation_id, last_seq, members_rev, greatest(rev, members_rev), blocked, pins"
          + " FROM chat_conversation_counters";

  private static final String LOCK_ALL =
      COUNTERS + " WHERE conversation_id = ANY (?) FOR NO KEY UPDATE";

  private static final String LOCK_ONE = COUNTERS + " WHERE conversation_id = ? FOR NO KEY UPDATE";

  private static final String SKIP_LOCKED = " SKIP LOCKED";

  private static final String EXISTING =
      "SELECT conversation_id FROM chat_conversation_counters WHERE conversation_id = ANY (?)";

  private static final String SET_COUNTERS =
      "UPDATE chat_conversation_counters c SET last_seq = d.last_seq, rev = d.rev,"
          + " active_at = coalesce(d.active_at, c.active_at), pins = nullif(d.pins, 0)"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])"
          + " AS d (conversation_id, last_seq, rev, active_at, pins)"
          + " WHERE c.conversation_id = d.conversation_id";

  private final Connection connection;
  private final Map<ConversationId, Counter> counters = new HashMap<>();
  private final Set<ConversationId> heldByOthers = new HashSet<>();
  private final Set<ConversationId> blocked = new HashSet<>();
  private Map<ConversationId, Set<UserId>> blockers = Map.of();

  /** A locked counter. */
  static final class Counter {
    private final long lockedSeq;
    private final long membersRev;
    private final long lockedRev;
    private long lastSeq;
    private long rev;
    private @Nullable Long activeAt;
    private int pins;

    private Counter(long lastSeq, long membersRev, long rev, int pins) {
      this.pins = pins;
      this.lockedSeq = lastSeq;
      this.membersRev = membersRev;
      this.lockedRev = rev;
      this.lastSeq = lastSeq;
      this.rev = rev;
    }

    long lastSeq() {
      return lastSeq;
    }

    /** Of the last change of the conversation itself. */
    long membersRev() {
      return membersRev;
    }

    /** Gives the next seq to a message that was taken in at this time. */
    long nextSeq(Instant takenIn) {
      activeAt = takenIn.toEpochMilli();
      return ++lastSeq;
    }

    /** Gives the next rev. */
    long nextRev() {
      return ++rev;
    }

    /** How many messages of the conversation are pinned. */
    int pins() {
      return pins;
    }

    /** With a change that has a rev. */
    void addPins(int more) {
      pins += more;
    }

    private boolean hasMoved() {
      return lastSeq > lockedSeq || rev > lockedRev;
    }
  }

  private LockedCounters(Connection connection) {
    this.connection = connection;
  }

  /**
   * @param ids each once
   * @param lockWait see {@link chat.engine.spi.MessageStore#append}
   */
  static LockedCounters lock(
      Connection connection, RowLocks locks, List<ConversationId> ids, Duration lockWait)
      throws SQLException {
    LockedCounters locked = new LockedCounters(connection);
    locked.lock(locks, ids, lockWait);
    if (locked.counters.size() < ids.size()) {
      locked.findThoseHeldByOthers(ids);
    }
    if (!locked.blocked.isEmpty()) {
      locked.blockers = BlockRows.blockers(connection, locked.blocked);
    }
    return locked;
  }

  private void lock(RowLocks locks, List<ConversationId> ids, Duration lockWait)
      throws SQLException {
    boolean wait = !lockWait.isZero();
    String timeout = wait ? "SET LOCAL lock_timeout = " + lockWait.toMillis() + "; " : "";
    String before = timeout + INDEX_LOOK_UPS + "; ";
    String end = wait ? "" : SKIP_LOCKED;
    if (ids.size() == 1 || locks == RowLocks.ONE_BY_ONE) {
      RowLocks.each(
          connection,
          before,
          LOCK_ONE + end,
          ids,
          (statement, from, id) -> {
            statement.setLong(from, id.value());
            return from + 1;
          },
          this::add);
    } else {
      try (PreparedStatement statement = connection.prepareStatement(before + LOCK_ALL + end)) {
        statement.setArray(1, new SqlArrays(connection).bigints(ids, ConversationId::value));
        try (ResultSet rows = SqlArrays.lastResult(statement)) {
          while (rows.next()) {
            add(rows);
          }
        }
      }
    }
  }

  private void add(ResultSet row) throws SQLException {
    counters.put(
        ConversationId.of(row.getLong(1)),
        new Counter(row.getLong(2), row.getLong(3), row.getLong(4), row.getInt(6)));
    if (row.getBoolean(5)) {
      blocked.add(ConversationId.of(row.getLong(1)));
    }
  }

  private void findThoseHeldByOthers(List<ConversationId> ids) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(EXISTING)) {
      statement.setArray(1, new SqlArrays(connection).bigints(ids, ConversationId::value));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          heldByOthers.add(ConversationId.of(rows.getLong(1)));
        }
      }
    }
    heldByOthers.removeAll(counters.keySet());
  }

  /** Why a conversation cannot be written to; null if it is locked here. */
  @Nullable AppendOutcome refusal(ConversationId conversation) {
    if (counters.containsKey(conversation)) {
      return null;
    }
    return heldByOthers.contains(conversation)
        ? new AppendOutcome.Locked()
        : new AppendOutcome.NoSuchConversation();
  }

  /**
   * Why a user cannot write to a conversation that is locked here, because one of its two users has
   * blocked the other; null if nobody has, and for the system. On Citus the flag may be visible a
   * moment before the row that says who it was: then nobody is told that it was them.
   */
  @Nullable AppendOutcome block(ConversationId conversation, UserId actor) {
    Set<UserId> by = blockers.get(conversation);
    return by == null || actor.isSystem() ? null : new AppendOutcome.Blocked(by.contains(actor));
  }

  /** Of a conversation that is locked here. */
  Counter of(ConversationId conversation) {
    return Objects.requireNonNull(counters.get(conversation));
  }

  /** Writes down what was given. */
  void save() throws SQLException {
    List<Map.Entry<ConversationId, Counter>> moved =
        counters.entrySet().stream().filter(entry -> entry.getValue().hasMoved()).toList();
    if (moved.isEmpty()) {
      return;
    }
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(SET_COUNTERS)) {
      statement.setArray(1, arrays.bigints(moved, entry -> entry.getKey().value()));
      statement.setArray(2, arrays.bigints(moved, entry -> entry.getValue().lastSeq));
      statement.setArray(3, arrays.bigints(moved, entry -> entry.getValue().rev));
      statement.setArray(4, arrays.bigints(moved, entry -> entry.getValue().activeAt));
      statement.setArray(5, arrays.bigints(moved, entry -> (long) entry.getValue().pins));
      int updated = statement.executeUpdate();
      if (updated != moved.size()) {
        throw new IllegalStateException(
            "of " + moved.size() + " locked counters " + updated + " could be set");
      }
    }
  }
}
