package chat.engine.postgres.search;

import chat.engine.ConversationId;
import chat.engine.SearchPage;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.search.MessageSearch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Search in {@code chat_search}. Thread-safe; every method blocks. */
public final class PostgresSearch implements MessageSearch {
  private static final int LOOKED_THROUGH = 1_000;

  /**
   * Look-ups in indexes, one for each row of what comes before, whatever the planner believes of
   * the tables: all other plans read rows of other users.
   */
  private static final String READING =
      "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;"
          + " SET LOCAL enable_mergejoin = off; SET LOCAL jit = off;"
          + " SET LOCAL statement_timeout = 5000";

  private static final String CONVERSATIONS =
      "SELECT conversation_id FROM chat_conversation_counters WHERE conversation_id > ?"
          + " ORDER BY conversation_id LIMIT ?";

  private static final String BEHIND =
      "SELECT c.conversation_id FROM chat_conversation_counters c"
          + " LEFT JOIN chat_search_progress p ON p.conversation_id = c.conversation_id"
          + " WHERE c.conversation_id = ANY (?) AND c.last_seq > 0"
          + " AND (p.indexed_seq IS NULL OR p.indexed_seq < c.last_seq"
          + " OR p.indexed_rev < greatest(c.rev, c.members_rev))";

  private final Transactions transactions;
  private final RowLocks locks;

  public PostgresSearch(Transactions transactions, RowLocks locks) {
    this.transactions = transactions;
    this.locks = locks;
  }

  @Override
  public SearchPage search(Request request) {
    if (request.words().isEmpty()) {
      return new SearchPage(List.of(), null, false);
    }
    return transactions.readInPages(
        handle -> {
          try (Statement statement = handle.getConnection().createStatement()) {
            statement.execute(READING);
          }
          return new SearchPass(handle.getConnection(), locks, request).run();
        });
  }

  @Override
  public Step index(ConversationId conversation) {
    try {
      return transactions.write(
          handle -> new IndexedConversation(handle.getConnection(), conversation).advance());
    } catch (IndexedConversation.Collision | StoreBusyException later) {
      return Step.LATER;
    }
  }

  @Override
  public List<ConversationId> behind(Collection<ConversationId> among) {
    if (among.isEmpty()) {
      return List.of();
    }
    return transactions.read(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(BEHIND)) {
            SqlArrays arrays = new SqlArrays(handle.getConnection());
            statement.setArray(1, arrays.bigints(List.copyOf(among), ConversationId::value));
            return ids(statement);
          }
        });
  }

  @Override
  public Laggards behind(@Nullable ConversationId after) {
    List<ConversationId> part =
        transactions.read(
            handle -> {
              try (PreparedStatement statement =
                  handle.getConnection().prepareStatement(CONVERSATIONS)) {
                statement.setLong(1, after == null ? Long.MIN_VALUE : after.value());
                statement.setInt(2, LOOKED_THROUGH);
                return ids(statement);
              }
            });
    return new Laggards(
        behind(part), part.size() < LOOKED_THROUGH ? null : part.get(part.size() - 1));
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
}
