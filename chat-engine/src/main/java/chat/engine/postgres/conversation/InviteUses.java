package chat.engine.postgres.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.postgres.row.MemberRows;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.InviteStore.CreateOutcome;
import chat.engine.spi.InviteStore.JoinOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Makes and uses invites, in the transaction of a connection. The counter of the conversation is
 * locked first, as for every change of the group, and then the row of the invite, which is all that
 * a revocation locks: what is read after that stays so until the commit.
 */
public final class InviteUses {
  private InviteUses() {}

  /** See {@link chat.engine.spi.InviteStore#create}. */
  public static CreateOutcome create(
      Connection connection, ConversationId group, long expectedRev, Invite invite, int most)
      throws SQLException {
    Optional<GroupChanges.Locked> locked = GroupChanges.lock(connection, group);
    if (locked.isEmpty() || locked.get().membersRev() != expectedRev) {
      return CreateOutcome.CHANGED;
    }
    InviteRows.removeOver(connection, group, invite.createdAt());
    if (InviteRows.count(connection, group) >= most) {
      return CreateOutcome.TOO_MANY;
    }
    InviteRows.insert(connection, group, invite);
    return CreateOutcome.CREATED;
  }

  /** See {@link chat.engine.spi.InviteStore#join}. */
  public static JoinOutcome join(
      Connection connection,
      ConversationId group,
      InviteId id,
      UserId user,
      int maxMembers,
      Instant now)
      throws SQLException {
    Optional<GroupChanges.Locked> locked = GroupChanges.lock(connection, group);
    Optional<Invite> invite =
        locked.isEmpty() ? Optional.empty() : InviteRows.lock(connection, group, id);
    if (invite.isEmpty()) {
      return new JoinOutcome.NoInvite();
    }
    if (MemberRows.find(connection, group, user).isPresent()) {
      return new JoinOutcome.WasMember(conversation(connection, group));
    }
    if (!invite.get().isInForce(now)) {
      return new JoinOutcome.NoInvite();
    }
    if (!BanRows.among(connection, group, Set.of(user), now).isEmpty()) {
      return new JoinOutcome.Banned();
    }
    if (MemberRows.count(connection, group) >= maxMembers) {
      return new JoinOutcome.Full();
    }
    InviteRows.use(connection, group, id);
    List<Change> joins = List.of(Change.added(List.of(user), Role.MEMBER));
    return new JoinOutcome.Joined(
        GroupChanges.make(connection, group, locked.get(), joins, user, now));
  }

  private static Conversation conversation(Connection connection, ConversationId group)
      throws SQLException {
    Found found = ConversationRows.find(connection, List.of(group)).get(group);
    return Objects.requireNonNull(found).conversation();
  }
}
