package chat.engine.internal.conversation;

import static java.util.stream.Collectors.toSet;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.session.Session;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Receipts on their way to the store: one thread, which moves as many in one transaction as have
 * queued up. Thread-safe.
 */
public final class ReceiptWriter implements AutoCloseable {
  private static final int MAX_BATCH = 512;
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);

  private record Pending(
      ReceiptMove move, @Nullable Session session, CompletableFuture<Void> result) {}

  private final ConversationStore store;
  private final Announcer announcer;
  private final BatchWorker<Pending> worker;

  /**
   * @param capacity receipts that may wait; more are refused
   */
  public ReceiptWriter(ConversationStore store, Announcer announcer, int capacity) {
    this.store = store;
    this.announcer = announcer;
    this.worker =
        new BatchWorker<>(Threads.named("receipts"), capacity, MAX_BATCH, this::move, this::fail);
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
    if (!worker.offer(pending)) {
      refuse(pending, ChatException.busy("too many receipts wait", RETRY_AFTER));
    }
    return pending.result();
  }

  private void fail(List<Pending> batch, Throwable fault) {
    ChatException refusal =
        fault instanceof InterruptedException ? Errors.closing() : Errors.toChatException(fault);
    batch.forEach(pending -> refuse(pending, refusal));
  }

  private void move(List<Pending> batch) {
    List<ReceiptOutcome> outcomes = store.moveReceipts(batch.stream().map(Pending::move).toList());
    List<Pending> moved = new ArrayList<>(batch.size());
    for (int i = 0; i < outcomes.size(); i++) {
      Pending pending = batch.get(i);
      ReceiptMove move = pending.move();
      switch (outcomes.get(i)) {
        case MOVED -> {
          moved.add(pending);
          pending.result().complete(null);
        }
        case UNCHANGED -> pending.result().complete(null);
        case NOT_MEMBER -> refuse(pending, Errors.noSuchConversation(move.conversation()));
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
    announce(moved); // last: what is committed is answered, whatever happens here
  }

  private void refuse(Pending pending, ChatException refusal) {
    pending.result().completeExceptionally(refusal);
  }

  /** Reads the membership after the commit: who is removed by then is shown nothing. */
  private void announce(List<Pending> moved) {
    Map<ConversationId, ConversationStore.Found> found =
        store.find(moved.stream().map(pending -> pending.move().conversation()).collect(toSet()));
    for (Pending pending : moved) {
      ReceiptMove move = pending.move();
      ConversationStore.Found now = found.get(move.conversation());
      if (now != null) {
        announcer.receiptMoved(
            now.conversation(),
            now.rev(),
            new ReceiptMoved(move.conversation(), move.user(), move.kind(), move.seq()),
            pending.session());
      }
    }
  }

  /** Refuses what waits. */
  @Override
  public void close() {
    worker.close();
  }
}
