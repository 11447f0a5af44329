package chat.engine.postgres.user;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Member;
import chat.engine.UserId;
import chat.engine.postgres.conversation.ConversationRows;
import chat.engine.postgres.conversation.GroupChanges;
import chat.engine.postgres.row.MemberRows;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.UserReplacements.Job;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Puts another user in the place of a member, with all that the member had, under the lock that a
 * send takes.
 */
final class MemberReplacement {
  private static final String RENAME =
      "UPDATE chat_members SET user_id = ?, joined_rev = ? WHERE conversation_id = ? AND user_id = ?";

  private static final String REMOVE =
      "DELETE FROM chat_members WHERE conversation_id = ? AND user_id = ?";

  private static final String SET_PEERS =
      "UPDATE chat_conversations SET peer_low = ?, peer_high = ? WHERE conversation_id = ?";

  private static final String FORGET_PAIR =
      "DELETE FROM chat_direct_conversations WHERE peer_low = ? AND peer_high = ? AND conversation_id = ?";

  /** Replacements can be shared by several users who were erased: the first pair stays. */
  private static final String NOTE_PAIR =
      "INSERT INTO chat_direct_conversations (peer_low, peer_high, conversation_id)"
          + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

  /** The blocks go with the user. */
  private static final String UNBLOCK =
      "UPDATE chat_conversation_counters SET blocked = false WHERE conversation_id = ? AND blocked";

  private MemberReplacement() {}

  static Optional<Changed> make(Connection connection, Job job, ConversationId id, Instant now)
      throws SQLException {
    Optional<GroupChanges.Locked> locked = GroupChanges.lock(connection, id);
    Found found = ConversationRows.find(connection, List.of(id)).get(id);
    if (locked.isEmpty() || found == null) {
      return Optional.empty();
    }
    Conversation conversation = found.conversation();
    if (conversation.kind() == ConversationKind.DIRECT) {
      return conversation.peers().contains(job.user())
          ? Optional.of(replacePeer(connection, job, conversation, locked.get(), now))
          : Optional.<Changed>empty();
    }
    Optional<Member> member =
        job.erases() ? Optional.empty() : MemberRows.find(connection, id, job.user());
    return member.isPresent()
        ? Optional.of(replaceMember(connection, job, id, member.get(), locked.get(), now))
        : Optional.<Changed>empty();
  }

  private static Changed replaceMember(
      Connection connection,
      Job job,
      ConversationId id,
      Member member,
      GroupChanges.Locked locked,
      Instant now)
      throws SQLException {
    long rev = locked.rev();
    ConversationChange removed =
        new ConversationChange(
            id,
            rev + 1,
            locked.lastSeq(),
            Kind.REMOVED,
            UserId.SYSTEM,
            List.of(job.user()),
            null,
            null,
            now);
    ConversationChange added =
        new ConversationChange(
            id,
            rev + 2,
            locked.lastSeq(),
            Kind.ADDED,
            UserId.SYSTEM,
            List.of(job.replacement()),
            member.role(),
            null,
            now);
    List<ConversationChange> changes = List.of(removed, added);
    if (MemberRows.find(connection, id, job.replacement()).isPresent()) { // was added meanwhile
      remove(connection, job, id);
      changes = List.of(removed);
    } else {
      rename(connection, job, id, added.rev());
    }
    return new Changed(GroupChanges.finish(connection, changes), changes);
  }

  private static Changed replacePeer(
      Connection connection, Job job, Conversation before, GroupChanges.Locked locked, Instant now)
      throws SQLException {
    ConversationId id = before.id();
    UserId other = before.peerOf(job.user()).orElseThrow();
    Conversation after = Conversation.direct(id, other, job.replacement(), before.createdAt());
    ConversationChange change =
        new ConversationChange(
            id,
            locked.rev() + 1,
            locked.lastSeq(),
            Kind.PEER_REPLACED,
            job.user(),
            after.peers(),
            null,
            null,
            now);
    setPeers(connection, after);
    pair(connection, FORGET_PAIR, before);
    pair(connection, NOTE_PAIR, after);
    if (job.erases()) {
      remove(connection, job, id);
      unblock(connection, id);
    } else {
      rename(connection, job, id, change.rev());
    }
    List<ConversationChange> changes = List.of(change);
    return new Changed(GroupChanges.finish(connection, changes), changes);
  }

  private static void rename(Connection connection, Job job, ConversationId id, long rev)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(RENAME)) {
      statement.setString(1, job.replacement().value());
      statement.setLong(2, rev);
      statement.setLong(3, id.value());
      statement.setString(4, job.user().value());
      statement.executeUpdate();
    }
  }

  private static void remove(Connection connection, Job job, ConversationId id)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(REMOVE)) {
      statement.setLong(1, id.value());
      statement.setString(2, job.user().value());
      statement.executeUpdate();
    }
  }

  private static void unblock(Connection connection, ConversationId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(UNBLOCK)) {
      statement.setLong(1, id.value());
      statement.executeUpdate();
    }
  }

  private static void setPeers(Connection connection, Conversation conversation)
      throws SQLException {
    pair(connection, SET_PEERS, conversation);
  }

  private static void pair(Connection connection, String sql, Conversation conversation)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, conversation.peers().get(0).value());
      statement.setString(2, conversation.peers().get(1).value());
      statement.setLong(3, conversation.id().value());
      statement.executeUpdate();
    }
  }
}
