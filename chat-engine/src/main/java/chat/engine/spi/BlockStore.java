package chat.engine.spi;

import chat.engine.Experimental;
import chat.engine.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who has blocked whom. Thread-safety, blocking and errors as for {@link MessageStore}.
 *
 * <p>If one of two users has blocked the other, nothing that a user sends or edits is stored in
 * their direct conversation: {@link MessageStore#append} refuses it, serialised with the methods
 * here, so no such write is committed after a block was committed. {@link
 * ConversationStore#moveReceipts} refuses receipts that begin later. Deletions and actions of the
 * system are not refused, and groups are not affected.
 */
@Experimental
public interface BlockStore {
  /**
   * Lets a user block another one.
   *
   * @return false if it was so before
   */
  boolean block(UserId user, UserId other, Instant now);

  /**
   * Ends what {@link #block} began; a block in the other direction stays.
   *
   * @return false if it was so before
   */
  boolean unblock(UserId user, UserId other);

  /**
   * A page of those whom a user has blocked, ascending by the bytes of their ids in UTF-8.
   *
   * @param after the page begins behind this user; null for the first
   * @param limit above 0
   */
  List<UserId> blockedBy(UserId user, @Nullable UserId after, int limit);

  /** Whether the user has blocked the other. */
  boolean hasBlocked(UserId user, UserId other);

  /** Those of the others whom the user has blocked, or who have blocked the user. */
  Set<UserId> between(UserId user, Set<UserId> others);

  /**
   * The same for many users; no entry for a user without any.
   *
   * @param users a few hundred at most
   */
  Map<UserId, Set<UserId>> between(Set<UserId> users);
}
