package chat.engine.internal.conversation;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Refusals;
import chat.engine.internal.session.Session;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receipts on their way to the store: one thread, which moves as many in one transaction as have
 * queued up. Thread-safe.
 */
public final class ReceiptWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReceiptWriter.class);
  private static final int CAPACITY = 16_384;
  private static final int MAX_BATCH = 512;
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);

  /**
   * In a group with more members connected to one node, a receipt is shown to the user's own
   * devices only: everybody's receipt to everybody is the square of the members.
   */
  static final int MOST_RECIPIENTS = 256;

  private record Pending(
      ReceiptMove move, @Nullable Session session, CompletableFuture<Void> result) {}

  private final ConversationStore store;
  private final ConversationDirectory directory;
  private final ShardedFeeds feeds;
  private final Publisher publisher;
  private final Executor answers;
  private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>(CAPACITY);
  private final Thread thread;
  private volatile boolean closed;

  public ReceiptWriter(
      ConversationStore store,
      ConversationDirectory directory,
      ShardedFeeds feeds,
      Publisher publisher,
      Executor answers) {
    this.store = store;
    this.directory = directory;
    this.feeds = feeds;
    this.publisher = publisher;
    this.answers = answers;
    this.thread = Threads.named("receipts").newThread(this::run);
    thread.start();
  }

  public CompletableFuture<Void> submit(
      ConversationId conversation,
      UserId user,
      ReceiptKind kind,
      long seq,
      @Nullable Session session) {
    Pending pending =
        new Pending(
            new ReceiptMove(conversation, user, kind, seq), session, new CompletableFuture<>());
    if (closed) {
      pending.result().completeExceptionally(Refusals.closing());
    } else if (!queue.offer(pending)) {
      pending
          .result()
          .completeExceptionally(ChatException.busy("too many receipts wait", RETRY_AFTER));
    }
    return pending.result();
  }

  private void run() {
    List<Pending> batch = new ArrayList<>(MAX_BATCH);
    while (!closed) {
      try {
        batch.add(queue.take());
      } catch (InterruptedException endOfEngine) {
        continue; // the loop looks at closed
      }
      queue.drainTo(batch, MAX_BATCH - 1);
      try {
        move(batch);
      } catch (RuntimeException | Error fault) {
        Threads.outlived(fault);
        log.debug("{} receipts failed", batch.size(), fault);
        ChatException refusal = Errors.toChatException(fault);
        batch.forEach(
            pending -> answers.execute(() -> pending.result().completeExceptionally(refusal)));
      }
      batch.clear();
    }
  }

  private void move(List<Pending> batch) {
    List<ReceiptOutcome> outcomes = store.moveReceipts(batch.stream().map(Pending::move).toList());
    for (int i = 0; i < outcomes.size(); i++) {
      Pending pending = batch.get(i);
      ReceiptMove move = pending.move();
      switch (outcomes.get(i)) {
        case MOVED -> {
          announce(move, pending.session());
          answers.execute(() -> pending.result().complete(null));
        }
        case UNCHANGED -> answers.execute(() -> pending.result().complete(null));
        case NOT_MEMBER -> refuse(pending, Refusals.noSuchConversation(move.conversation()));
        case BEYOND_LAST ->
            refuse(
                pending,
                ChatException.badRequest(
                    "conversation "
                        + move.conversation()
                        + " has no message "
                        + move.seq()
                        + " yet"));
      }
    }
  }

  private void refuse(Pending pending, ChatException refusal) {
    answers.execute(() -> pending.result().completeExceptionally(refusal));
  }

  private void announce(ReceiptMove move, @Nullable Session session) {
    ConversationDirectory.Entry entry = directory.lookUp(move.conversation());
    if (entry != null) {
      Conversation conversation = entry.conversation();
      show(feeds, conversation, move.user(), move.kind(), move.seq(), session);
      publisher.publishEphemeral(
          Topics.of(conversation),
          new Envelope.Receipt(conversation, move.user(), move.kind(), move.seq()));
    }
  }

  /** Shows a receipt, of this or another node, to the members that are connected here. */
  public static void show(
      ShardedFeeds feeds,
      Conversation conversation,
      UserId user,
      ReceiptKind kind,
      long seq,
      @Nullable Session except) {
    ReceiptMoved event = new ReceiptMoved(conversation.id(), user, kind, seq);
    feeds.ephemeral(conversation, event, except, MOST_RECIPIENTS, user);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    List<Pending> left = new ArrayList<>();
    queue.drainTo(left);
    left.forEach(pending -> pending.result().completeExceptionally(Refusals.closing()));
  }
}
