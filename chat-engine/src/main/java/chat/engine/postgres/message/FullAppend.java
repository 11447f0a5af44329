package chat.engine.postgres.message;

import chat.engine.ConversationId;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.Write;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The append that handles every case: locks the counters, passing by those that another transaction
 * holds; makes the writes; sets the counters. Does everything but the commit.
 *
 * <p>Writes to a conversation take effect in their order, and yet sends are stored together, and
 * changes of messages are: both go by phases, a conversation beginning a new one wherever its
 * writes turn from sends to changes or back. So a batch takes as many phases as the conversation
 * that alternates most, and usually one or two.
 */
public final class FullAppend {
  private final Connection connection;
  private final RowLocks locks;
  private final List<? extends Write> writes;
  private final @Nullable AppendOutcome[] outcomes;

  /** Indexes of writes. */
  private record Phase(List<Integer> sends, List<Integer> changes) {
    Phase() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  public FullAppend(Connection connection, RowLocks locks, List<? extends Write> writes) {
    this.connection = connection;
    this.locks = locks;
    this.writes = writes;
    this.outcomes = new AppendOutcome[writes.size()];
  }

  /**
   * @param lockWait see {@link chat.engine.spi.MessageStore#append}
   */
  public List<AppendOutcome> run(Duration lockWait) throws SQLException {
    List<ConversationId> ids = writes.stream().map(Write::conversation).distinct().toList();
    LockedCounters counters = LockedCounters.lock(connection, locks, ids, lockWait);
    for (int i = 0; i < outcomes.length; i++) {
      outcomes[i] = counters.refusal(writes.get(i).conversation());
    }
    for (Phase phase : phases()) {
      if (!phase.sends().isEmpty()) {
        List<Draft> drafts = phase.sends().stream().map(i -> (Draft) writes.get(i)).toList();
        settle(phase.sends(), new MessageSends(connection, counters, drafts).store());
      }
      if (!phase.changes().isEmpty()) {
        List<Write> changes = phase.changes().stream().<Write>map(writes::get).toList();
        settle(phase.changes(), new MessageChanges(connection, counters, changes).make());
      }
    }
    counters.save();
    return Arrays.asList(outcomes);
  }

  /** What is not refused yet. */
  private List<Phase> phases() {
    List<Phase> phases = new ArrayList<>();
    Map<ConversationId, Integer> current = new HashMap<>();
    Map<ConversationId, Boolean> sending = new HashMap<>();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] != null) {
        continue;
      }
      ConversationId conversation = writes.get(i).conversation();
      boolean sends = writes.get(i) instanceof Draft;
      Boolean before = sending.put(conversation, sends);
      int number =
          current.merge(
              conversation, 0, (now, none) -> before == null || before == sends ? now : now + 1);
      while (phases.size() <= number) {
        phases.add(new Phase());
      }
      Phase phase = phases.get(number);
      (sends ? phase.sends() : phase.changes()).add(i);
    }
    return phases;
  }

  private void settle(List<Integer> indexes, List<? extends @Nullable AppendOutcome> settled) {
    for (int i = 0; i < settled.size(); i++) {
      outcomes[indexes.get(i)] = settled.get(i);
    }
  }
}
