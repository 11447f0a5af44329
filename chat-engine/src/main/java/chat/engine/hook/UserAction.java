package chat.engine.hook;

import chat.engine.Conversation;
import chat.engine.Emoji;
import chat.engine.Experimental;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.InviteId;
import chat.engine.NewInvite;
import chat.engine.ProfileUpdate;
import chat.engine.Role;
import chat.engine.UserId;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user is about to do; shown to the {@link ActionHook}. Immutable. New releases add kinds:
 * decide whether to refuse or to allow kinds that you do not know.
 */
@Experimental
public sealed interface UserAction {
  /** Who does it. */
  UserId actor();

  /** Opens the direct conversation with a peer, which may exist already. */
  record OpenDirect(UserId actor, UserId peer) implements UserAction {}

  /**
   * Creates a group.
   *
   * @param history what its members may read of the time before they joined
   */
  record CreateGroup(UserId actor, String name, Set<UserId> others, HistoryAccess history)
      implements UserAction {
    public CreateGroup {
      others = Set.copyOf(others);
    }
  }

  /** Changes how the user is shown to others. */
  record UpdateProfile(UserId actor, ProfileUpdate update) implements UserAction {}

  /** Gives a group another name. */
  record RenameGroup(UserId actor, Conversation group, String name) implements UserAction {}

  /** Changes name, description or other fields of a group, or how fast its members may send. */
  record UpdateGroup(UserId actor, Conversation group, GroupUpdate update) implements UserAction {}

  /**
   * Bans a user from a group, who may be a member or not.
   *
   * @param until null for always
   */
  record BanUser(UserId actor, Conversation group, UserId user, @Nullable Instant until)
      implements UserAction {}

  /** Ends a ban. */
  record UnbanUser(UserId actor, Conversation group, UserId user) implements UserAction {}

  /**
   * Silences a member of a group.
   *
   * @param until null to end it
   */
  record SilenceMember(UserId actor, Conversation group, UserId member, @Nullable Instant until)
      implements UserAction {}

  /** Adds members to a group. */
  record AddMembers(UserId actor, Conversation group, Set<UserId> users) implements UserAction {
    public AddMembers {
      users = Set.copyOf(users);
    }
  }

  /** Creates an invite to a group. */
  record CreateInvite(UserId actor, Conversation group, NewInvite invite) implements UserAction {}

  /** Revokes an invite to a group, which may be none any more. */
  record RevokeInvite(UserId actor, Conversation group, InviteId invite) implements UserAction {}

  /** Joins a group by an invite; the actor may be a member already. */
  record Join(UserId actor, Conversation group) implements UserAction {}

  /** Removes others from a group. */
  record RemoveMembers(UserId actor, Conversation group, Set<UserId> users) implements UserAction {
    public RemoveMembers {
      users = Set.copyOf(users);
    }
  }

  /** Leaves a group. */
  record LeaveGroup(UserId actor, Conversation group) implements UserAction {}

  /** Deletes a message: one's own or, as owner or admin of a group, somebody else's. */
  record DeleteMessage(UserId actor, Conversation conversation, long seq) implements UserAction {}

  /** Reacts to a message, or, if {@code on} is false, takes that back. */
  record React(UserId actor, Conversation conversation, long seq, Emoji emoji, boolean on)
      implements UserAction {}

  /** Pins a message or, if {@code on} is false, unpins it. */
  record PinMessage(UserId actor, Conversation conversation, long seq, boolean on)
      implements UserAction {}

  /** Reports a message to the moderators. */
  record ReportMessage(UserId actor, Conversation conversation, long seq, String reason)
      implements UserAction {}

  /** Gives a member another role. */
  record SetRole(UserId actor, Conversation group, UserId member, Role role)
      implements UserAction {}
}
