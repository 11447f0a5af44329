package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long messages are kept, and removing those that are too old. Thread-safety, blocking and
 * errors as for {@link MessageStore}.
 *
 * <p>The messages of a conversation expire from the first one on: those below its first seq are not
 * in the store, and those from there up to the last are. Both hold at every moment, because a batch
 * of messages and the first seq change in one transaction. The seqs and revs of what stays do not
 * change. The row of an expired message is gone with everything that belongs to it, so a retry of
 * its send is a new message.
 */
@Experimental
public interface RetentionStore {
  /**
   * Sets how long the messages of a conversation are kept, as one change of it.
   *
   * @param retention null for the time that the engine is set to
   * @return the conversation and the change, none if it was so already; empty if there is no such
   *     conversation
   */
  Optional<ConversationStore.Changed> set(
      ConversationId conversation, @Nullable Duration retention, UserId actor, Instant now);

  /**
   * Removes messages from the first one on, each older than a time, and everything that belongs to
   * them; serialised with {@link MessageStore#append}, and as one change of the kind {@link
   * chat.engine.ConversationChange.Kind#EXPIRED}. Ends before the first message that is younger.
   *
   * @param before messages that were created before it
   * @param limit the most messages, above 0; fewer are removed if much belongs to them
   * @return empty if none is as old, or there is no such conversation
   */
  Optional<Expiry> expire(ConversationId conversation, Instant before, int limit, Instant now);

  /**
   * What a call of {@link #expire} did.
   *
   * @param messages how many it removed, above 0
   * @param changed the conversation, and the one change
   */
  record Expiry(int messages, ConversationStore.Changed changed) {}

  /**
   * The lowest seq from which on there are messages, 1 unless some have expired, one above the last
   * if all have; no entry for a conversation that does not exist.
   */
  Map<ConversationId, Long> firstSeqs(Collection<ConversationId> conversations);

  /**
   * A page of the conversations that have messages, ascending by id, each with its oldest.
   *
   * @param after the page begins behind this id; null for the first
   * @param limit conversations to look at, above 0
   * @param onlySet only those for which a retention was set
   */
  Oldest oldest(@Nullable ConversationId after, int limit, boolean onlySet);

  /**
   * @param messages of the conversations that have some
   * @param last the last conversation that was looked at; null if there are no more behind it
   */
  record Oldest(List<OldestMessage> messages, @Nullable ConversationId last) {}

  /**
   * @param retention of the conversation; null for the time that the engine is set to
   */
  record OldestMessage(
      ConversationId conversation, Instant createdAt, @Nullable Duration retention) {}

  /**
   * Takes, or keeps, the right to go through all conversations, which one node has at a time: a new
   * holder gets it when the previous one has ended its round, or has not called this method for the
   * time of its lease. A round begins when some time has passed since the previous one began. The
   * clock of the store decides both.
   *
   * @param holder a name of the node, unique in the cluster
   * @return the progress of the round; empty if another node has the right, or no round is due
   */
  Optional<Round> lease(String holder, Duration lease, Duration period);

  /**
   * @param after the round continues after this conversation; null if it begins
   */
  record Round(@Nullable ConversationId after) {}

  /**
   * Stores how far the round of a holder is. Does nothing if another node has the right.
   *
   * @param after null if it has come to its end
   */
  void reached(String holder, @Nullable ConversationId after);
}
