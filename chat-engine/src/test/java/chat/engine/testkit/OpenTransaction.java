package chat.engine.testkit;

import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Draft;
import chat.engine.spi.PublicationOutbox;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.Write;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What chat does in one transaction of the application, whatever nodes it uses. Statements come
 * from the thread that uses the connection; the end may be looked at by others.
 */
final class OpenTransaction {
  private enum State {
    OPEN,
    /** A statement failed: it can only be rolled back. */
    FAILED,
    COMMITTED,
    ROLLED_BACK
  }

  private final SharedStore store;
  private final StoreTransaction work;
  private volatile State state = State.OPEN;
  private final List<PublicationOutbox.Note> notes = new ArrayList<>();
  private int appends;

  /**
   * @param work what is repeated on the store by the commit
   */
  OpenTransaction(SharedStore store, StoreTransaction work) {
    this.store = store;
    this.work = work;
  }

  StoreTransaction work() {
    return work;
  }

  /** What is outside of this transaction. */
  ConversationStore committed() {
    return store.messages().conversations();
  }

  /** Counts a write; gives its place among the outcomes. */
  int appended(Write write, AppendOutcome outcome) {
    if (outcome instanceof AppendOutcome.Stored stored && write instanceof Draft draft) {
      notes.add(new PublicationOutbox.Note(draft.conversation(), stored.seq(), draft.id()));
    }
    return appends++;
  }

  /**
   * Makes a statement.
   *
   * @param key what it locks until the end of the transaction; null for nothing
   */
  <T> T statement(
      List<ActiveFaults> faults,
      StoreCall kind,
      @Nullable Object key,
      ActiveFaults.Call<T, RuntimeException> statement) {
    if (state != State.OPEN) {
      throw new IllegalStateException(
          state == State.FAILED
              ? "the transaction has failed before: roll it back"
              : "the transaction has ended: take another TransactionalChat");
    }
    try {
      return ActiveFaults.call(
          faults,
          kind,
          () -> {
            if (key != null && !store.locks().acquire(this, key, Locks.PATIENCE)) {
              throw new StoreBusyException("another transaction holds " + key, null);
            }
            return statement.run();
          });
    } catch (RuntimeException fault) {
      state = State.FAILED;
      throw fault;
    }
  }

  boolean hasFailed() {
    return state == State.FAILED;
  }

  void commit() {
    work.committed();
    store.outbox().add(notes);
    state = State.COMMITTED;
    store.locks().releaseAll(this);
  }

  /** Does nothing if it was committed. */
  void rollback() {
    if (state != State.COMMITTED) {
      state = State.ROLLED_BACK;
      store.locks().releaseAll(this);
    }
  }

  /** What became of the messages; none was stored unless the transaction was committed. */
  List<AppendOutcome> outcomes(List<Integer> ofAppends) {
    if (state != State.COMMITTED) {
      return ofAppends.stream()
          .<AppendOutcome>map(none -> new AppendOutcome.NoSuchConversation())
          .toList();
    }
    List<AppendOutcome> all = work.committed();
    return ofAppends.stream().map(all::get).toList();
  }
}
