package chat.engine.internal.send;

import chat.engine.ChangeAck;
import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.PinAck;
import chat.engine.ReactionAck;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingChange;
import chat.engine.internal.send.pending.PendingPin;
import chat.engine.internal.send.pending.PendingReaction;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.internal.session.Session;
import chat.engine.spi.Edit;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The way of a send from the caller to the pipeline: its limits, and the application's hook if
 * there is one. Thread-safe, does not block.
 */
public final class MessageSender {
  private final CommitPipeline pipeline;
  private final HookQueue hooks;
  private final Executor answers;
  private final int maxTextBytes;
  private final boolean keepsVersions;

  /**
   * @param answers completes what the application holds
   */
  public MessageSender(
      CommitPipeline pipeline, HookQueue hooks, Executor answers, EngineOptions options) {
    this.pipeline = pipeline;
    this.hooks = hooks;
    this.answers = answers;
    this.maxTextBytes = options.count(Limit.MAX_TEXT_BYTES);
    this.keepsVersions = options.editHistory();
  }

  public CompletableFuture<SendAck> send(
      UserId sender, @Nullable Session session, ConversationId conversation, NewMessage message) {
    try {
      message.requireTextWithin(maxTextBytes);
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    PendingSend.Listener listener = PendingSend.Listener.NONE;
    if (session != null) {
      listener = new EchoNotes(session, conversation, message.clientMessageId());
      session.sendBegins(conversation, message.clientMessageId());
    }
    PendingSend send = new PendingSend(sender, conversation, message, listener, answers);
    if (pipeline.enter(send)) {
      if (hooks.applyTo(sender)) {
        hooks.add(send);
      } else {
        pipeline.submit(send);
      }
    }
    return send.result();
  }

  /** Brings a message into another state: edits it, or deletes it. */
  public CompletableFuture<ChangeAck> change(
      UserId actor, ConversationId conversation, long seq, @Nullable MessageEdit content) {
    try {
      if (content != null) {
        admit(content);
      }
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    PendingChange change =
        new PendingChange(actor, conversation, seq, content, keepsVersions, answers);
    if (pipeline.enter(change)) {
      if (content != null && hooks.applyTo(actor)) {
        hooks.add(change);
      } else {
        pipeline.submit(change);
      }
    }
    return change.result();
  }

  /**
   * Reacts to a message, or takes that back.
   *
   * @param session that the acknowledgement goes to instead of the event; null for none
   */
  public CompletableFuture<ReactionAck> react(
      UserId actor,
      @Nullable Session session,
      ConversationId conversation,
      long seq,
      Emoji emoji,
      boolean on) {
    PendingReaction.Listener listener =
        session == null
            ? PendingReaction.Listener.NONE
            : rev -> session.reactionAcknowledged(conversation, rev);
    PendingReaction reaction =
        new PendingReaction(actor, conversation, seq, emoji, on, listener, answers);
    if (pipeline.enter(reaction)) {
      pipeline.submit(reaction);
    }
    return reaction.result();
  }

  /** Pins a message or, if {@code on} is false, unpins it. */
  public CompletableFuture<PinAck> pin(
      UserId actor, ConversationId conversation, long seq, boolean on) {
    PendingPin pin = new PendingPin(actor, conversation, seq, on, answers);
    if (pipeline.enter(pin)) {
      pipeline.submit(pin);
    }
    return pin.result();
  }

  /** Whether the hook has a say in what this user sends. */
  public boolean asksHook(UserId sender) {
    return hooks.applyTo(sender);
  }

  /**
   * For messages that are stored in another way: applies the limits.
   *
   * @throws ChatException with {@code TOO_LARGE}
   */
  public NewMessage admit(NewMessage message) {
    message.requireTextWithin(maxTextBytes);
    return message;
  }

  /**
   * For edits that are stored in another way: applies the limits.
   *
   * @throws ChatException with {@code TOO_LARGE}
   */
  public MessageEdit admit(MessageEdit content) {
    content.requireTextWithin(maxTextBytes);
    return content;
  }

  /**
   * For edits that are stored in another way: applies the limits, and the hook.
   *
   * @param author known to be a member
   * @return what to store; or fails as an edit does
   */
  public CompletableFuture<MessageEdit> admit(
      UserId author, Conversation conversation, long seq, MessageEdit content) {
    try {
      admit(content);
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return hooks.applyTo(author)
        ? hooks
            .ask(author, conversation, seq, content)
            .thenApply(allowed -> allowed.onlyWhile(content.onlyWhile()))
        : CompletableFuture.completedFuture(content);
  }

  /** An edit that is stored in another way. */
  public Edit edit(
      ConversationId conversation, long seq, UserId actor, MessageEdit content, Instant now) {
    return new Edit(conversation, seq, actor, content, now, keepsVersions);
  }

  /**
   * For messages that are stored in another way: applies the limits, and the hook.
   *
   * @param sender known to be a member
   * @return what to store, under the same client message id; or fails as a send does
   */
  public CompletableFuture<NewMessage> admit(
      UserId sender, Conversation conversation, NewMessage message) {
    try {
      admit(message);
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return hooks.applyTo(sender)
        ? hooks.ask(sender, conversation, message)
        : CompletableFuture.completedFuture(message);
  }

  /** Tells a session what became of its send, so that the acknowledgement replaces the event. */
  private record EchoNotes(
      Session session, ConversationId conversation, ClientMessageId clientMessageId)
      implements PendingSend.Listener {
    @Override
    public void acknowledged(long seq) {
      session.sendAcknowledged(conversation, clientMessageId, seq);
    }

    @Override
    public void failed() {
      session.sendFailed(conversation, clientMessageId);
    }
  }
}
