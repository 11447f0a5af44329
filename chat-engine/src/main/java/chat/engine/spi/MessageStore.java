package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Where messages and conversations live: the truth of the cluster. All nodes share one.
 *
 * <p>Implementations are thread-safe. Every method may block, and what it returns is committed: a
 * crash of the process or of the database after the return loses nothing of it. Reads see
 * everything that was committed before they began, by any node. Errors, the same for every method
 * of this interface and of its parts:
 *
 * <ul>
 *   <li>{@link StoreUnavailableException}: the store cannot be reached, and for certain nothing was
 *       stored;
 *   <li>{@link StoreInDoubtException}: the connection broke while committing, whether it was stored
 *       is unknown;
 *   <li>any other runtime exception: the call as a whole failed and stored nothing. The engine then
 *       repeats a batch in halves, so that an item that can never be stored fails alone.
 * </ul>
 */
public interface MessageStore extends AutoCloseable {

  /**
   * Stores a batch in one transaction and gives each stored message the next seq of its
   * conversation, in the order of the list. The seqs of a conversation are 1, 2, 3, ... without
   * gap, in commit order: whoever sees one sees all below.
   *
   * <p>Each draft has its own outcome, at the same index; one that is refused takes no seq and does
   * not disturb the others. Duplicates are recognised by (conversation, sender, client message id)
   * for ever, within the batch too, and told even to a sender who is no member any more: only so a
   * retry learns what became of its first attempt. Whoever sends something new must be a member.
   * That is verified inside the transaction, against changes of the membership on any node, unless
   * the draft was verified under the same rev (see {@link Draft#verifiedRev()}) or comes from the
   * system.
   *
   * @param lockWait how long to wait for conversations that another transaction holds. Zero: do not
   *     wait at all, such drafts have the outcome {@link AppendOutcome.Locked}. Longer: only with
   *     drafts of a single conversation, so that two waiting batches can never wait for each other
   */
  List<AppendOutcome> append(List<Draft> drafts, Duration lockWait);

  /**
   * Messages above a seq, ascending, the first of them {@code afterSeq + 1}; at most {@code limit}
   * (above 0).
   */
  List<Message> after(ConversationId conversation, long afterSeq, int limit);

  /** The newest messages below a seq, ascending; at most {@code limit} (above 0). */
  List<Message> before(ConversationId conversation, long beforeSeq, int limit);

  /**
   * Several pieces of several conversations in one round trip: an entry for each range, in their
   * order, ascending inside each, and empty where there is no such message or conversation.
   */
  Map<ConversationId, List<Message>> ranges(List<Range> ranges);

  /** Seq of the newest message, 0 for none; no entry for a conversation that does not exist. */
  Map<ConversationId, Long> lastSeqs(Collection<ConversationId> conversations);

  /**
   * For each conversation in which a message with an id above the given one was committed, the
   * highest seq among those. This is how nodes find what they missed; its cost must depend on what
   * happened since, not on what is stored.
   */
  Map<ConversationId, Long> committedSince(MessageId id);

  /**
   * The conversations, their members and receipts; in the same store and seeing the same
   * transactions.
   */
  ConversationStore conversations();

  /** When users were last seen. */
  LastSeenStore lastSeen();

  /**
   * Names the life of this store: changes when an operator restores a backup, so that clients know
   * their cursors are void.
   */
  String epoch();

  @Override
  void close();

  /**
   * Messages {@code afterSeq < seq <= upToSeq}, at most {@code limit}, the lowest first. At most
   * one range per conversation in a call.
   */
  record Range(ConversationId conversation, long afterSeq, long upToSeq, int limit) {}
}
