package chat.engine.internal.send;

import chat.engine.ConversationId;
import chat.engine.MessageId;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.Timers;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PublicationOutbox;
import chat.engine.spi.StoredMessage;
import java.time.Duration;
import java.util.List;

/**
 * Publishes messages that the application stored in its own transactions: when asked to, and a few
 * seconds after their commit if nobody asked. Thread-safe; works on the store threads.
 */
public final class OutboxRelay {
  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final int PAGE = 256;

  /** Where such messages go. */
  public interface Sink {
    /**
     * Shows a message to all members. Must neither block nor throw.
     *
     * @param afterwards run once other nodes can be expected to hear of it
     */
    void publish(CommittedMessage message, Runnable afterwards);

    /** Tells the hooks of a message. */
    void observed(CommittedMessage message);
  }

  private final MessageStore store;
  private final StoreThreads reads;
  private final Sink sink;
  private final Metrics metrics;

  public OutboxRelay(MessageStore store, StoreThreads reads, Sink sink, Metrics metrics) {
    this.store = store;
    this.reads = reads;
    this.sink = sink;
    this.metrics = metrics;
  }

  public void start(Timers timers) {
    if (store instanceof PublicationOutbox outbox) {
      timers.every(PERIOD, () -> reads.run(() -> publishForgotten(outbox)));
    }
  }

  /**
   * Publishes one message. Blocks.
   *
   * @return false if the store does not have it
   */
  public boolean publishNow(ConversationId conversation, long seq, MessageId id) {
    return publish(new PublicationOutbox.Note(conversation, seq, id));
  }

  private void publishForgotten(PublicationOutbox outbox) {
    for (PublicationOutbox.Note note : outbox.unpublished(PERIOD, PAGE)) {
      metrics.count(Metrics.Counter.FORGOTTEN_PUBLICATIONS);
      publish(note);
    }
  }

  private boolean publish(PublicationOutbox.Note note) {
    List<StoredMessage> found = store.after(note.conversation(), note.seq() - 1, 1);
    if (found.isEmpty() || !found.get(0).message().id().equals(note.id())) {
      return false;
    }
    ConversationStore.Found conversation =
        store.conversations().find(List.of(note.conversation())).get(note.conversation());
    if (conversation == null) {
      return false;
    }
    CommittedMessage message =
        new CommittedMessage(
            conversation.conversation(), found.get(0).message(), found.get(0).membersRev());
    if (store instanceof PublicationOutbox outbox) {
      sink.publish(message, () -> reads.run(() -> forget(outbox, note, message)));
    } else {
      sink.publish(message, () -> {});
      sink.observed(message);
    }
    return true;
  }

  /**
   * The one who removes the note tells the hooks, so they hear of the message once, however often
   * and on however many nodes it was published.
   */
  private void forget(
      PublicationOutbox outbox, PublicationOutbox.Note note, CommittedMessage message) {
    if (outbox.published(note)) {
      sink.observed(message);
    }
  }
}
