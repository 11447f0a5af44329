package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.hook.SendHook;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.hook.HookRunner;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.Lines;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.send.pending.Originals;
import chat.engine.internal.send.pending.PendingChange;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.spi.ConversationStore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends and edits that wait for the application's hook. The hook is asked about one of a line after
 * the other, a line being a sender's way to a conversation, so they reach their lane in order.
 * Bounded in number and bytes; full means {@code busy}. Thread-safe; blocks on the store threads
 * only.
 */
public final class HookQueue {
  static final long MAX_BYTES = 64L << 20;
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);

  private record Line(UserId sender, ConversationId conversation) {}

  private final ConversationStore conversations;
  private final ConversationDirectory directory;
  private final StoreThreads reads;
  private final @Nullable SendHook hook;
  private final Originals originals;
  private final HookRunner hookCalls;
  private final CommitPipeline pipeline;
  private final Metrics metrics;
  private final int maxTextBytes;
  private final Lines<Line, PendingWrite> lines;

  /**
   * @param hook null for none
   */
  public HookQueue(
      ConversationStore conversations,
      Originals originals,
      ConversationDirectory directory,
      StoreThreads reads,
      @Nullable SendHook hook,
      HookRunner hookCalls,
      CommitPipeline pipeline,
      EngineOptions options,
      Metrics metrics) {
    this.conversations = conversations;
    this.originals = originals;
    this.directory = directory;
    this.reads = reads;
    this.hook = hook;
    this.hookCalls = hookCalls;
    this.pipeline = pipeline;
    this.metrics = metrics;
    this.maxTextBytes = options.count(Limit.MAX_TEXT_BYTES);
    this.lines =
        new Lines<>(
            options.count(Limit.MAX_PENDING_HOOK_CALLS),
            MAX_BYTES,
            PendingWrite::weight,
            this::pass);
    metrics.gauge("hook_sends_pending", lines::size);
  }

  /** Whether the hook is asked about what this user sends. */
  boolean applyTo(UserId sender) {
    return hook != null && !sender.isSystem();
  }

  /** Takes a send or an edit that is pending; it goes to the pipeline if the hook allows it. */
  void add(PendingWrite send) {
    if (!lines.add(new Line(send.actor(), send.conversation()), send)) {
      metrics.count(Metrics.Counter.HOOK_SENDS_REFUSED);
      send.fail(ChatException.busy("too many sends wait for the send hook", RETRY_AFTER));
    }
  }

  /** Completes when the write is with the pipeline, or has its answer. */
  private CompletableFuture<?> pass(PendingWrite write) {
    if (write.isAnswered()) {
      return CompletableFuture.completedFuture(null);
    }
    pipeline.allowTime(write, hookCalls.deadline());
    return allowed(write)
        .handle(
            (done, refusal) -> {
              if (refusal != null) {
                write.fail(Errors.toChatException(refusal));
              } else {
                pipeline.submit(write);
              }
              return null;
            });
  }

  /** Completes when the write is as the hook allows it. */
  private CompletableFuture<?> allowed(PendingWrite write) {
    if (write instanceof PendingSend send) {
      return send.wantsOriginal()
          ? reads.run(() -> originals.find(List.of(send))).thenCompose(found -> allowed(send))
          : allowed(send);
    }
    if (write instanceof PendingChange change && change.content() != null) {
      MessageEdit edit = change.content();
      return ask(change.actor(), change.conversation(), change.seq(), edit)
          .thenAccept(change::replace);
    }
    return CompletableFuture.completedFuture(write); // a deletion says nothing
  }

  /** A forward of nothing that its sender can read says nothing, and is refused by the store. */
  private CompletableFuture<?> allowed(PendingSend send) {
    return send.message().lacksOriginal()
        ? CompletableFuture.completedFuture(send)
        : ask(send.actor(), send.conversation(), send.message()).thenAccept(send::replace);
  }

  /** What the hook makes of an edit, if its author is a member at all. */
  CompletableFuture<MessageEdit> ask(UserId author, ConversationId id, long seq, MessageEdit edit) {
    SendHook asked = hook;
    if (asked == null) {
      return CompletableFuture.completedFuture(edit);
    }
    return conversationOf(author, id)
        .thenCompose(conversation -> ask(author, conversation, seq, edit));
  }

  /** What the hook makes of an edit of a member. */
  CompletableFuture<MessageEdit> ask(
      UserId author, Conversation conversation, long seq, MessageEdit edit) {
    SendHook asked = hook;
    if (asked == null) {
      return CompletableFuture.completedFuture(edit);
    }
    return hookCalls
        .call(() -> asked.onEdit(author, conversation, seq, edit))
        .thenApply(
            allowed -> {
              allowed.requireTextWithin(maxTextBytes);
              return allowed;
            });
  }

  /** What the hook makes of a message, if the sender is a member at all. */
  CompletableFuture<NewMessage> ask(UserId sender, ConversationId id, NewMessage message) {
    SendHook asked = hook;
    if (asked == null) {
      return CompletableFuture.completedFuture(message);
    }
    return conversationOf(sender, id)
        .thenCompose(conversation -> ask(sender, conversation, message));
  }

  private CompletableFuture<Conversation> conversationOf(UserId member, ConversationId id) {
    return reads.submit(
        () -> {
          ConversationDirectory.Entry entry = directory.lookUp(id);
          if (entry == null || conversations.member(id, member).isEmpty()) {
            throw Errors.noSuchConversation(id);
          }
          return entry.conversation();
        });
  }

  /** What the hook makes of a message of a member. */
  CompletableFuture<NewMessage> ask(UserId sender, Conversation conversation, NewMessage message) {
    SendHook asked = hook;
    if (asked == null) {
      return CompletableFuture.completedFuture(message);
    }
    return hookCalls
        .call(() -> asked.onSend(sender, conversation, message))
        .thenApply(
            allowed -> {
              allowed.requireTextWithin(maxTextBytes);
              return allowed.clientMessageId().equals(message.clientMessageId())
                      && Objects.equals(allowed.forwardOf(), message.forwardOf())
                  ? allowed
                  : new NewMessage(
                      message.clientMessageId(),
                      allowed.text(),
                      allowed.replyTo(),
                      allowed.mentions(),
                      allowed.attributes(),
                      message.forwardOf(),
                      allowed.attachments());
            });
  }
}
