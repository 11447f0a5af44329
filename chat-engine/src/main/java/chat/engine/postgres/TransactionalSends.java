package chat.engine.postgres;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.IdGenerator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletionStage;

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
 * <p>From the send to the end of the transaction the conversation is locked: other sends to it
 * wait, up to the engine's send time-out, so keep the transaction short. Sends to all other
 * conversations go on. If {@code publish} is forgotten, or the process dies before it, an engine of
 * the cluster publishes the message a few seconds after the commit.
 *
 * <p>Thread-safe; blocks as JDBC does.
 */
public final class TransactionalSends {
  private static final Duration LOCK_WAIT = Duration.ofSeconds(5);
  private static final String NOTE =
      "INSERT INTO chat_outbox (conversation_id, seq, message_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

  private final ChatEngine engine;
  private final IdGenerator ids;

  /**
   * @param engine publishes; of the cluster whose {@link PostgresMessageStore} is in the
   *     application's database
   * @param ids gives the ids of the messages
   */
  public TransactionalSends(ChatEngine engine, IdGenerator ids) {
    this.engine = engine;
    this.ids = ids;
  }

  /**
   * Stores a message in the transaction that is open on the connection. Sets {@code lock_timeout}
   * (5 s) and {@code enable_seqscan} for the rest of this transaction and restores them before it
   * returns.
   *
   * @param transaction with auto-commit off; is neither committed nor closed here
   * @param sender a member of the conversation, or {@link UserId#SYSTEM}
   * @throws ChatException with {@code NOT_FOUND}, {@code CONFLICT} or {@code BUSY} (another
   *     transaction holds the conversation) as for any send; then nothing was stored, and with
   *     {@code BUSY} the transaction is aborted as after any SQL error
   * @throws SQLException as JDBC throws it; the transaction is aborted
   * @throws IllegalStateException if the connection commits by itself
   */
  public PendingSend send(
      Connection transaction, UserId sender, ConversationId conversation, NewMessage message)
      throws SQLException {
    if (transaction.getAutoCommit()) {
      throw new IllegalStateException(
          "a send inside a transaction needs a connection with auto-commit off");
    }
    Draft draft =
        new Draft(
            MessageId.of(ids.next(1)[0]),
            conversation,
            sender,
            message.clientMessageId(),
            message.contentHash(),
            message.text(),
            message.replyTo(),
            message.mentions(),
            message.attributes(),
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            Draft.UNVERIFIED);
    AppendOutcome outcome = append(transaction, draft);
    if (outcome instanceof AppendOutcome.Stored stored) {
      note(transaction, draft, stored.seq());
      return pending(new SendAck(draft.id(), conversation, stored.seq(), draft.createdAt(), false));
    }
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

  private PendingSend pending(SendAck ack) {
    return new PendingSend(engine, ack);
  }

  private static AppendOutcome append(Connection transaction, Draft draft) throws SQLException {
    try {
      AppendOutcome outcome =
          PostgresMessageStore.append(transaction, List.of(draft), LOCK_WAIT).get(0);
      try (PreparedStatement reset =
          transaction.prepareStatement(
              "SET LOCAL lock_timeout TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT")) {
        reset.execute();
      }
      return outcome;
    } catch (SQLException fault) {
      if (PostgresErrors.isLockTimeout(fault)) {
        throw ChatException.busy(
            "another transaction holds conversation " + draft.conversation(),
            Duration.ofSeconds(1));
      }
      throw fault;
    }
  }

  private static void note(Connection transaction, Draft draft, long seq) throws SQLException {
    try (PreparedStatement statement = transaction.prepareStatement(NOTE)) {
      statement.setLong(1, draft.conversation().value());
      statement.setLong(2, seq);
      statement.setLong(3, draft.id().value());
      statement.executeUpdate();
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
    public CompletionStage<Boolean> publish() {
      return engine.publishCommitted(ack.conversation(), ack.seq(), ack.messageId());
    }
  }
}
