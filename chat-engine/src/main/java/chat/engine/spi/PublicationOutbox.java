package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.MessageId;
import java.time.Duration;
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

  /**
   * Forgets a note, because its message was handed to all nodes.
   *
   * @return whether this call removed it: true for one caller only, of all that published it
   */
  boolean published(Note note);

  record Note(ConversationId conversation, long seq, MessageId id) {}
}
