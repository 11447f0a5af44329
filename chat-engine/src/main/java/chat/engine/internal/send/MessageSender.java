package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.hook.HookRunner;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Futures;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.spi.ConversationStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The way of a send from the caller to the pipeline: its limits, and the application's hook if
 * there is one. Thread-safe; blocks on the store threads only.
 */
public final class MessageSender {
  private final ConversationStore conversations;
  private final StoreThreads reads;
  private final CommitPipeline pipeline;
  private final ConversationDirectory directory;
  private final HookRunner hooks;
  private final EngineOptions options;

  /**
   * The last send of each line that went through a hook; a line is a sender's way to a
   * conversation.
   */
  private final Map<Line, CompletableFuture<?>> hookLines = new ConcurrentHashMap<>();

  private record Line(UserId sender, ConversationId conversation) {}

  public MessageSender(
      ConversationStore conversations,
      StoreThreads reads,
      CommitPipeline pipeline,
      ConversationDirectory directory,
      HookRunner hooks,
      EngineOptions options) {
    this.conversations = conversations;
    this.reads = reads;
    this.pipeline = pipeline;
    this.directory = directory;
    this.hooks = hooks;
    this.options = options;
  }

  public CompletableFuture<SendAck> send(
      UserId sender, @Nullable Session session, ConversationId conversation, NewMessage message) {
    try {
      message.requireTextWithin(options.maxTextBytes());
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    long hash = message.contentHash();
    if (session != null) {
      session.sendBegins(conversation, message.clientMessageId());
    }
    if (!hooks.hasSendHook() || sender.isSystem()) {
      return submit(sender, session, conversation, message, hash);
    }
    return sendThroughHook(sender, session, conversation, message, hash);
  }

  /** What {@link #send} would store. */
  public CompletableFuture<NewMessage> admit(
      UserId sender, ConversationId conversation, NewMessage message) {
    try {
      message.requireTextWithin(options.maxTextBytes());
    } catch (ChatException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return hooks.hasSendHook() && !sender.isSystem()
        ? askHook(sender, conversation, message)
        : CompletableFuture.completedFuture(message);
  }

  private CompletableFuture<SendAck> submit(
      UserId sender,
      @Nullable Session session,
      ConversationId conversation,
      NewMessage message,
      long hash) {
    long deadline = System.nanoTime() + options.sendTimeout().toNanos();
    return pipeline.submit(new PendingSend(sender, session, conversation, message, hash, deadline));
  }

  /**
   * Asks the hook about one send of a line after the other, so that they reach their lane in order.
   */
  private CompletableFuture<SendAck> sendThroughHook(
      UserId sender,
      @Nullable Session session,
      ConversationId conversation,
      NewMessage message,
      long hash) {
    Line line = new Line(sender, conversation);
    CompletableFuture<SendAck> answer = new CompletableFuture<>();
    CompletableFuture<?> tail =
        hookLines.compute(
            line,
            (key, before) -> {
              CompletableFuture<?> ready =
                  before == null ? CompletableFuture.completedFuture(null) : before;
              return ready
                  .handle((done, fault) -> null)
                  .thenCompose(next -> askHook(sender, conversation, message))
                  .handle(
                      (allowed, refusal) -> {
                        CompletableFuture<SendAck> sent;
                        if (refusal != null) {
                          sent =
                              refused(
                                  session, conversation, message, Errors.toChatException(refusal));
                        } else {
                          sent = submit(sender, session, conversation, allowed, hash);
                        }
                        return sent.whenComplete((ack, fault) -> Futures.relay(ack, fault, answer));
                      });
            });
    tail.whenComplete((done, fault) -> hookLines.remove(line, tail));
    return answer;
  }

  private CompletableFuture<NewMessage> askHook(
      UserId sender, ConversationId id, NewMessage message) {
    return reads
        .submit(
            () -> {
              ConversationDirectory.Entry entry = directory.lookUp(id);
              if (entry == null || conversations.member(id, sender).isEmpty()) {
                throw Errors.noSuchConversation(id);
              }
              return entry.conversation();
            })
        .thenCompose(conversation -> hooks.onSend(sender, conversation, message))
        .thenApply(
            allowed -> {
              allowed.requireTextWithin(options.maxTextBytes());
              return allowed.clientMessageId().equals(message.clientMessageId())
                  ? allowed
                  : new NewMessage(
                      message.clientMessageId(),
                      allowed.text(),
                      allowed.replyTo(),
                      allowed.mentions(),
                      allowed.attributes());
            });
  }

  private static CompletableFuture<SendAck> refused(
      @Nullable Session session,
      ConversationId conversation,
      NewMessage message,
      ChatException refusal) {
    if (session != null) {
      session.sendFailed(conversation, message.clientMessageId());
    }
    return CompletableFuture.failedFuture(refusal);
  }
}
