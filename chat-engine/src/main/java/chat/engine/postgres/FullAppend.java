package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The append that handles every case: locks the counters, passing by those that another transaction
 * holds; looks up memberships and duplicates; gives the seqs here; inserts; sets the counters. Does
 * everything but the commit.
 *
 * <p>No lock is waited for, or only that of a single conversation, so batches cannot deadlock.
 * About sequential scans see {@link FastAppend}.
 */
final class FullAppend {
  private static final String INDEX_LOOK_UPS = "SET LOCAL enable_seqscan = off";

  private static final String COUNTERS =
      "SELECT conversation_id, last_seq, members_rev FROM chat_conversation_counters";

  private static final String LOCK_ALL =
      COUNTERS + " WHERE conversation_id = ANY (?) FOR NO KEY UPDATE";

  private static final String LOCK_ONE = COUNTERS + " WHERE conversation_id = ? FOR NO KEY UPDATE";

  private static final String SKIP_LOCKED = " SKIP LOCKED";

  private static final String EXISTING =
      "SELECT conversation_id FROM chat_conversation_counters WHERE conversation_id = ANY (?)";

  private static final String MEMBERS =
      "SELECT m.conversation_id, m.user_id FROM unnest(?::bigint[], ?::text[]) AS d (conversation_id, user_id)"
          + " JOIN chat_members m ON m.conversation_id = d.conversation_id AND m.user_id = d.user_id";

  private static final String FIND_DUPLICATES =
      "SELECT "
          + MessageRows.COLUMNS
          + ", m.members_rev, m.content_hash FROM unnest(?::bigint[], ?::text[], ?::text[])"
          + " AS d (conversation_id, sender_id, client_message_id)"
          + " JOIN chat_messages m ON m.conversation_id = d.conversation_id AND m.sender_id = d.sender_id"
          + " AND m.client_message_id = d.client_message_id";

  private static final String SET_COUNTERS =
      "UPDATE chat_conversation_counters c SET last_seq = d.last_seq"
          + " FROM unnest(?::bigint[], ?::bigint[]) AS d (conversation_id, last_seq)"
          + " WHERE c.conversation_id = d.conversation_id";

  private final Connection connection;
  private final RowLocks locks;
  private final List<Draft> drafts;
  private final AppendOutcome[] outcomes;
  private final Map<ConversationId, Counter> counters = new HashMap<>();

  private record First(Message message, long membersRev, long contentHash) {}

  /** A locked counter. */
  private static final class Counter {
    private final long membersRev;
    private final long lockedSeq;
    private long lastSeq;

    Counter(long lastSeq, long membersRev) {
      this.lockedSeq = lastSeq;
      this.lastSeq = lastSeq;
      this.membersRev = membersRev;
    }
  }

  FullAppend(Connection connection, RowLocks locks, List<Draft> drafts) {
    this.connection = connection;
    this.locks = locks;
    this.drafts = drafts;
    this.outcomes = new AppendOutcome[drafts.size()];
  }

  /**
   * @param lockWait see {@link chat.engine.spi.MessageStore#append}
   */
  List<AppendOutcome> run(Duration lockWait) throws SQLException {
    lock(lockWait);
    settleDuplicates(
        findDuplicates()); // first: a retry is told the truth even if its sender was removed since
    refuseStrangers();
    List<MessageInsert.Numbered> fresh = number();
    if (!fresh.isEmpty()) {
      MessageInsert.execute(connection, fresh);
      setCounters();
    }
    return Arrays.asList(outcomes);
  }

  private void lock(Duration lockWait) throws SQLException {
    Long[] ids =
        drafts.stream().map(draft -> draft.conversation().value()).distinct().toArray(Long[]::new);
    boolean wait = !lockWait.isZero();
    String timeout = wait ? "SET LOCAL lock_timeout = " + lockWait.toMillis() + "; " : "";
    String before = timeout + INDEX_LOOK_UPS + "; ";
    String end = wait ? "" : SKIP_LOCKED;
    if (ids.length == 1 || locks == RowLocks.ONE_BY_ONE) {
      RowLocks.each(
          connection,
          before,
          LOCK_ONE + end,
          Arrays.asList(ids),
          (statement, from, id) -> {
            statement.setLong(from, id);
            return from + 1;
          },
          this::addCounter);
    } else {
      try (PreparedStatement statement = connection.prepareStatement(before + LOCK_ALL + end)) {
        statement.setArray(1, bigints(ids));
        try (ResultSet rows = SqlArrays.lastResult(statement)) {
          while (rows.next()) {
            addCounter(rows);
          }
        }
      }
    }
    if (counters.size() < ids.length) {
      refuseUnlocked(ids);
    }
  }

  private void addCounter(ResultSet row) throws SQLException {
    counters.put(ConversationId.of(row.getLong(1)), new Counter(row.getLong(2), row.getLong(3)));
  }

  private void refuseUnlocked(Long[] ids) throws SQLException {
    Set<Long> existing = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(EXISTING)) {
      statement.setArray(1, bigints(ids));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          existing.add(rows.getLong(1));
        }
      }
    }
    for (int i = 0; i < outcomes.length; i++) {
      ConversationId conversation = drafts.get(i).conversation();
      if (!counters.containsKey(conversation)) {
        outcomes[i] =
            existing.contains(conversation.value())
                ? new AppendOutcome.Locked()
                : new AppendOutcome.NoSuchConversation();
      }
    }
  }

  /** Looks up the senders that were not verified under the rev that is in force. */
  private void refuseStrangers() throws SQLException {
    List<Integer> doubtful = new ArrayList<>(0);
    for (int i = 0; i < outcomes.length; i++) {
      Draft draft = drafts.get(i);
      Counter counter = counters.get(draft.conversation());
      if (outcomes[i] == null
          && counter != null
          && !draft.sender().isSystem()
          && draft.verifiedRev() != counter.membersRev) {
        doubtful.add(i);
      }
    }
    if (doubtful.isEmpty()) {
      return;
    }
    Set<MemberKey> members = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(MEMBERS)) {
      statement.setArray(1, longs(doubtful, draft -> draft.conversation().value()));
      statement.setArray(2, texts(doubtful, draft -> draft.sender().value()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          members.add(
              new MemberKey(ConversationId.of(rows.getLong(1)), UserId.of(rows.getString(2))));
        }
      }
    }
    for (int i : doubtful) {
      Draft draft = drafts.get(i);
      if (!members.contains(new MemberKey(draft.conversation(), draft.sender()))) {
        outcomes[i] = new AppendOutcome.NotMember();
      }
    }
  }

  private Map<MessageKey, First> findDuplicates() throws SQLException {
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        open.add(i);
      }
    }
    Map<MessageKey, First> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND_DUPLICATES)) {
      statement.setArray(1, longs(open, draft -> draft.conversation().value()));
      statement.setArray(2, texts(open, draft -> draft.sender().value()));
      statement.setArray(3, texts(open, draft -> draft.clientMessageId().value()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Message message = MessageRows.read(rows);
          found.put(
              new MessageKey(message.conversation(), message.from(), message.clientMessageId()),
              new First(message, rows.getLong(11), rows.getLong(12)));
        }
      }
    }
    return found;
  }

  private void settleDuplicates(Map<MessageKey, First> stored) {
    for (int i = 0; i < outcomes.length; i++) {
      First first = stored.get(MessageKey.of(drafts.get(i)));
      if (outcomes[i] == null && first != null) {
        outcomes[i] = repeated(drafts.get(i), first);
      }
    }
  }

  private static AppendOutcome repeated(Draft draft, First first) {
    return first.contentHash() == draft.contentHash()
        ? new AppendOutcome.Duplicate(first.message(), first.membersRev())
        : new AppendOutcome.Conflict();
  }

  /** Gives the seqs. @return what is to be inserted */
  private List<MessageInsert.Numbered> number() {
    List<MessageInsert.Numbered> fresh = new ArrayList<>(outcomes.length);
    Map<MessageKey, First> seen = new HashMap<>();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] != null) {
        continue;
      }
      Draft draft = drafts.get(i);
      First first = seen.get(MessageKey.of(draft));
      if (first != null) {
        outcomes[i] = repeated(draft, first);
        continue;
      }
      Counter counter = Objects.requireNonNull(counters.get(draft.conversation()));
      if (draft.repliesBeyond(counter.lastSeq)) {
        outcomes[i] = new AppendOutcome.NoSuchMessage();
        continue;
      }
      counter.lastSeq++;
      outcomes[i] = new AppendOutcome.Stored(counter.lastSeq, counter.membersRev);
      seen.put(
          MessageKey.of(draft),
          new First(draft.asMessage(counter.lastSeq), counter.membersRev, draft.contentHash()));
      fresh.add(new MessageInsert.Numbered(draft, counter.lastSeq, counter.membersRev));
    }
    return fresh;
  }

  private void setCounters() throws SQLException {
    Map<Long, Long> moved = new LinkedHashMap<>();
    counters.forEach(
        (id, counter) -> {
          if (counter.lastSeq > counter.lockedSeq) {
            moved.put(id.value(), counter.lastSeq);
          }
        });
    try (PreparedStatement statement = connection.prepareStatement(SET_COUNTERS)) {
      statement.setArray(1, bigints(moved.keySet().toArray(Long[]::new)));
      statement.setArray(2, bigints(moved.values().toArray(Long[]::new)));
      int updated = statement.executeUpdate();
      if (updated != moved.size()) {
        throw new IllegalStateException(
            "of " + moved.size() + " locked counters " + updated + " could be set");
      }
    }
  }

  private Array bigints(@Nullable Long[] values) throws SQLException {
    return connection.createArrayOf("bigint", values);
  }

  private Array longs(List<Integer> indexes, Function<Draft, @Nullable Long> column)
      throws SQLException {
    @Nullable Long[] values = new Long[indexes.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(drafts.get(indexes.get(i)));
    }
    return bigints(values);
  }

  private Array texts(List<Integer> indexes, Function<Draft, @Nullable String> column)
      throws SQLException {
    @Nullable String[] values = new String[indexes.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(drafts.get(indexes.get(i)));
    }
    return connection.createArrayOf("text", values);
  }
}
