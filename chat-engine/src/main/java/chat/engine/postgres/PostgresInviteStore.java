package chat.engine.postgres;

import chat.engine.ConversationId;
import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.UserId;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.conversation.InviteRows;
import chat.engine.postgres.conversation.InviteUses;
import chat.engine.spi.InviteStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Invites in {@code chat_invites}; how they are made and used is in {@link InviteUses}. */
final class PostgresInviteStore implements InviteStore {
  private final Transactions transactions;

  PostgresInviteStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public CreateOutcome create(ConversationId group, long expectedRev, Invite invite, int most) {
    return transactions.write(
        handle -> InviteUses.create(handle.getConnection(), group, expectedRev, invite, most));
  }

  @Override
  public Optional<Invite> find(ConversationId group, InviteId invite) {
    return transactions.read(handle -> InviteRows.find(handle.getConnection(), group, invite));
  }

  @Override
  public List<Invite> inForce(
      ConversationId group, @Nullable InviteId after, int limit, Instant now) {
    return transactions.read(
        handle -> InviteRows.page(handle.getConnection(), group, after, limit, now));
  }

  @Override
  public boolean revoke(ConversationId group, InviteId invite) {
    return transactions.write(handle -> InviteRows.remove(handle.getConnection(), group, invite));
  }

  @Override
  public JoinOutcome join(
      ConversationId group, InviteId invite, UserId user, int maxMembers, Instant now) {
    return transactions.write(
        handle -> InviteUses.join(handle.getConnection(), group, invite, user, maxMembers, now));
  }
}
