package chat.engine.postgres.conversation;

import chat.engine.ConversationId;
import chat.engine.Preferences;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.CommitRows;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Moves a batch of receipts: three statements, whatever its size, and one more if it ends marks as
 * unread.
 */
public final class ReceiptMoves {
  private static final String MOVE =
      // Greatest, for the sake of one who became a member between the lock and the read.
      "UPDATE chat_members m SET read_seq = greatest(m.read_seq, d.r),"
          + " received_seq = greatest(m.received_seq, d.v)"
          + " FROM unnest(?::bigint[], ?::text[], ?::bigint[], ?::bigint[]) AS d (c, u, r, v)"
          + " WHERE m.conversation_id = d.c AND m.user_id = d.u; ";

  private static final class Receipts {
    private final MemberKey key;
    private final long lastSeq;
    private long read;
    private long received;
    private Preferences preferences;
    private boolean moved;
    private boolean markEnded;
    private @Nullable ReceiptOutcome block;

    Receipts(MemberKey key, LockedMembers.Found found) {
      this.key = key;
      this.lastSeq = found.lastSeq();
      this.read = found.receipt().readSeq();
      this.received = found.receipt().receivedSeq();
      this.preferences = found.receipt().preferences();
    }

    ReceiptOutcome move(ReceiptMove move) {
      if (move.seq() > lastSeq) {
        return ReceiptOutcome.BEYOND_LAST;
      }
      if (block != null) {
        return block;
      }
      boolean isRead = move.kind() == ReceiptKind.READ;
      boolean ahead = move.seq() > (isRead ? read : received);
      if (isRead) {
        read = Math.max(read, move.seq());
      }
      received = Math.max(received, move.seq());
      moved |= ahead;
      if (isRead && endsMark(move.seq())) {
        return ReceiptOutcome.MARK_ENDED;
      }
      return ahead ? ReceiptOutcome.MOVED : ReceiptOutcome.UNCHANGED;
    }

    private boolean endsMark(long seq) {
      Preferences after = preferences.read(seq);
      boolean ends = !after.equals(preferences);
      preferences = after;
      markEnded |= ends;
      return ends;
    }
  }

  private ReceiptMoves() {}

  public static List<ReceiptOutcome> move(
      Connection connection, RowLocks locks, List<ReceiptMove> moves) throws SQLException {
    Map<MemberKey, Receipts> found = new HashMap<>();
    Map<MemberKey, LockedMembers.Found> members =
        LockedMembers.lock(connection, locks, moves.stream().map(ReceiptMoves::key).toList());
    members.forEach((key, member) -> found.put(key, new Receipts(key, member)));
    noteBlocks(connection, members, found);
    List<ReceiptOutcome> outcomes = new ArrayList<>(moves.size());
    for (ReceiptMove move : moves) {
      Receipts receipts = found.get(key(move));
      outcomes.add(receipts == null ? ReceiptOutcome.NOT_MEMBER : receipts.move(move));
    }
    List<Receipts> changed =
        found.values().stream().filter(receipts -> receipts.moved || receipts.markEnded).toList();
    if (!changed.isEmpty()) {
      update(connection, changed);
    }
    return outcomes;
  }

  private static void noteBlocks(
      Connection connection,
      Map<MemberKey, LockedMembers.Found> members,
      Map<MemberKey, Receipts> receipts)
      throws SQLException {
    Set<ConversationId> blocked =
        members.entrySet().stream()
            .filter(member -> member.getValue().blocked())
            .map(member -> member.getKey().conversation())
            .collect(Collectors.toSet());
    if (blocked.isEmpty()) {
      return;
    }
    Map<ConversationId, Set<UserId>> blockers = BlockRows.blockers(connection, blocked);
    receipts.forEach(
        (member, own) -> {
          Set<UserId> by = blockers.get(member.conversation());
          if (by != null) { // empty for a moment on Citus, see LockedCounters
            own.block =
                by.contains(member.user())
                    ? ReceiptOutcome.BLOCKED_BY_MEMBER
                    : ReceiptOutcome.BLOCKED_BY_PEER;
          }
        });
  }

  private static MemberKey key(ReceiptMove move) {
    return new MemberKey(move.conversation(), move.user());
  }

  public static List<Receipt> read(Connection connection, List<MemberKey> members)
      throws SQLException {
    return LockedMembers.read(connection, members).stream()
        .map(LockedMembers.Found::receipt)
        .toList();
  }

  private static void update(Connection connection, List<Receipts> changed) throws SQLException {
    Map<MemberKey, Preferences> ended = new HashMap<>();
    changed.stream()
        .filter(receipts -> receipts.markEnded)
        .forEach(receipts -> ended.put(receipts.key, receipts.preferences));
    if (!ended.isEmpty()) {
      PreferencesRows.update(connection, ended);
    }
    try (PreparedStatement statement =
        connection.prepareStatement(MOVE + CommitRows.insertReceipts(changed.size()))) {
      SqlArrays arrays = new SqlArrays(connection);
      statement.setArray(
          1, arrays.bigints(changed, receipts -> receipts.key.conversation().value()));
      statement.setArray(2, arrays.texts(changed, receipts -> receipts.key.user().value()));
      statement.setArray(3, arrays.bigints(changed, receipts -> receipts.read));
      statement.setArray(4, arrays.bigints(changed, receipts -> receipts.received));
      CommitRows.bindReceipts(
          statement, 5, changed.stream().map(receipts -> receipts.key).toList());
      statement.execute();
    }
  }
}
