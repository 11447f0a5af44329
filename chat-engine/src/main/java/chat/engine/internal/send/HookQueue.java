package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.hook.SendHookRunner;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.ConversationStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends that wait for the application's hook. The hook is asked about one send of a line after the
 * other, a line being a sender's way to a conversation, so they reach their lane in order. Bounded
 * in number and bytes; full means {@code busy}. Thread-safe; blocks on the store threads only.
 */
public final class HookQueue {
  static final long MAX_BYTES = 64L << 20;
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);

  private record Line(UserId sender, ConversationId conversation) {}

  private final ConversationStore conversations;
  private final ConversationDirectory directory;
  private final StoreThreads reads;
  private final SendHookRunner hook;
  private final CommitPipeline pipeline;
  private final Metrics metrics;
  private final int maxTextBytes;
  private final int capacity;

  // All below is guarded by this.
  private final Map<Line, ArrayDeque<PendingSend>> lines = new HashMap<>();
  private int size;
  private long bytes;

  public HookQueue(
      ConversationStore conversations,
      ConversationDirectory directory,
      StoreThreads reads,
      SendHookRunner hook,
      CommitPipeline pipeline,
      EngineOptions options,
      Metrics metrics) {
    this.conversations = conversations;
    this.directory = directory;
    this.reads = reads;
    this.hook = hook;
    this.pipeline = pipeline;
    this.metrics = metrics;
    this.maxTextBytes = options.maxTextBytes();
    this.capacity = options.maxPendingHookSends();
    metrics.gauge("hook_sends_pending", this::size);
  }

  /** Whether the hook is asked about what this user sends. */
  boolean applyTo(UserId sender) {
    return hook.isSet() && !sender.isSystem();
  }

  synchronized int size() {
    return size;
  }

  /** Takes a send that is pending; it goes to the pipeline if the hook allows it. */
  void add(PendingSend send) {
    Line line = new Line(send.sender(), send.conversation());
    boolean isFirst;
    synchronized (this) {
      if (size >= capacity || bytes + send.weight() > MAX_BYTES) {
        isFirst = false;
      } else {
        size++;
        bytes += send.weight();
        ArrayDeque<PendingSend> waiting = lines.get(line);
        isFirst = waiting == null;
        if (waiting != null) {
          waiting.addLast(send);
          return;
        }
        lines.put(line, new ArrayDeque<>());
      }
    }
    if (isFirst) {
      work(line, send);
    } else {
      metrics.count(Metrics.Counter.HOOK_SENDS_REFUSED);
      send.fail(ChatException.busy("too many sends wait for the send hook", RETRY_AFTER));
    }
  }

  /** Takes a line through the hook until a call is under way, which then goes on with it. */
  private void work(Line line, PendingSend first) {
    PendingSend send = first;
    while (send != null) {
      PendingSend current = send;
      CompletableFuture<?> passed = pass(current);
      if (!passed.isDone()) {
        passed.whenComplete(
            (done, fault) -> {
              PendingSend next = next(line, current);
              if (next != null) {
                work(line, next);
              }
            });
        return;
      }
      send = next(line, current);
    }
  }

  private synchronized @Nullable PendingSend next(Line line, PendingSend passed) {
    size--;
    bytes -= passed.weight();
    ArrayDeque<PendingSend> waiting = lines.get(line);
    PendingSend next = waiting == null ? null : waiting.pollFirst();
    if (next == null) {
      lines.remove(line);
    }
    return next;
  }

  /** Completes when the send is with the pipeline, or has its answer. */
  private CompletableFuture<?> pass(PendingSend send) {
    if (send.isAnswered()) {
      return CompletableFuture.completedFuture(null);
    }
    pipeline.allowTime(send, hook.deadline());
    return ask(send.sender(), send.conversation(), send.message())
        .handle(
            (allowed, refusal) -> {
              if (refusal != null) {
                send.fail(Errors.toChatException(refusal));
              } else {
                send.replace(allowed);
                pipeline.submit(send);
              }
              return null;
            });
  }

  /** What the hook makes of a message, if the sender is a member at all. */
  CompletableFuture<NewMessage> ask(UserId sender, ConversationId id, NewMessage message) {
    return reads
        .submit(
            () -> {
              ConversationDirectory.Entry entry = directory.lookUp(id);
              if (entry == null || conversations.member(id, sender).isEmpty()) {
                throw Errors.noSuchConversation(id);
              }
              return entry.conversation();
            })
        .thenCompose(conversation -> ask(sender, conversation, message));
  }

  /** What the hook makes of a message of a member. */
  CompletableFuture<NewMessage> ask(UserId sender, Conversation conversation, NewMessage message) {
    return hook.onSend(sender, conversation, message)
        .thenApply(
            allowed -> {
              allowed.requireTextWithin(maxTextBytes);
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
}
