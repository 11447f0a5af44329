package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a member wants to see a conversation. Nobody else sees it. Preferences belong to the
 * membership: they end with it, and a new membership begins with {@link #NONE}.
 *
 * <p>Of two states of the same membership the one with the higher version is the later.
 *
 * @param version the number of the last change, 0 for none
 * @param mutedUntil until when new messages cause no notification ({@link
 *     chat.engine.hook.OfflineNotifier}); null if the conversation is not muted. A time in the past
 *     means the same as null
 * @param archivedAtSeq the last seq of the conversation when it was archived; null if it is not
 *     archived. The next message takes it out of the archive, without a new version: whoever keeps
 *     these preferences treats them as archived only as long as they know of no higher seq
 * @param pinned whether the conversation is to stay at the top of the list
 * @param unreadFrom the messages from this seq on are marked as unread, although they may have been
 *     read; null if there is no such mark. A read at this seq or a later one ends it
 */
public record Preferences(
    long version,
    @Nullable Instant mutedUntil,
    @Nullable Long archivedAtSeq,
    boolean pinned,
    @Nullable Long unreadFrom) {
  /** Of a conversation for which none were ever set. */
  public static final Preferences NONE = new Preferences(0, null, null, false, null);

  /** Most conversations that a user can pin. */
  public static final int MAX_PINNED = 100;

  /** Whether the conversation is in the archive. */
  public boolean archived() {
    return archivedAtSeq != null;
  }

  /** Whether new messages cause no notification at this time. */
  public boolean mutedAt(Instant now) {
    return mutedUntil != null && mutedUntil.isAfter(now);
  }

  /** As they are when the conversation has come to this seq. */
  public Preferences at(long lastSeq) {
    return archivedAtSeq == null || archivedAtSeq >= lastSeq
        ? this
        : new Preferences(version, mutedUntil, null, pinned, unreadFrom);
  }

  /** As they are after the member has read up to this seq; the same if that ends no mark. */
  public Preferences read(long seq) {
    return unreadFrom == null || seq < unreadFrom
        ? this
        : new Preferences(version + 1, mutedUntil, archivedAtSeq, pinned, null);
  }

  /** The seq after which messages count as unread. */
  public long unreadAfter(long readSeq) {
    return unreadFrom == null ? readSeq : Math.min(readSeq, unreadFrom - 1);
  }
}
