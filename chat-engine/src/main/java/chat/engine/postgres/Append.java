package chat.engine.postgres;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
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
 * One batch of messages on its way into the tables, inside a transaction. Three statements,
 * whatever the size of the batch:
 *
 * <ol>
 *   <li>lock the counters of its conversations, passing by those that another transaction holds;
 *   <li>insert the messages with the seqs given here, in Java, passing by duplicates;
 *   <li>set the counters.
 * </ol>
 *
 * <p>The insert is told how many rows it must make. If it made fewer there were duplicates, and the
 * seqs given would leave gaps: then the transaction is rolled back and done again with {@link
 * Duplicates#LOOKED_UP}, a fourth statement that finds them first. Retries are rare, so the others
 * do not pay for them.
 *
 * <p>Because no lock is waited for (or only that of a single conversation) two batches can never
 * deadlock. The joins with {@code unnest} must be index look-ups: with the planner's guess for the
 * size of an array they turn quadratic when it picks a sequential scan, so that is off in these
 * transactions.
 */
final class Append {
  /**
   * The insert passed by a message that is stored already; to be repeated with {@link
   * Duplicates#LOOKED_UP}.
   */
  static final class FoundDuplicates extends RuntimeException {
    private static final long serialVersionUID = 1;

    FoundDuplicates() {
      super("some message of the batch is stored already", null, false, false);
    }
  }

  enum Duplicates {
    NOT_EXPECTED,
    LOOKED_UP
  }

  private static final String INDEX_LOOK_UPS = "SET LOCAL enable_seqscan = off";

  private static final String LOCK =
      "SELECT conversation_id, last_seq, members_rev FROM chat_conversation_counters"
          + " WHERE conversation_id = ANY (?) FOR NO KEY UPDATE";

  private static final String SKIP_LOCKED = " SKIP LOCKED";

  private static final String EXISTING =
      "SELECT conversation_id FROM chat_conversation_counters WHERE conversation_id = ANY (?)";

  private static final String MEMBERS =
      "SELECT m.conversation_id, m.user_id FROM unnest(?::bigint[], ?::text[]) AS d (conversation_id, user_id)"
          + " JOIN chat_members m ON m.conversation_id = d.conversation_id AND m.user_id = d.user_id";

  private static final String FIND_DUPLICATES =
      "SELECT "
          + MessageRows.COLUMNS
          + ", m.content_hash FROM unnest(?::bigint[], ?::text[], ?::text[])"
          + " AS d (conversation_id, sender_id, client_message_id)"
          + " JOIN chat_messages m ON m.conversation_id = d.conversation_id AND m.sender_id = d.sender_id"
          + " AND m.client_message_id = d.client_message_id";

  private static final String INSERT =
      "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, reply_to, created_at, sender_id,"
          + " client_message_id, body, mentions, attributes)"
          + " SELECT c, s, i, h, r, 'epoch'::timestamptz + t * interval '1 millisecond', u, k, b, n, a"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[],"
          + " ?::text[], ?::text[], ?::text[], ?::text[]) AS d (c, s, i, h, r, t, u, k, b, n, a)"
          + " ON CONFLICT (conversation_id, sender_id, client_message_id) DO NOTHING";

  private static final String SET_COUNTERS =
      "UPDATE chat_conversation_counters c SET last_seq = d.last_seq"
          + " FROM unnest(?::bigint[], ?::bigint[]) AS d (conversation_id, last_seq)"
          + " WHERE c.conversation_id = d.conversation_id";

  private final Connection connection;
  private final List<Draft> drafts;
  private final AppendOutcome[] outcomes;
  private final Map<ConversationId, Counter> counters = new HashMap<>();

  private record Key(ConversationId conversation, UserId sender, ClientMessageId clientMessageId) {
    static Key of(Draft draft) {
      return new Key(draft.conversation(), draft.sender(), draft.clientMessageId());
    }
  }

  private record First(Message message, long contentHash) {}

  private record Membership(ConversationId conversation, UserId user) {}

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

  Append(Connection connection, List<Draft> drafts) {
    this.connection = connection;
    this.drafts = drafts;
    this.outcomes = new AppendOutcome[drafts.size()];
  }

  /**
   * Does everything but the commit.
   *
   * @param lockWait see {@link chat.engine.spi.MessageStore#append}
   */
  List<AppendOutcome> run(Duration lockWait, Duplicates duplicates) throws SQLException {
    lock(lockWait);
    refuseStrangers();
    Map<Key, First> stored = duplicates == Duplicates.LOOKED_UP ? findDuplicates() : Map.of();
    List<Integer> fresh = number(stored);
    if (!fresh.isEmpty()) {
      if (insert(fresh) < fresh.size()) {
        throw new FoundDuplicates();
      }
      setCounters();
    }
    return Arrays.asList(outcomes);
  }

  private void lock(Duration lockWait) throws SQLException {
    Long[] ids =
        drafts.stream().map(draft -> draft.conversation().value()).distinct().toArray(Long[]::new);
    boolean wait = !lockWait.isZero();
    String timeout = wait ? "SET LOCAL lock_timeout = " + lockWait.toMillis() + "; " : "";
    String sql = timeout + INDEX_LOOK_UPS + "; " + LOCK + (wait ? "" : SKIP_LOCKED);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, bigints(ids));
      statement.execute();
      for (int skipped = wait ? 2 : 1; skipped > 0; skipped--) {
        statement.getMoreResults();
      }
      try (ResultSet rows = statement.getResultSet()) {
        while (rows.next()) {
          counters.put(
              ConversationId.of(rows.getLong(1)), new Counter(rows.getLong(2), rows.getLong(3)));
        }
      }
    }
    if (counters.size() < ids.length) {
      refuseUnlocked(ids);
    }
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
      if (counter != null
          && !draft.sender().isSystem()
          && draft.verifiedRev() != counter.membersRev) {
        doubtful.add(i);
      }
    }
    if (doubtful.isEmpty()) {
      return;
    }
    Set<Membership> members = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(MEMBERS)) {
      statement.setArray(1, longs(doubtful, draft -> draft.conversation().value()));
      statement.setArray(2, texts(doubtful, draft -> draft.sender().value()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          members.add(
              new Membership(ConversationId.of(rows.getLong(1)), UserId.of(rows.getString(2))));
        }
      }
    }
    for (int i : doubtful) {
      Draft draft = drafts.get(i);
      if (!members.contains(new Membership(draft.conversation(), draft.sender()))) {
        outcomes[i] = new AppendOutcome.NotMember();
      }
    }
  }

  private Map<Key, First> findDuplicates() throws SQLException {
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        open.add(i);
      }
    }
    Map<Key, First> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND_DUPLICATES)) {
      statement.setArray(1, longs(open, draft -> draft.conversation().value()));
      statement.setArray(2, texts(open, draft -> draft.sender().value()));
      statement.setArray(3, texts(open, draft -> draft.clientMessageId().value()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Message message = MessageRows.read(rows);
          found.put(
              new Key(message.conversation(), message.from(), message.clientMessageId()),
              new First(message, rows.getLong(11)));
        }
      }
    }
    return found;
  }

  /** Gives the outcomes and seqs. @return indexes of the drafts to insert */
  private List<Integer> number(Map<Key, First> stored) {
    List<Integer> fresh = new ArrayList<>(outcomes.length);
    Map<Key, First> seen = new HashMap<>(stored);
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] != null) {
        continue;
      }
      Draft draft = drafts.get(i);
      Counter counter = Objects.requireNonNull(counters.get(draft.conversation()));
      First first = seen.get(Key.of(draft));
      if (first == null) {
        counter.lastSeq++;
        outcomes[i] = new AppendOutcome.Stored(counter.lastSeq, counter.membersRev);
        seen.put(Key.of(draft), new First(message(draft, counter.lastSeq), draft.contentHash()));
        fresh.add(i);
      } else if (first.contentHash() == draft.contentHash()) {
        outcomes[i] = new AppendOutcome.Duplicate(first.message(), counter.membersRev);
      } else {
        outcomes[i] = new AppendOutcome.Conflict();
      }
    }
    return fresh;
  }

  private static Message message(Draft draft, long seq) {
    return new Message(
        draft.conversation(),
        draft.id(),
        seq,
        draft.sender(),
        draft.clientMessageId(),
        draft.text(),
        draft.replyTo(),
        draft.mentions(),
        draft.attributes(),
        draft.createdAt());
  }

  private int insert(List<Integer> fresh) throws SQLException {
    Long[] seqs =
        fresh.stream().map(i -> ((AppendOutcome.Stored) outcomes[i]).seq()).toArray(Long[]::new);
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setArray(1, longs(fresh, draft -> draft.conversation().value()));
      statement.setArray(2, bigints(seqs));
      statement.setArray(3, longs(fresh, draft -> draft.id().value()));
      statement.setArray(4, longs(fresh, Draft::contentHash));
      statement.setArray(5, longs(fresh, Draft::replyTo));
      statement.setArray(6, longs(fresh, draft -> draft.createdAt().toEpochMilli()));
      statement.setArray(7, texts(fresh, draft -> draft.sender().value()));
      statement.setArray(8, texts(fresh, draft -> draft.clientMessageId().value()));
      statement.setArray(9, texts(fresh, Draft::text));
      statement.setArray(10, texts(fresh, draft -> MessageRows.mentions(draft.mentions())));
      statement.setArray(11, texts(fresh, Draft::attributes));
      return statement.executeUpdate();
    }
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
