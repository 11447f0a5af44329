package chat.engine.postgres.message;

import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The fast path of an append, which applies nearly always: one statement advances the counters,
 * which locks them and gives the seqs, and one inserts the messages, with the COMMIT in the same
 * round trip. PostgreSQL cannot be asked for less. What is answered in the batch is looked up in
 * that round trip as well.
 *
 * <p>If a conversation is held by another transaction for longer than {@link #BRIEFLY}, if a
 * message is a duplicate, also of another in the batch (its insert fails), or replies to none, or a
 * sender has to be looked up, or one of two users has blocked the other, nothing is stored and
 * {@link FullAppend} repeats the batch. Messages that mention somebody do not come here.
 *
 * <p>The join with {@code unnest} must be index look-ups: with the planner's guess for the size of
 * an array it turns quadratic when a sequential scan is picked, so that is off in this transaction.
 */
public final class FastAppend {
  /** The fast path does not apply; nothing was stored. */
  public static final class NotApplicable extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotApplicable(String why) {
      super(why, null, false, false);
    }
  }

  /**
   * About as long as another node's batch takes; and far less than PostgreSQL waits before it looks
   * for deadlocks.
   */
  private static final Duration BRIEFLY = Duration.ofMillis(20);

  private static final String ADVANCE =
      Transactions.BEGINNING
          + "SET LOCAL enable_seqscan = off; SET LOCAL lock_timeout = "
          + BRIEFLY.toMillis()
          + "; UPDATE chat_conversation_counters c SET last_seq = c.last_seq + d.n, active_at = d.t"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS d (conversation_id, n, t)"
          + " WHERE c.conversation_id = d.conversation_id AND NOT c.blocked"
          + " RETURNING c.conversation_id, c.last_seq, c.members_rev";

  private final Connection connection;
  private final List<Draft> drafts;
  private final List<MessageInsert.Numbered> numbered;
  private final List<AppendOutcome> outcomes;

  private static final class Counter {
    private final long membersRev;
    private long lastSeq;

    Counter(long lastSeq, long membersRev) {
      this.lastSeq = lastSeq;
      this.membersRev = membersRev;
    }
  }

  public FastAppend(Connection connection, List<Draft> drafts) {
    this.connection = connection;
    this.drafts = drafts;
    this.numbered = new ArrayList<>(drafts.size());
    this.outcomes = new ArrayList<>(drafts.size());
  }

  /**
   * Advances the counters and gives the seqs.
   *
   * @throws NotApplicable if the batch needs a {@link FullAppend}
   */
  public void advance() throws SQLException {
    Map<Long, Counter> counters = advanceCounters(advances());
    for (Draft draft : drafts) {
      Counter counter = Objects.requireNonNull(counters.get(draft.conversation().value()));
      if (!draft.sender().isSystem() && draft.verifiedRev() != counter.membersRev) {
        throw new NotApplicable("a sender has to be looked up");
      }
      if (draft.repliesBeyond(counter.lastSeq)) {
        throw new NotApplicable("a message replies to none");
      }
      counter.lastSeq++;
      numbered.add(new MessageInsert.Numbered(draft, counter.lastSeq, counter.membersRev));
      outcomes.add(new AppendOutcome.Stored(counter.lastSeq, counter.membersRev));
    }
  }

  public void insertAndCommit() throws SQLException {
    ReplyPreviews previews = MessageInsert.executeAndCommit(connection, numbered);
    for (int i = 0; i < outcomes.size(); i++) {
      Draft draft = drafts.get(i);
      if (draft.replyTo() != null && outcomes.get(i) instanceof AppendOutcome.Stored stored) {
        outcomes.set(
            i, stored.withReplyPreview(previews.of(draft.conversation(), draft.replyTo())));
      }
    }
  }

  /** To be asked after the commit. */
  public List<AppendOutcome> outcomes() {
    return outcomes;
  }

  /** The messages that a conversation gets: how many, and when the last of them was taken in. */
  private record Advance(long messages, long activeAt) {
    static Advance by(Draft draft) {
      return new Advance(1, draft.createdAt().toEpochMilli());
    }

    Advance and(Advance next) {
      return new Advance(messages + next.messages, next.activeAt);
    }
  }

  /** Of each conversation; in order, so that two batches seldom wait for each other crosswise. */
  private Map<Long, Advance> advances() {
    Map<Long, Advance> advances = new TreeMap<>();
    for (Draft draft : drafts) {
      advances.merge(draft.conversation().value(), Advance.by(draft), Advance::and);
    }
    return advances;
  }

  private Map<Long, Counter> advanceCounters(Map<Long, Advance> advances) throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    List<Map.Entry<Long, Advance>> entries = List.copyOf(advances.entrySet());
    Map<Long, Counter> counters = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(ADVANCE)) {
      statement.setArray(1, arrays.bigints(entries, Map.Entry::getKey));
      statement.setArray(2, arrays.bigints(entries, entry -> entry.getValue().messages()));
      statement.setArray(3, arrays.bigints(entries, entry -> entry.getValue().activeAt()));
      try (ResultSet rows = SqlArrays.lastResult(statement)) {
        while (rows.next()) {
          Advance given = Objects.requireNonNull(advances.get(rows.getLong(1)));
          counters.put(
              rows.getLong(1), new Counter(rows.getLong(2) - given.messages(), rows.getLong(3)));
        }
      }
    }
    if (counters.size() < advances.size()) {
      throw new NotApplicable("a conversation does not exist, is blocked, or was being changed");
    }
    return counters;
  }
}
