package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A member of a conversation and how far they have come.
 *
 * @param joinedSeq seq of the last message before this membership began; 0 for those who founded
 *     the conversation
 * @param joinedRev rev of the change that began this membership; 0 for those who founded the
 *     conversation
 * @param readSeq all messages up to this seq are read; 0 for none
 * @param receivedSeq all messages up to this seq have reached a device; never below readSeq
 * @param silencedUntil until when the member may read but not write, which may be over already;
 *     null if the member was not silenced since they joined
 * @param readHidden whether the reader may not see how far the member has read; readSeq is 0 then,
 *     see {@link Privacy#readReceipts}
 */
public record Member(
    UserId user,
    Role role,
    Instant joinedAt,
    long joinedSeq,
    long joinedRev,
    long readSeq,
    long receivedSeq,
    @Nullable Instant silencedUntil,
    boolean readHidden) {
  /** One whose read position is shown. */
  public Member(
      UserId user,
      Role role,
      Instant joinedAt,
      long joinedSeq,
      long joinedRev,
      long readSeq,
      long receivedSeq,
      @Nullable Instant silencedUntil) {
    this(user, role, joinedAt, joinedSeq, joinedRev, readSeq, receivedSeq, silencedUntil, false);
  }

  /** One who is not silenced. */
  public Member(
      UserId user,
      Role role,
      Instant joinedAt,
      long joinedSeq,
      long joinedRev,
      long readSeq,
      long receivedSeq) {
    this(user, role, joinedAt, joinedSeq, joinedRev, readSeq, receivedSeq, null);
  }

  public Member withRole(Role changed) {
    return new Member(
        user,
        changed,
        joinedAt,
        joinedSeq,
        joinedRev,
        readSeq,
        receivedSeq,
        silencedUntil,
        readHidden);
  }

  /**
   * The same membership, of another user.
   *
   * @param rev of the change that made it theirs
   */
  public Member as(UserId other, long rev) {
    return new Member(other, role, joinedAt, joinedSeq, rev, readSeq, receivedSeq, silencedUntil);
  }

  public Member withReceipts(long read, long received) {
    return new Member(user, role, joinedAt, joinedSeq, joinedRev, read, received, silencedUntil);
  }

  /** As others see a member who hides how far they have read. */
  public Member withHiddenRead() {
    return new Member(
        user, role, joinedAt, joinedSeq, joinedRev, 0, receivedSeq, silencedUntil, true);
  }

  /**
   * @param until null for not at all
   */
  public Member withSilence(@Nullable Instant until) {
    return new Member(
        user, role, joinedAt, joinedSeq, joinedRev, readSeq, receivedSeq, until, readHidden);
  }

  /** Whether the member may not write at some time. */
  public boolean isSilenced(Instant now) {
    return silencedUntil != null && silencedUntil.isAfter(now);
  }
}
