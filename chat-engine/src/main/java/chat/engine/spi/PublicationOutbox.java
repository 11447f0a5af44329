package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.MessageId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * Optional part of a {@link MessageStore} that lets an application store messages in its own
 * transactions: those are noted here in the same transaction, until they have been published. The
 * engine asks every few seconds for the ones that were forgotten. Thread-safety, blocking and
 * errors as for the store.
 */
public interface PublicationOutbox {
  /**
   * Committed notes that were written longer ago than the given age, oldest first; at most {@code
   * limit}.
   */
  List<Note> unpublished(Duration olderThan, int limit);

  /** Forgets notes, because their messages were handed to all nodes. Unknown ones are ignored. */
  void published(Collection<Note> notes);

  record Note(ConversationId conversation, long seq, MessageId id) {}
}
