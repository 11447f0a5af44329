package chat.engine.spi;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The invites of groups, without their codes. Thread-safety, blocking and errors as for {@link
 * MessageStore}. They are deleted with their conversation.
 */
@Experimental
public interface InviteStore {
  /**
   * Stores a new invite, serialised with {@link ConversationStore#change}, and takes out those of
   * the group that are not in force at its creation.
   *
   * @param expectedRev of {@link ConversationStore#members(ConversationId)}
   * @param most invites in force that the group can have
   */
  CreateOutcome create(ConversationId group, long expectedRev, Invite invite, int most);

  /** An invite, whether it is in force or not; empty if it was revoked or taken out. */
  Optional<Invite> find(ConversationId group, InviteId invite);

  /**
   * A page of the invites of a group that are in force, ascending by id.
   *
   * @param after the page begins behind this id; null for the first
   * @param limit above 0
   */
  List<Invite> inForce(ConversationId group, @Nullable InviteId after, int limit, Instant now);

  /**
   * Takes out an invite. From the return on nobody joins by it.
   *
   * @return false if there is none
   */
  boolean revoke(ConversationId group, InviteId invite);

  /**
   * Adds a user as a plain member, as one change with the user as actor and subject, and counts
   * that as a use of the invite. All of it is decided in one transaction that is serialised with
   * {@link ConversationStore#change}, {@link #create} and {@link #revoke}, so neither more users
   * than the invite allows join by it, nor one who is banned.
   *
   * @param maxMembers of the group
   */
  JoinOutcome join(ConversationId group, InviteId invite, UserId user, int maxMembers, Instant now);

  /** What became of a creation. */
  enum CreateOutcome {
    CREATED,
    /** The rev was another, or there is no such conversation. */
    CHANGED,
    TOO_MANY
  }

  /** What became of a join; the first of these that applies. */
  sealed interface JoinOutcome {
    /** There is no such invite, or no such group; or it is not in force, and the user no member. */
    record NoInvite() implements JoinOutcome {}

    /** The user is a member already, and nothing was used. */
    record WasMember(Conversation group) implements JoinOutcome {}

    record Banned() implements JoinOutcome {}

    /** The group has as many members as it can have. */
    record Full() implements JoinOutcome {}

    record Joined(ConversationStore.Changed made) implements JoinOutcome {}
  }
}
