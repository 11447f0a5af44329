package chat.engine.testkit;

import chat.engine.ConversationId;
import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.UserId;
import chat.engine.spi.InviteStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The invites of a {@link FaultyStore}. */
record FaultyInvites(InviteStore real, Locks locks, List<ActiveFaults> faults)
    implements InviteStore, FaultyCalls.UnderLocks {
  @Override
  public CreateOutcome create(ConversationId group, long expectedRev, Invite invite, int most) {
    return write(group, () -> real.create(group, expectedRev, invite, most));
  }

  @Override
  public Optional<Invite> find(ConversationId group, InviteId invite) {
    return read(() -> real.find(group, invite));
  }

  @Override
  public List<Invite> inForce(
      ConversationId group, @Nullable InviteId after, int limit, Instant now) {
    return read(() -> real.inForce(group, after, limit, now));
  }

  @Override
  public boolean revoke(ConversationId group, InviteId invite) {
    return write(group, () -> real.revoke(group, invite));
  }

  @Override
  public JoinOutcome join(
      ConversationId group, InviteId invite, UserId user, int maxMembers, Instant now) {
    return write(group, () -> real.join(group, invite, user, maxMembers, now));
  }
}
