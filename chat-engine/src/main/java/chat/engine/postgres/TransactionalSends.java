package chat.engine.postgres;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.postgres.connection.PostgresErrors;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.IdGenerator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Sends inside a transaction of the application: the message is stored together with the
 * application's own rows, or not at all, and is published after the commit.
 *
 * <pre>{@code
 * PendingSend order = sends.send(connection, shop, conversation, NewMessage.text("Your order has shipped"));
 * connection.commit();
 * order.publish();
 * }</pre>
 *
 * <p>The engine's limits and its {@link chat.engine.hook.SendHook} apply as to any send.
 *
 * <p>From the send to the end of the transaction the conversation is locked: other sends to it
 * wait, up to the engine's send time-out, so keep the transaction short. Sends to all other
 * conversations go on. So that a process that hangs or vanishes does not keep the conversation, the
 * server ends a transaction that stands idle for longer than a limit between two statements; a send
 * sets that limit, 5 s unless another was given, for the rest of its transaction. If {@code
 * publish} is forgotten, or the process dies before it, an engine of the cluster publishes the
 * message a few seconds after the commit.
 *
 * <p>Thread-safe; blocks as JDBC does.
 */
public final class TransactionalSends {
  private static final Duration LOCK_WAIT = Duration.ofSeconds(5);

  private static final Duration IDLE_LIMIT = Duration.ofSeconds(5);

  /**
   * What an append sets for itself, as the application has it; and lowers the time that the
   * transaction may stand idle from here on (0 is no limit).
   */
  private static final String SETTINGS =
      "SELECT current_setting('lock_timeout'), current_setting('enable_seqscan'),"
          + " CASE WHEN idle = interval '0' OR idle > ? * interval '1 millisecond'"
          + " THEN set_config('idle_in_transaction_session_timeout', ?, true) END"
          + " FROM (SELECT current_setting('idle_in_transaction_session_timeout')::interval AS idle) d";

  private static final String RESTORE =
      "SELECT set_config('lock_timeout', ?, true), set_config('enable_seqscan', ?, true)";

  private static final String RESTORE_AND_NOTE =
      RESTORE
          + "; INSERT INTO chat_outbox (conversation_id, seq, message_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

  private final ChatEngine engine;
  private final IdGenerator ids;
  private final Duration idleLimit;

  /**
   * @param engine applies limits and the hook, and publishes; of the cluster whose {@link
   *     PostgresMessageStore} is in the application's database
   * @param ids gives the ids of the messages
   */
  public TransactionalSends(ChatEngine engine, IdGenerator ids) {
    this(engine, ids, IDLE_LIMIT);
  }

  /**
   * @param idleLimit for how long a transaction may stand idle between two statements after a send
   *     before the server ends it; a lower limit of the application's stays in force. For as long,
   *     a process that vanishes can keep a conversation locked
   */
  public TransactionalSends(ChatEngine engine, IdGenerator ids, Duration idleLimit) {
    if (idleLimit.toMillis() < 1 || idleLimit.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "idleLimit must be between 1 ms and 2^31 - 1 ms, not " + idleLimit);
    }
    this.engine = engine;
    this.ids = ids;
    this.idleLimit = idleLimit;
  }

  /**
   * Stores a message in the transaction that is open on the connection. While it works it sets
   * {@code lock_timeout} (5 s) and {@code enable_seqscan}; when it returns they are as the
   * application had them. {@code idle_in_transaction_session_timeout} stays lowered to the idle
   * limit until the transaction ends. Waits for the {@link chat.engine.hook.SendHook} if there is
   * one, and then reads the conversation on a connection of the store's.
   *
   * @param transaction with auto-commit off; is neither committed nor closed here
   * @param sender a member of the conversation, or {@link UserId#SYSTEM}
   * @throws ChatException with {@code TOO_LARGE}, {@code NOT_FOUND}, {@code CONFLICT}, {@code BUSY}
   *     (another transaction holds the conversation) or what the hook refuses it with, as for any
   *     send; then nothing was stored, and with {@code BUSY} the transaction is aborted as after
   *     any SQL error
   * @throws SQLException as JDBC throws it; the transaction is aborted
   * @throws IllegalStateException if the connection is in auto-commit mode
   */
  public PendingSend send(
      Connection transaction, UserId sender, ConversationId conversation, NewMessage message)
      throws SQLException {
    if (transaction.getAutoCommit()) {
      throw new IllegalStateException(
          "a send inside a transaction needs a connection with auto-commit off");
    }
    NewMessage admitted = admit(sender, conversation, message);
    Draft draft =
        new Draft(
            MessageId.of(ids.next(1)[0]),
            conversation,
            sender,
            message.clientMessageId(),
            message
                .contentHash(), // as handed in: a retry is recognised even if the hook changes it
            admitted.text(),
            admitted.replyTo(),
            admitted.mentions(),
            admitted.attributes(),
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            Draft.UNVERIFIED);
    Settings settings = limitIdling(transaction);
    AppendOutcome outcome = append(transaction, draft);
    if (outcome instanceof AppendOutcome.Stored stored) {
      restoreAndNote(transaction, settings, draft, stored.seq());
      return pending(new SendAck(draft.id(), conversation, stored.seq(), draft.createdAt(), false));
    }
    restore(transaction, settings);
    if (outcome instanceof AppendOutcome.Duplicate duplicate) {
      Message first = duplicate.first();
      return pending(new SendAck(first.id(), conversation, first.seq(), first.createdAt(), true));
    }
    if (outcome instanceof AppendOutcome.Conflict) {
      throw ChatException.conflict("this client message id was used before with other content");
    }
    if (outcome instanceof AppendOutcome.NoSuchMessage) {
      throw ChatException.badRequest("reply_to must be the seq of a message that exists");
    }
    throw ChatException.notFound("there is no conversation " + conversation + " of this user");
  }

  private NewMessage admit(UserId sender, ConversationId conversation, NewMessage message) {
    try {
      return engine.admit(sender, conversation, message).join();
    } catch (CompletionException refusal) {
      if (refusal.getCause() instanceof ChatException chat) {
        throw chat;
      }
      throw refusal;
    }
  }

  private PendingSend pending(SendAck ack) {
    return new PendingSend(engine, ack);
  }

  private static AppendOutcome append(Connection transaction, Draft draft) throws SQLException {
    try {
      return PostgresMessageStore.append(transaction, List.of(draft), LOCK_WAIT).get(0);
    } catch (SQLException fault) {
      if (PostgresErrors.isLockTimeout(fault)) {
        throw ChatException.busy(
            "another transaction holds conversation " + draft.conversation(),
            Duration.ofSeconds(1));
      }
      throw fault;
    }
  }

  private record Settings(String lockTimeout, String enableSeqscan) {
    /** As the first two parameters. */
    void bind(PreparedStatement statement) throws SQLException {
      statement.setString(1, lockTimeout);
      statement.setString(2, enableSeqscan);
    }
  }

  private Settings limitIdling(Connection transaction) throws SQLException {
    try (PreparedStatement statement = transaction.prepareStatement(SETTINGS)) {
      statement.setLong(1, idleLimit.toMillis());
      statement.setString(2, Long.toString(idleLimit.toMillis()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Settings(row.getString(1), row.getString(2));
      }
    }
  }

  private static void restore(Connection transaction, Settings settings) throws SQLException {
    try (PreparedStatement statement = transaction.prepareStatement(RESTORE)) {
      settings.bind(statement);
      statement.execute();
    }
  }

  private static void restoreAndNote(
      Connection transaction, Settings settings, Draft draft, long seq) throws SQLException {
    try (PreparedStatement statement = transaction.prepareStatement(RESTORE_AND_NOTE)) {
      settings.bind(statement);
      statement.setLong(3, draft.conversation().value());
      statement.setLong(4, seq);
      statement.setLong(5, draft.id().value());
      statement.execute();
    }
  }

  /** A message that is stored if and only if the transaction commits. Immutable. */
  public static final class PendingSend {
    private final ChatEngine engine;
    private final SendAck ack;

    private PendingSend(ChatEngine engine, SendAck ack) {
      this.engine = engine;
      this.ack = ack;
    }

    /** What the message will be once the transaction has committed. */
    public SendAck ack() {
      return ack;
    }

    /**
     * Hands the message to all connected members; call it after the commit. Does not block;
     * idempotent.
     *
     * @return whether there was such a message: false after a rollback, and before the commit
     */
    public CompletableFuture<Boolean> publish() {
      return engine.publishCommitted(ack.conversation(), ack.seq(), ack.messageId());
    }
  }
}
