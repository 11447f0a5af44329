package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.MessageVersion;
import chat.engine.PinnedMessage;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.postgres.connection.BrokenConnections;
import chat.engine.postgres.connection.DatabaseLocation;
import chat.engine.postgres.connection.PoolLimits;
import chat.engine.postgres.connection.PostgresErrors;
import chat.engine.postgres.connection.SchemaName;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Startup;
import chat.engine.postgres.connection.StoreConnections;
import chat.engine.postgres.connection.StoreEpoch;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.feed.PostgresFeeds;
import chat.engine.postgres.message.FastAppend;
import chat.engine.postgres.message.FullAppend;
import chat.engine.postgres.message.read.ChangedMessages;
import chat.engine.postgres.message.read.MessageRanges;
import chat.engine.postgres.message.read.PinReads;
import chat.engine.postgres.message.read.ReactionReads;
import chat.engine.postgres.message.read.ReadableMessages;
import chat.engine.postgres.message.read.VersionReads;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.postgres.row.RowLocks;
import chat.engine.postgres.search.PostgresSearch;
import chat.engine.postgres.user.PostgresUserReplacements;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Draft;
import chat.engine.spi.InviteStore;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PrivacyStore;
import chat.engine.spi.ProfileStore;
import chat.engine.spi.PublicationOutbox;
import chat.engine.spi.ReportStore;
import chat.engine.spi.RetentionStore;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.TransactionalStore;
import chat.engine.spi.UserReplacements;
import chat.engine.spi.Write;
import chat.engine.spi.feed.FeedStore;
import chat.engine.spi.search.MessageSearch;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reference store: PostgreSQL 15 or newer. Opening it brings the schema up to date (tables
 * {@code chat_...}; see {@code docs/schema.md}), which is safe when several processes do it at
 * once.
 *
 * <p>Thread-safe; every method blocks for as long as the data source and the database take, so give
 * both time-outs: an unreachable database is noticed only when they end. An engine uses one
 * connection for each of its lanes and up to 7 more; a pool of 12 serves an engine with default
 * options, and one of 15 an engine with search.
 *
 * <p>What was acknowledged survives a crash only if the server runs with {@code fsync} and {@code
 * synchronous_commit} on, as it does unless told otherwise; opening the store warns if not.
 */
public final class PostgresMessageStore
    implements MessageStore, TransactionalStore, PublicationOutbox, MachineIdLeaseSource {
  private static final Logger log = LoggerFactory.getLogger(PostgresMessageStore.class);
  private static final int DEFAULT_POOL = 12;

  /** For how long {@link #writesSince} remembers. */
  static final Duration RETENTION = Duration.ofMinutes(10);

  /** For how long a start waits for the database. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(10);

  /** Callers of the engine should not wait for longer than this for a connection. */
  private static final Duration LONG_PATIENCE = Duration.ofSeconds(10);

  /** For how long a close waits for what is under way. */
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

  private final OptionalInt poolSize;
  private final Optional<Duration> poolPatience;
  private final SchemaName schema;
  private final Transactions transactions;
  private final RowLocks locks;
  private final PostgresConversationStore conversations;
  private final PostgresLastSeenStore lastSeen;
  private final PostgresBlockStore blocks;
  private final PostgresInviteStore invites;
  private final PostgresReportStore reports;
  private final PostgresRetentionStore retention;
  private final PostgresPrivacyStore privacy;
  private final PostgresProfileStore profiles;
  private final PostgresUserReplacements replacements;
  private final PostgresSearch search;
  private final PostgresFeeds feeds;
  private final PostgresMachineIdLeases leases;
  private final CommitLog commits;
  private final Runnable onClose;
  private final String epoch;

  /**
   * @param retention for tests of what happens when writes are forgotten
   */
  PostgresMessageStore(
      DataSource dataSource, DatabaseLocation location, Duration retention, Runnable onClose) {
    this(dataSource, location, null, false, retention, onClose);
  }

  /**
   * @param wantedSchema null to use the one that the search path finds
   */
  PostgresMessageStore(
      DataSource dataSource,
      DatabaseLocation location,
      @Nullable String wantedSchema,
      boolean acceptNewerSchema,
      Duration retention,
      Runnable onClose) {
    StoreSchema tables = new StoreSchema(dataSource, location, wantedSchema, acceptNewerSchema);
    this.poolSize = PoolLimits.size(dataSource);
    this.poolPatience = PoolLimits.patience(dataSource);
    this.schema = Startup.run(location, START_PATIENCE, tables::open);
    DataSource connections = StoreConnections.of(dataSource, schema);
    this.transactions = new Transactions(connections);
    this.locks =
        Startup.run(
            location,
            START_PATIENCE,
            () -> transactions.read(one -> RowLocks.of(one.getConnection(), schema.name())));
    this.conversations = new PostgresConversationStore(transactions, locks);
    this.lastSeen = new PostgresLastSeenStore(transactions);
    this.blocks = new PostgresBlockStore(transactions);
    this.invites = new PostgresInviteStore(transactions);
    this.reports = new PostgresReportStore(transactions);
    this.retention = new PostgresRetentionStore(transactions);
    this.privacy = new PostgresPrivacyStore(transactions);
    this.profiles = new PostgresProfileStore(transactions);
    this.replacements = new PostgresUserReplacements(transactions);
    this.search = new PostgresSearch(transactions, locks);
    this.feeds = new PostgresFeeds(transactions);
    this.leases = new PostgresMachineIdLeases(transactions);
    this.commits = new CommitLog(transactions, retention);
    this.onClose = onClose;
    this.epoch =
        Startup.run(
            location,
            START_PATIENCE,
            () -> {
              commits.forgetOtherServers();
              warnIfNotDurable();
              return new StoreEpoch(transactions).current();
            });
  }

  /**
   * Opens the store in the database of the application's own data source, which stays open when the
   * store is closed. While connections cannot be had or break it tries again, for 10 s.
   *
   * @throws chat.engine.spi.StoreUnavailableException if the database cannot be used; the message
   *     names it
   * @throws IllegalStateException if its tables cannot be used; see {@link
   *     PostgresStoreBuilder#open}
   */
  public static PostgresMessageStore open(DataSource dataSource) {
    return builder(dataSource).open();
  }

  /** Settings for a store in the database of the application's own data source. */
  public static PostgresStoreBuilder builder(DataSource dataSource) {
    return new PostgresStoreBuilder(dataSource);
  }

  /**
   * Opens the store with its own pool of 12 connections, which closes with the store. While
   * connections cannot be had or break it tries again, for 10 s.
   *
   * @throws chat.engine.spi.StoreUnavailableException if the database cannot be used; the message
   *     names it, without the password
   */
  public static PostgresMessageStore open(String jdbcUrl, String user, String password) {
    return open(jdbcUrl, user, password, DEFAULT_POOL);
  }

  /**
   * As {@link #open(String, String, String)}, with another size of the pool.
   *
   * @param poolSize at least 3
   */
  public static PostgresMessageStore open(
      String jdbcUrl, String user, String password, int poolSize) {
    if (poolSize < SchemaMigrations.CONNECTIONS) {
      throw new IllegalArgumentException(
          "poolSize must be at least " + SchemaMigrations.CONNECTIONS + ", not " + poolSize);
    }
    HikariConfig config = new HikariConfig();
    config.setPoolName("chat-pool");
    config.setJdbcUrl(jdbcUrl);
    config.setUsername(user);
    config.setPassword(password);
    config.setMaximumPoolSize(poolSize);
    config.setConnectionTimeout(Duration.ofSeconds(2).toMillis());
    config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
    config.setInitializationFailTimeout(-1); // the start tries again by itself
    config.addDataSourceProperty("ApplicationName", "chat-engine");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("connectTimeout", "2");
    config.addDataSourceProperty("socketTimeout", "20");
    BrokenConnections broken = new BrokenConnections();
    config.setExceptionOverride(broken);
    HikariDataSource pool = new HikariDataSource(config);
    try {
      return new PostgresMessageStore(
          pool,
          DatabaseLocation.of(jdbcUrl, user),
          RETENTION,
          () -> {
            broken.expect();
            pool.close();
          });
    } catch (RuntimeException fault) {
      pool.close();
      throw fault;
    }
  }

  private void warnIfNotDurable() {
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      String value =
          transactions.read(
              handle ->
                  handle
                      .createQuery("SELECT current_setting(:name)")
                      .bind("name", setting)
                      .mapTo(String.class)
                      .one());
      if (value.equals("off")) {
        log.warn(
            "PostgreSQL runs with {} = off: acknowledged messages can be lost when it crashes",
            setting);
      }
    }
  }

  @Override
  public List<AppendOutcome> append(List<? extends Write> writes, Duration lockWait) {
    if (writes.isEmpty()) {
      return List.of();
    }
    if (lockWait.isZero() && writes.stream().allMatch(PostgresMessageStore::mayGoFast)) {
      try {
        return appendFast(writes.stream().map(Draft.class::cast).toList());
      } catch (RuntimeException fault) {
        if (!(fault instanceof FastAppend.NotApplicable) && !PostgresErrors.isCollision(fault)) {
          throw fault;
        }
      }
    }
    try {
      return transactions.write(
          handle -> new FullAppend(handle.getConnection(), locks, writes).run(lockWait));
    } catch (RuntimeException fault) {
      if (PostgresErrors.isLockTimeout(fault)) {
        return Collections.nCopies(writes.size(), new AppendOutcome.Locked());
      }
      throw fault;
    }
  }

  /** The members who are mentioned have to be looked up, and so has the first of a retry. */
  private static boolean mayGoFast(Write write) {
    return write instanceof Draft draft && draft.mentions().isEmpty() && !draft.lacksOriginal();
  }

  private List<AppendOutcome> appendFast(List<Draft> drafts) {
    return transactions
        .writeAndCommit(
            handle -> {
              FastAppend append = new FastAppend(handle.getConnection(), drafts);
              append.advance();
              return append;
            },
            (handle, append) -> append.insertAndCommit())
        .outcomes();
  }

  @Override
  public void expectConcurrentCalls(int calls) {
    if (poolSize.isPresent() && poolSize.getAsInt() < calls) {
      log.info(
          "The pool gives at most {} connections, and this engine uses up to {} at the same time,"
              + " and 2 more if PostgresRouter shares the pool: calls will wait for connections",
          poolSize.getAsInt(),
          calls);
    }
    poolPatience
        .filter(patience -> patience.compareTo(LONG_PATIENCE) > 0)
        .ifPresent(
            patience ->
                log.info(
                    "The pool lets a caller wait {} ms for a connection, and so long the first"
                        + " calls take when PostgreSQL is away: a connection timeout of 2000 ms is"
                        + " better",
                    patience.toMillis()));
  }

  @Override
  public StoreTransaction join(Connection transaction, Duration idleLimit) {
    try {
      if (transaction.isReadOnly()) {
        throw new IllegalStateException(
            "the connection is read-only: chat writes in your transaction, so call"
                + " setReadOnly(false), or leave out readOnly = true");
      }
    } catch (SQLException broken) {
      throw new StoreUnavailableException("the connection of the transaction is broken", broken);
    }
    return new PostgresTransaction(schema.on(transaction), idleLimit);
  }

  @Override
  public <T> T transact(Duration limit, Work<T> work) {
    return transactions.write(
        handle -> {
          Connection connection = handle.getConnection();
          PostgresTransaction transaction = new PostgresTransaction(connection, limit);
          transaction.limitOwn();
          return work.run(transaction, StoreConnections.given(connection));
        });
  }

  // ---- reading

  @Override
  public List<StoredMessage> after(ConversationId conversation, long afterSeq, int limit) {
    String sql =
        "SELECT "
            + MessageRows.COLUMNS
            + ", m.members_rev FROM chat_messages m WHERE m.conversation_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?";
    return page(
        sql, conversation, afterSeq, limit, MessageRows::readStored, ReplyPreviews::addedToStored);
  }

  @Override
  public List<Message> before(ConversationId conversation, long beforeSeq, int limit) {
    String sql =
        "SELECT "
            + MessageRows.COLUMNS
            + " FROM chat_messages m WHERE m.conversation_id = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ?";
    List<Message> messages =
        new ArrayList<>(
            page(sql, conversation, beforeSeq, limit, MessageRows::read, ReplyPreviews::added));
    Collections.reverse(messages); // they came the newest first
    return messages;
  }

  /** Makes something of a row. */
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Completes what was read, on the same connection. */
  private interface Completion<T> {
    List<T> complete(Connection connection, List<T> read) throws SQLException;
  }

  private <T> List<T> page(
      String sql,
      ConversationId conversation,
      long seq,
      int limit,
      RowReader<T> reader,
      Completion<T> completion) {
    return transactions.read(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            statement.setLong(1, conversation.value());
            statement.setLong(2, seq);
            statement.setInt(3, limit);
            return completion.complete(handle.getConnection(), rows(statement, reader));
          }
        });
  }

  private static <T> List<T> rows(PreparedStatement statement, RowReader<T> reader)
      throws SQLException {
    List<T> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.add(reader.read(row));
      }
    }
    return found;
  }

  @Override
  public Map<ConversationId, List<Message>> ranges(List<Range> ranges) {
    return transactions.read(handle -> MessageRanges.read(handle.getConnection(), ranges));
  }

  @Override
  public Map<Reading, Message> read(Collection<Reading> wanted) {
    return transactions.read(
        handle -> ReadableMessages.read(handle.getConnection(), List.copyOf(wanted)));
  }

  @Override
  public Map<ConversationId, List<Message>> changed(List<ChangedAfter> pieces) {
    return transactions.read(handle -> ChangedMessages.read(handle.getConnection(), locks, pieces));
  }

  @Override
  public List<UserReactions> reactions(
      MessagePlace message, @Nullable Emoji emoji, @Nullable UserId after, int limit) {
    return transactions.read(
        handle -> ReactionReads.page(handle.getConnection(), message, emoji, after, limit));
  }

  @Override
  public Map<MessagePlace, Set<Emoji>> reactionsOf(UserId user, Collection<MessagePlace> messages) {
    return transactions.read(handle -> ReactionReads.of(handle.getConnection(), user, messages));
  }

  @Override
  public List<PinnedMessage> pins(ConversationId conversation, long beforeRev, int limit) {
    return transactions.read(
        handle -> PinReads.page(handle.getConnection(), conversation, beforeRev, limit));
  }

  @Override
  public Map<ConversationId, List<Long>> pinned(Collection<ConversationId> ids) {
    return ids.isEmpty()
        ? Map.of()
        : transactions.read(handle -> PinReads.seqs(handle.getConnection(), ids));
  }

  @Override
  public List<MessageVersion> versions(MessagePlace message, long after, int limit) {
    return transactions.read(
        handle -> VersionReads.page(handle.getConnection(), message, after, limit));
  }

  @Override
  public Map<ConversationId, Long> lastSeqs(Collection<ConversationId> ids) {
    return transactions.read(
        handle ->
            SqlArrays.numbers(
                handle,
                "SELECT conversation_id, last_seq FROM chat_conversation_counters WHERE conversation_id = ANY (?)",
                ids));
  }

  @Override
  public Writes writesSince(@Nullable Mark mark) {
    return commits.since(mark);
  }

  @Override
  public ConversationStore conversations() {
    return conversations;
  }

  @Override
  public InviteStore invites() {
    return invites;
  }

  @Override
  public ReportStore reports() {
    return reports;
  }

  @Override
  public RetentionStore retention() {
    return retention;
  }

  @Override
  public BlockStore blocks() {
    return blocks;
  }

  @Override
  public PrivacyStore privacy() {
    return privacy;
  }

  @Override
  public ProfileStore profiles() {
    return profiles;
  }

  @Override
  public LastSeenStore lastSeen() {
    return lastSeen;
  }

  @Override
  public UserReplacements replacements() {
    return replacements;
  }

  @Override
  public Optional<FeedStore> feeds() {
    return Optional.of(feeds);
  }

  @Override
  public Optional<MessageSearch> search() {
    return Optional.of(search);
  }

  @Override
  public MachineIdLeases machineIdLeases() {
    return leases;
  }

  @Override
  public String epoch() {
    return epoch;
  }

  // ---- outbox

  @Override
  public List<Note> unpublished(Duration olderThan, int limit) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT conversation_id, seq, message_id FROM chat_outbox"
                        + " WHERE noted_at < clock_timestamp() - :age * interval '1 millisecond'"
                        + " ORDER BY noted_at LIMIT :limit")
                .bind("age", olderThan.toMillis())
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new Note(
                            ConversationId.of(row.getLong(1)),
                            row.getLong(2),
                            MessageId.of(row.getLong(3))))
                .list());
  }

  @Override
  public boolean published(Note note) {
    return transactions.write(
        handle ->
            handle
                    .createUpdate(
                        "DELETE FROM chat_outbox WHERE conversation_id = :conversation"
                            + " AND seq = :seq AND message_id = :id")
                    .bind("conversation", note.conversation().value())
                    .bind("seq", note.seq())
                    .bind("id", note.id().value())
                    .execute()
                > 0);
  }

  /**
   * Waits up to 2 s for calls under way, then closes the pool, if it is the store's, under them.
   */
  @Override
  public void close() {
    close(CLOSE_PATIENCE);
  }

  void close(Duration patience) {
    transactions.awaitIdle(patience);
    onClose.run();
  }
}
