package chat.engine.postgres;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.connection.PostgresErrors;
import chat.engine.postgres.conversation.BanRows;
import chat.engine.postgres.conversation.ConversationDeletion;
import chat.engine.postgres.conversation.ConversationRows;
import chat.engine.postgres.conversation.GroupChanges;
import chat.engine.postgres.message.FullAppend;
import chat.engine.postgres.message.read.ReadableMessages;
import chat.engine.postgres.row.MemberRows;
import chat.engine.postgres.row.RowLocks;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore.Reading;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.Write;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The store's part in a transaction of the application. It uses {@code lock_timeout} and {@code
 * enable_seqscan} for itself, and gives them back as the application had them; {@code
 * idle_in_transaction_session_timeout} stays lowered until the transaction ends. A message is noted
 * in {@code chat_outbox} until it is published; a change, also of a message, need not be, since
 * each node finds it in {@code chat_commits}.
 *
 * <p>Not thread-safe; blocks as JDBC does.
 */
final class PostgresTransaction implements StoreTransaction {
  private static final Duration LOCK_WAIT = Duration.ofSeconds(5);

  /**
   * What is used here, as the application has it; and lowers the time that the transaction may
   * stand idle from here on (0 is no limit).
   */
  private static final String BEGIN =
      "SELECT current_setting('lock_timeout'), current_setting('enable_seqscan'),"
          + " CASE WHEN idle = interval '0' OR idle > ? * interval '1 millisecond'"
          + " THEN set_config('idle_in_transaction_session_timeout', ?, true) END"
          + " FROM (SELECT current_setting('idle_in_transaction_session_timeout')::interval AS idle) d;"
          + " SET LOCAL lock_timeout = "
          + LOCK_WAIT.toMillis();

  private static final String RESTORE =
      "SELECT set_config('lock_timeout', ?, true), set_config('enable_seqscan', ?, true)";

  private static final String NOTE =
      "INSERT INTO chat_outbox (conversation_id, seq, message_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

  private final Connection connection;
  private final Duration idleLimit;
  private final List<AppendOutcome> outcomes = new ArrayList<>();

  PostgresTransaction(Connection connection, Duration idleLimit) {
    this.connection = connection;
    this.idleLimit = idleLimit;
  }

  /** For a transaction that is the store's: sets its limits, before its first statement. */
  void limitOwn() throws SQLException {
    long millis = idleLimit.toMillis();
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = "
              + millis
              + "; SET LOCAL lock_timeout = "
              + millis * 9 / 10 // earlier than the statement, so that a held lock is BUSY
              + "; SET LOCAL idle_in_transaction_session_timeout = "
              + millis);
    }
  }

  private record Settings(String lockTimeout, String enableSeqscan) {}

  /** Statements on the application's connection. */
  private interface Work<T> {
    T run() throws SQLException;
  }

  private <T> T within(Work<T> work) {
    try {
      Settings settings = begin();
      T result = work.run();
      restore(settings);
      return result;
    } catch (SQLException fault) {
      throw PostgresErrors.inTransactionOfAnother(fault);
    }
  }

  private Settings begin() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
      statement.setLong(1, idleLimit.toMillis());
      statement.setString(2, Long.toString(idleLimit.toMillis()));
      statement.execute();
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        return new Settings(row.getString(1), row.getString(2));
      }
    }
  }

  private void restore(Settings settings) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RESTORE)) {
      statement.setString(1, settings.lockTimeout());
      statement.setString(2, settings.enableSeqscan());
      statement.execute();
    }
  }

  @Override
  public AppendOutcome append(Write write) {
    AppendOutcome outcome =
        within(
            () -> {
              AppendOutcome made =
                  new FullAppend(connection, RowLocks.ONE_BY_ONE, List.of(write))
                      .run(LOCK_WAIT)
                      .get(0);
              if (made instanceof AppendOutcome.Stored stored && write instanceof Draft draft) {
                note(draft, stored.seq());
              }
              return made;
            });
    outcomes.add(outcome);
    return outcome;
  }

  private void note(Draft draft, long seq) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
      statement.setLong(1, draft.conversation().value());
      statement.setLong(2, seq);
      statement.setLong(3, draft.id().value());
      statement.executeUpdate();
    }
  }

  @Override
  public Conversation openDirect(Conversation proposed) {
    return within(() -> ConversationRows.direct(connection, proposed));
  }

  @Override
  public Conversation ensureGroup(
      ConversationStore.Key key, Conversation proposed, Map<UserId, Role> members) {
    return within(() -> ConversationRows.group(connection, key, proposed, members));
  }

  @Override
  public Optional<Conversation> findOrLock(ConversationStore.Key key) {
    return within(() -> ConversationRows.findOrLock(connection, key));
  }

  @Override
  public Optional<ConversationStore.Key> keyOf(ConversationId id) {
    return within(() -> ConversationRows.keyOf(connection, id));
  }

  @Override
  public Optional<Conversation> find(ConversationId id) {
    return within(
        () ->
            Optional.ofNullable(ConversationRows.find(connection, List.of(id)).get(id))
                .map(Found::conversation));
  }

  @Override
  public Optional<Member> member(ConversationId id, UserId user) {
    return within(() -> MemberRows.find(connection, id, user));
  }

  @Override
  public Optional<Message> readable(Reading wanted) {
    return within(
        () -> Optional.ofNullable(ReadableMessages.read(connection, List.of(wanted)).get(wanted)));
  }

  @Override
  public Optional<MemberList> lock(ConversationId id) {
    return within(
        () ->
            GroupChanges.lock(connection, id).isEmpty()
                ? Optional.<MemberList>empty()
                : MemberRows.list(connection, id));
  }

  @Override
  public List<Ban> bans(ConversationId id, Collection<UserId> among, Instant now) {
    return within(() -> BanRows.among(connection, id, among, now));
  }

  @Override
  public Optional<Changed> change(
      ConversationId id, long expectedRev, List<Change> changes, UserId actor, Instant now) {
    return within(() -> GroupChanges.make(connection, id, expectedRev, changes, actor, now));
  }

  @Override
  public Optional<Changed> delete(ConversationId id, UserId actor, Instant now) {
    return within(() -> ConversationDeletion.delete(connection, id, actor, now));
  }

  @Override
  public List<AppendOutcome> committed() {
    return List.copyOf(outcomes);
  }
}
