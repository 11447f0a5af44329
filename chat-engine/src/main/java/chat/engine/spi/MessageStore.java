package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Experimental;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.PinnedMessage;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.spi.feed.FeedStore;
import chat.engine.spi.search.MessageSearch;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where messages and conversations live: the truth of the cluster. All nodes share one.
 *
 * <p>Implementations are thread-safe. Every method may block, and what it returns is committed: a
 * crash of the process or of the database after the return loses nothing of it. Reads see
 * everything that was committed before they began, by any node. Errors, the same for every method
 * of this interface and of its parts:
 *
 * <ul>
 *   <li>{@link StoreUnavailableException}: the store cannot be reached, and it is certain that
 *       nothing was stored;
 *   <li>{@link StoreBusyException}: the store works but has no room for the call at present, and it
 *       is certain that nothing was stored;
 *   <li>{@link StoreInDoubtException}: the connection broke while committing, whether it was stored
 *       is unknown;
 *   <li>any other runtime exception: the call as a whole failed and stored nothing. The engine then
 *       repeats a batch in halves, so that an item that can never be stored fails alone.
 * </ul>
 */
@Experimental
public interface MessageStore extends AutoCloseable {

  /**
   * Stores a batch in one transaction. Each stored message has the next seq of its conversation,
   * and each edit, deletion, reaction and pin the next rev, in the order of the list. The seqs of a
   * conversation are 1, 2, 3, ... without gap, in commit order: a reader who sees one sees all
   * below. The same holds for revs, which share one sequence with those of {@link
   * ConversationStore#change}.
   *
   * <p>Each write has its own outcome, at the same index; one that is refused takes no number and
   * does not disturb the others. Duplicates are recognised by (conversation, sender, client message
   * id) for ever, within the batch too, and even a sender who has left gets that answer: only then
   * can a retry learn what became of its first attempt. Users who send something new, edit, delete
   * or react must be members. That is verified inside the transaction, against changes of the
   * membership on any node, unless a draft was verified under the same rev (see {@link
   * Draft#verifiedRev()}) or the write comes from the system. A member who is silenced at the time
   * of a draft, an edit, a reaction or a pin is refused; deletions are not. In a group in slow mode
   * so is a draft of a plain member that was made too soon after the one before it, see {@link
   * SlowMode}; what is refused does not count, and repeating a send that was stored is never
   * refused.
   *
   * <p>An edit, a deletion, a reaction or a pin of a message that the member may not read ({@link
   * ConversationStore#readableAfter}) has the outcome {@link AppendOutcome.NoSuchMessage}.
   *
   * <p>Mentions of a draft, and those of an edit that the message does not have yet, must be of
   * members, verified inside the transaction too; others have the outcome {@link
   * AppendOutcome.MentionsStranger}.
   *
   * <p>Messages in the outcomes come with the {@link Message#replyPreview} as of the commit, those
   * of all reads with the one as of the read, but for {@link AppendOutcome.Unchanged}: never older
   * than the message itself. So a deleted text is in no preview that is read after the deletion.
   *
   * <p>An edit replaces the content of a message, and a deletion takes it out of the store, from
   * every table and index: from then on every read has the new state, with the rev of its change.
   * The answer to a retry of the send stays as it was. A reaction changes the counts in the message
   * and its rev, and a deletion takes away the reactions too. A pin leaves the message and its rev
   * as they are, and a deletion ends it. Repeating an edit, a deletion, a reaction or a pin stores
   * nothing, see {@link AppendOutcome.Unchanged}, {@link AppendOutcome.UnchangedReaction} and
   * {@link AppendOutcome.UnchangedPin}.
   *
   * <p>What an edit replaces stays among the {@link #versions} of the message if the edit says so,
   * and else nowhere. A deletion takes the versions away with the text, whether edits keep versions
   * at that time or not; so does whatever else takes the text away.
   *
   * @param lockWait how long to wait for conversations that another transaction holds. Zero: do not
   *     wait at all, the writes to such a conversation, all of them, have the outcome {@link
   *     AppendOutcome.Locked}. Longer: only with writes to a single conversation, so that two
   *     waiting batches can never wait for each other
   */
  List<AppendOutcome> append(List<? extends Write> writes, Duration lockWait);

  /**
   * Messages above a seq, ascending and without gap; at most {@code limit} (above 0). The first of
   * them is {@code afterSeq + 1}, or, if that has expired, the first that has not; see {@link
   * RetentionStore}.
   */
  List<StoredMessage> after(ConversationId conversation, long afterSeq, int limit);

  /** The newest messages below a seq, ascending; at most {@code limit} (above 0). */
  List<Message> before(ConversationId conversation, long beforeSeq, int limit);

  /**
   * Several pieces of several conversations in one round trip: an entry for each range, in their
   * order, ascending inside each, and empty where there is no such message or conversation.
   */
  Map<ConversationId, List<Message>> ranges(List<Range> ranges);

  /**
   * Single messages for those who may read them: no entry for a message that does not exist or was
   * deleted, and none for a reader who is not a member of its conversation or may not read so far
   * back ({@link ConversationStore#readableAfter}). The system reads everything. The messages come
   * without a {@link Message#replyPreview}.
   */
  Map<Reading, Message> read(Collection<Reading> wanted);

  /**
   * For each piece the messages in it that were edited, deleted or reacted to after a rev, each
   * once, as they are now, ascending by their revs; an entry for each piece, empty where there is
   * none. A page at a time: continue after the rev of the last one.
   */
  Map<ConversationId, List<Message>> changed(List<ChangedAfter> pieces);

  /**
   * Who reacts to a message, a page at a time, ascending by the bytes of the user ids in UTF-8;
   * empty if there is no such message.
   *
   * @param emoji null for all
   * @param after the last user of the page before; null for the first page
   * @param limit the most users, above 0
   */
  List<UserReactions> reactions(
      MessagePlace message, @Nullable Emoji emoji, @Nullable UserId after, int limit);

  /** What a user reacts to these messages with; no entry for one without. */
  Map<MessagePlace, Set<Emoji>> reactionsOf(UserId user, Collection<MessagePlace> messages);

  /**
   * Pinned messages, a page at a time, the last pinned first; none if there is no such
   * conversation.
   *
   * @param beforeRev only those that were pinned by a change below this rev
   * @param limit the most, above 0
   */
  List<PinnedMessage> pins(ConversationId conversation, long beforeRev, int limit);

  /**
   * The seqs of all pinned messages, the last pinned first; no entry for a conversation without
   * any.
   */
  Map<ConversationId, List<Long>> pinned(Collection<ConversationId> conversations);

  /**
   * The versions of a message: what it said before its edits, as far as they kept it, and last what
   * it says now, ascending by number, as of one moment; empty if there is no such message or it was
   * deleted. At most {@link chat.engine.MessageVersion#MAX_PER_MESSAGE} are there in addition to
   * the current one; if the message was edited more often, the last ones.
   *
   * @param after only those with a number above this
   * @param limit the most, above 0
   */
  List<MessageVersion> versions(MessagePlace message, long after, int limit);

  /** Seq of the newest message, 0 for none; no entry for a conversation that does not exist. */
  Map<ConversationId, Long> lastSeqs(Collection<ConversationId> conversations);

  /**
   * What was committed since a mark, and a new mark for the next call: how a node finds what it
   * missed.
   *
   * <p>Every write whose commit became visible after the mark was made is reported, however long
   * before that its transaction began, and independent of ids and of the clocks of the nodes. Some
   * writes may be reported twice; a transaction that was rolled back is never reported. The cost
   * depends on what happened since the mark, never on what is stored.
   *
   * @param mark from an earlier call on this store, or on another node of the same store; null to
   *     get only a mark
   */
  Writes writesSince(@Nullable Mark mark);

  /**
   * The conversations, their members and receipts; in the same store and seeing the same
   * transactions.
   */
  ConversationStore conversations();

  /** Who has blocked whom; in the same store and serialised with the appends. */
  BlockStore blocks();

  /** The invites to groups; in the same store and serialised with the changes of groups. */
  InviteStore invites();

  /** What users have reported; in the same store as the messages. */
  ReportStore reports();

  /** How long messages are kept; in the same store and serialised with the appends. */
  RetentionStore retention();

  /** When users were last seen. */
  LastSeenStore lastSeen();

  /** What users let others see; in the same store as the receipts. */
  PrivacyStore privacy();

  /** How users are shown to others. */
  ProfileStore profiles();

  /** Erases and renames users. */
  UserReplacements replacements();

  /** Cursors of feeds; empty, unless overridden, for a store that has none. */
  default Optional<FeedStore> feeds() {
    return Optional.empty();
  }

  /** Search in the messages; empty, unless overridden, for a store that has none. */
  default Optional<MessageSearch> search() {
    return Optional.empty();
  }

  /**
   * Names the life of this store: changes when an operator restores a backup, so that clients know
   * their cursors are void.
   */
  String epoch();

  /**
   * Called by an engine at its start, with the most calls that it makes at the same time, so that a
   * store with a smaller pool can say so. Does nothing unless overridden.
   */
  default void expectConcurrentCalls(int calls) {}

  @Override
  void close();

  /**
   * A point in the history of a store: what was visible when it was made. Opaque and immutable;
   * made by {@link #writesSince}.
   */
  interface Mark {}

  /**
   * What was committed since a mark.
   *
   * @param mark the end of what is reported here: pass it next time
   * @param complete false if the mark is older than what the store remembers (at least ten
   *     minutes), so there may be more writes than are reported here: treat everything as possibly
   *     changed
   * @param lastSeqs the conversations in which messages were committed, with the highest seq of
   *     those
   * @param revs the conversations that were created or changed, or whose messages were, with their
   *     highest rev of those; 0 for one that was only created
   * @param receipts the members whose receipts moved, or whose preferences changed
   * @param storeTime the clock of the store during this call; nothing above depends on it
   */
  record Writes(
      Mark mark,
      boolean complete,
      Map<ConversationId, Long> lastSeqs,
      Map<ConversationId, Long> revs,
      Map<ConversationId, Set<UserId>> receipts,
      Instant storeTime) {}

  /**
   * Messages {@code afterSeq < seq <= upToSeq}, at most {@code limit}, the lowest first. At most
   * one range per conversation in a call.
   */
  record Range(ConversationId conversation, long afterSeq, long upToSeq, int limit) {}

  /** A message, and who wants to read it. */
  record Reading(UserId reader, ConversationId conversation, long seq) {}

  /** Names a message. */
  record MessagePlace(ConversationId conversation, long seq) {}

  /**
   * Messages {@code seq <= upToSeq} whose rev is above {@code afterRev}, at most {@code limit}, the
   * lowest revs first. At most one piece per conversation in a call.
   */
  record ChangedAfter(ConversationId conversation, long afterRev, long upToSeq, int limit) {}
}
