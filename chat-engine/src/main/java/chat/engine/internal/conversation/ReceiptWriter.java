package chat.engine.internal.conversation;

import static java.util.stream.Collectors.toSet;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.privacy.HiddenReads;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.session.Session;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.MemberEdit;
import chat.engine.spi.ConversationStore.PreferencesOutcome;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Receipts and changes of preferences on their way to the store, in one line, since a read ends a
 * mark as unread: one thread, which makes as many of a kind in one transaction as have queued up
 * one after another. Thread-safe.
 */
public final class ReceiptWriter implements AutoCloseable {
  private static final int MAX_BATCH = 512;
  private static final Duration RETRY_AFTER = Duration.ofMillis(250);
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private sealed interface Pending {
    CompletableFuture<?> result();
  }

  private record PendingMove(
      ReceiptMove move, @Nullable Session session, CompletableFuture<Void> result)
      implements Pending {}

  private record PendingEdit(
      MemberEdit edit, @Nullable Session session, CompletableFuture<Preferences> result)
      implements Pending {}

  private final ConversationStore store;
  private final HiddenReads hiddenReads;
  private final Announcer announcer;
  private final BatchWorker<Pending> worker;

  /**
   * @param capacity receipts and changes that may wait; more are refused
   */
  public ReceiptWriter(
      ConversationStore store, HiddenReads hiddenReads, Announcer announcer, int capacity) {
    this.store = store;
    this.hiddenReads = hiddenReads;
    this.announcer = announcer;
    this.worker =
        new BatchWorker<>(Threads.named("receipts"), capacity, MAX_BATCH, this::write, this::fail);
  }

  public CompletableFuture<Void> submit(
      ConversationId conversation,
      UserId user,
      ReceiptKind kind,
      long seq,
      @Nullable Session session) {
    PendingMove pending =
        new PendingMove(
            new ReceiptMove(conversation, user, kind, seq), session, new CompletableFuture<>());
    offer(pending);
    return pending.result();
  }

  /**
   * @param session that need not be told; null for none
   */
  public CompletableFuture<Preferences> submit(
      ConversationId conversation, UserId user, PreferencesEdit edit, @Nullable Session session) {
    PendingEdit pending =
        new PendingEdit(
            new MemberEdit(conversation, user, edit), session, new CompletableFuture<>());
    offer(pending);
    return pending.result();
  }

  private void offer(Pending pending) {
    if (!worker.offer(pending)) {
      refuse(pending, ChatException.busy("too many receipts wait", RETRY_AFTER));
    }
  }

  private void fail(List<Pending> batch, Throwable fault) {
    ChatException refusal =
        fault instanceof InterruptedException ? Errors.closing() : Errors.toChatException(fault);
    batch.forEach(pending -> refuse(pending, refusal)); // those that are answered stay so
  }

  /** In order: as many of a kind as follow each other at a time. */
  private void write(List<Pending> batch) {
    List<PendingMove> moves = new ArrayList<>();
    List<PendingEdit> edits = new ArrayList<>();
    for (Pending pending : batch) {
      if (pending instanceof PendingMove move) {
        edit(edits);
        moves.add(move);
      } else if (pending instanceof PendingEdit edit) {
        move(moves);
        edits.add(edit);
      }
    }
    move(moves);
    edit(edits);
  }

  // ---- receipts

  private void move(List<PendingMove> batch) {
    if (batch.isEmpty()) {
      return;
    }
    List<ReceiptOutcome> outcomes =
        store.moveReceipts(batch.stream().map(PendingMove::move).toList());
    List<PendingMove> moved = new ArrayList<>(batch.size());
    Map<ConversationId, Set<UserId>> markEnded = new HashMap<>();
    for (int i = 0; i < outcomes.size(); i++) {
      PendingMove pending = batch.get(i);
      ReceiptMove move = pending.move();
      switch (outcomes.get(i)) {
        case MOVED -> {
          moved.add(pending);
          pending.result().complete(null);
        }
        case MARK_ENDED -> {
          moved.add(pending);
          markEnded.computeIfAbsent(move.conversation(), none -> new HashSet<>()).add(move.user());
          pending.result().complete(null);
        }
        case UNCHANGED -> pending.result().complete(null);
        case NOT_MEMBER -> refuse(pending, Errors.noSuchConversation(move.conversation()));
        case BLOCKED_BY_MEMBER -> refuse(pending, Errors.blocked(true));
        case BLOCKED_BY_PEER -> refuse(pending, Errors.blocked(false));
        case BEYOND_LAST -> refuse(pending, beyondLast(move.conversation(), move.seq()));
      }
    }
    batch.clear();
    announceMoved(moved); // last: what is committed is answered, whatever happens here
    if (!markEnded.isEmpty()) {
      announce(store.receipts(markEnded), null);
    }
  }

  /**
   * Reads the membership and the privacy after the commit: who is removed by then is shown nothing,
   * and who hides by then shows nothing.
   */
  private void announceMoved(List<PendingMove> moved) {
    Map<ConversationId, ConversationStore.Found> found =
        store.find(moved.stream().map(pending -> pending.move().conversation()).collect(toSet()));
    Set<UserId> hiding =
        hiddenReads.among(moved.stream().map(pending -> pending.move().user()).collect(toSet()));
    for (PendingMove pending : moved) {
      ConversationStore.Found now = found.get(pending.move().conversation());
      if (now != null) {
        announce(now, pending, hiding.contains(pending.move().user()));
      }
    }
  }

  /**
   * @param hidden whether others may not see how far the user has read: that it has reached the
   *     user they see
   */
  private void announce(ConversationStore.Found now, PendingMove pending, boolean hidden) {
    ReceiptMove move = pending.move();
    ReceiptMoved moved =
        new ReceiptMoved(move.conversation(), move.user(), move.kind(), move.seq());
    if (hidden && move.kind() == ReceiptKind.READ) {
      announcer.ownRead(now.conversation(), now.rev(), moved, pending.session());
      moved = new ReceiptMoved(move.conversation(), move.user(), ReceiptKind.RECEIVED, move.seq());
    }
    announcer.receiptMoved(now.conversation(), now.rev(), moved, pending.session());
  }

  // ---- preferences

  private void edit(List<PendingEdit> batch) {
    if (batch.isEmpty()) {
      return;
    }
    List<PreferencesOutcome> outcomes =
        store.setPreferences(batch.stream().map(PendingEdit::edit).toList());
    List<PendingEdit> answered = List.copyOf(batch);
    batch.clear();
    for (int i = 0; i < outcomes.size(); i++) {
      answer(answered.get(i), outcomes.get(i));
    }
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof PreferencesOutcome.Done done && done.changed()) {
        announce(List.of(done.now()), answered.get(i).session());
      }
    }
  }

  private static void answer(PendingEdit pending, PreferencesOutcome outcome) {
    MemberEdit edit = pending.edit();
    if (outcome instanceof PreferencesOutcome.Done done) {
      pending.result().complete(done.now().preferences());
    } else if (outcome instanceof PreferencesOutcome.NotMember) {
      refuse(pending, Errors.noSuchConversation(edit.conversation()));
    } else if (outcome instanceof PreferencesOutcome.BeyondLast) {
      refuse(pending, beyondLast(edit.conversation(), edit.edit().unreadFrom()));
    } else if (outcome instanceof PreferencesOutcome.TooManyPinned) {
      refuse(
          pending,
          ChatException.tooLarge(
              "at most " + Preferences.MAX_PINNED + " conversations can be pinned"));
    }
  }

  private void announce(List<Receipt> changed, @Nullable Session except) {
    Map<ConversationId, ConversationStore.Found> found =
        store.find(changed.stream().map(Receipt::conversation).collect(toSet()));
    for (Receipt member : changed) {
      ConversationStore.Found now = found.get(member.conversation());
      if (now != null) {
        announcer.preferencesChanged(now.conversation(), now.rev(), member, except);
      }
    }
  }

  private static ChatException beyondLast(ConversationId conversation, @Nullable Long seq) {
    return ChatException.badRequest(
        "conversation " + conversation + " has no message " + seq + " yet");
  }

  private static void refuse(Pending pending, ChatException refusal) {
    pending.result().completeExceptionally(refusal);
  }

  /** Whether everything that was taken is committed and announced, or refused. */
  public boolean isIdle() {
    return worker.pending() == 0;
  }

  /** Refuses what waits; lets the batch under way end and be announced, within a second. */
  @Override
  public void close() {
    fail(worker.takeWaiting(), new InterruptedException("the engine closes"));
    worker.awaitIdle(CLOSE);
    worker.close();
  }
}
