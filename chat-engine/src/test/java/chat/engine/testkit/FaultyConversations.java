package chat.engine.testkit;

import chat.engine.Ban;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The conversations of a {@link FaultyStore}. */
record FaultyConversations(ConversationStore real, Locks locks, List<ActiveFaults> faults)
    implements ConversationStore, FaultyCalls.UnderLocks {
  @Override
  public Conversation openDirect(ConversationId proposed, UserId one, UserId other, Instant now) {
    return write(Set.of(one, other), () -> real.openDirect(proposed, one, other, now));
  }

  @Override
  public Optional<Conversation> openDirectUnlessBlocked(
      ConversationId proposed, UserId one, UserId other, Instant now) {
    return write(Set.of(one, other), () -> real.openDirectUnlessBlocked(proposed, one, other, now));
  }

  @Override
  public Conversation createGroup(Conversation proposed, Map<UserId, Role> members) {
    return write(proposed.id(), () -> real.createGroup(proposed, members));
  }

  @Override
  public Conversation ensureGroup(Key key, Conversation proposed, Map<UserId, Role> members) {
    return write(key, () -> real.ensureGroup(key, proposed, members));
  }

  @Override
  public Optional<Changed> change(
      ConversationId id, long expectedRev, List<Change> changes, UserId actor, Instant now) {
    return write(id, () -> real.change(id, expectedRev, changes, actor, now));
  }

  @Override
  public Optional<Changed> delete(ConversationId id, UserId actor, Instant now) {
    return write(id, () -> real.delete(id, actor, now));
  }

  @Override
  public List<ReceiptOutcome> moveReceipts(List<ReceiptMove> moves) {
    return write(() -> real.moveReceipts(moves));
  }

  @Override
  public List<PreferencesOutcome> setPreferences(List<MemberEdit> edits) {
    return write(() -> real.setPreferences(edits));
  }

  @Override
  public Set<UserId> muted(ConversationId conversation, Set<UserId> users, Instant now) {
    return read(() -> real.muted(conversation, users, now));
  }

  @Override
  public boolean erase(ConversationId deleted, int limit) {
    return upkeep(() -> real.erase(deleted, limit));
  }

  @Override
  public List<ConversationId> unerased(int limit) {
    return upkeep(() -> real.unerased(limit));
  }

  @Override
  public Optional<Conversation> find(Key key) {
    return read(() -> real.find(key));
  }

  @Override
  public Optional<Key> keyOf(ConversationId id) {
    return read(() -> real.keyOf(id));
  }

  @Override
  public Map<ConversationId, Found> find(Collection<ConversationId> ids) {
    return read(() -> real.find(ids));
  }

  @Override
  public Optional<MemberList> members(ConversationId id) {
    return read(() -> real.members(id));
  }

  @Override
  public Optional<MemberList> members(ConversationId id, @Nullable UserId after, int limit) {
    return read(() -> real.members(id, after, limit));
  }

  @Override
  public Map<ConversationId, Long> readableAfter(UserId user, Collection<ConversationId> among) {
    return read(() -> real.readableAfter(user, among));
  }

  @Override
  public Optional<Member> member(ConversationId id, UserId user) {
    return read(() -> real.member(id, user));
  }

  @Override
  public List<Ban> bans(ConversationId id, @Nullable UserId after, int limit, Instant now) {
    return read(() -> real.bans(id, after, limit, now));
  }

  @Override
  public List<Ban> bans(ConversationId id, Collection<UserId> among, Instant now) {
    return read(() -> real.bans(id, among, now));
  }

  @Override
  public List<ConversationChange> changes(ConversationId id, long afterRev, int limit) {
    return read(() -> real.changes(id, afterRev, limit));
  }

  @Override
  public List<Membership> memberships(UserId user) {
    return read(() -> real.memberships(user));
  }

  @Override
  public List<Membership> memberships(UserId user, @Nullable ConversationId after, int limit) {
    return read(() -> real.memberships(user, after, limit));
  }

  @Override
  public List<Membership> memberships(UserId user, Collection<ConversationId> among) {
    return read(() -> real.memberships(user, among));
  }

  @Override
  public List<MembershipSummary> summaries(UserId user) {
    return read(() -> real.summaries(user));
  }

  @Override
  public int ownedGroups(UserId user) {
    return read(() -> real.ownedGroups(user));
  }

  @Override
  public Set<UserId> fellowMembers(UserId user, Set<UserId> others) {
    return read(() -> real.fellowMembers(user, others));
  }

  @Override
  public Map<ConversationId, Unread> unread(UserId user, List<UnreadRange> ranges) {
    return read(() -> real.unread(user, ranges));
  }

  @Override
  public List<Receipt> receipts(Map<ConversationId, Set<UserId>> members) {
    return read(() -> real.receipts(members));
  }
}
