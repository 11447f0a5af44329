package chat.engine.postgres.message;

import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.MemberKey;
import chat.engine.postgres.row.MemberRows;
import chat.engine.postgres.row.MessageRows;
import chat.engine.postgres.row.ReplyPreviews;
import chat.engine.postgres.row.Writer;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sends of a batch, or of a phase of it, to conversations that are locked: looks up memberships
 * and duplicates, gives the seqs, inserts.
 */
final class MessageSends {
  private static final String FIND_DUPLICATES =
      "SELECT "
          + MessageRows.COLUMNS
          + ", m.members_rev, m.content_hash FROM unnest(?::bigint[], ?::text[], ?::text[])"
          + " AS d (conversation_id, sender_id, client_message_id)"
          + " JOIN chat_messages m ON m.conversation_id = d.conversation_id AND m.sender_id = d.sender_id"
          + " AND m.client_message_id = d.client_message_id";

  private final Connection connection;
  private final LockedCounters counters;
  private final List<Draft> drafts;
  private final @Nullable AppendOutcome[] outcomes;
  private final Set<MemberKey> mentionable = new HashSet<>();

  /** Those who have to wait between two sends. */
  private final SlowSenders slow = new SlowSenders();

  private record First(Message message, long membersRev, long contentHash) {}

  /**
   * @param drafts to conversations that are locked
   */
  MessageSends(Connection connection, LockedCounters counters, List<Draft> drafts) {
    this.connection = connection;
    this.counters = counters;
    this.drafts = drafts;
    this.outcomes = new AppendOutcome[drafts.size()];
  }

  List<@Nullable AppendOutcome> store() throws SQLException {
    settleDuplicates(
        findDuplicates()); // first: a retry is told the truth even if its sender was removed since
    lookUpSenders();
    refuseBlocked();
    findMentioned();
    List<MessageInsert.Numbered> fresh = number();
    if (!fresh.isEmpty()) {
      MessageInsert.execute(connection, fresh);
      MentionRows mentions = new MentionRows();
      fresh.forEach(message -> mentions.sent(message.draft(), message.seq()));
      mentions.write(connection);
    }
    slow.save(connection);
    addPreviews();
    return Arrays.asList(outcomes);
  }

  private Map<MessageKey, First> findDuplicates() throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    Map<MessageKey, First> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND_DUPLICATES)) {
      statement.setArray(1, arrays.bigints(drafts, draft -> draft.conversation().value()));
      statement.setArray(2, arrays.texts(drafts, draft -> draft.sender().value()));
      statement.setArray(3, arrays.texts(drafts, draft -> draft.clientMessageId().value()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          Message message = MessageRows.read(rows);
          found.put(
              new MessageKey(message.conversation(), message.from(), message.clientMessageId()),
              new First(
                  message,
                  rows.getLong(MessageRows.WIDTH + 1),
                  rows.getLong(MessageRows.WIDTH + 2)));
        }
      }
    }
    return found;
  }

  private void settleDuplicates(Map<MessageKey, First> stored) {
    for (int i = 0; i < outcomes.length; i++) {
      First first = stored.get(MessageKey.of(drafts.get(i)));
      if (first != null) {
        outcomes[i] = repeated(drafts.get(i), first);
      }
    }
  }

  private static AppendOutcome repeated(Draft draft, First first) {
    return first.contentHash() == draft.contentHash()
        ? new AppendOutcome.Duplicate(first.message(), first.membersRev())
        : new AppendOutcome.Conflict();
  }

  /**
   * Looks up the senders that were not verified under the rev that is in force, and refuses those
   * who are no members or silenced.
   */
  private void lookUpSenders() throws SQLException {
    List<Integer> doubtful =
        IntStream.range(0, outcomes.length)
            .filter(i -> outcomes[i] == null && isDoubtful(drafts.get(i)))
            .boxed()
            .toList();
    if (doubtful.isEmpty()) {
      return;
    }
    Map<MemberKey, Writer> members =
        MemberRows.writers(connection, doubtful.stream().map(i -> sender(drafts.get(i))).toList());
    for (int i : doubtful) {
      Draft draft = drafts.get(i);
      Writer member = members.get(sender(draft));
      if (member == null) {
        outcomes[i] = new AppendOutcome.NotMember();
      } else if (member.isSilenced(draft.createdAt())) {
        outcomes[i] = new AppendOutcome.Silenced(Objects.requireNonNull(member.silencedUntil()));
      }
    }
    slow.lookUp(connection, members);
  }

  /** Looks up which of the mentioned users are members. */
  private void findMentioned() throws SQLException {
    List<MemberKey> mentioned =
        IntStream.range(0, outcomes.length)
            .filter(i -> outcomes[i] == null)
            .mapToObj(drafts::get)
            .flatMap(draft -> draft.mentions().stream().map(user -> member(draft, user)))
            .distinct()
            .toList();
    mentionable.addAll(MemberRows.writers(connection, mentioned).keySet());
  }

  /** The first of the mentioned who is no member; null if none is. */
  private @Nullable UserId strangerIn(Draft draft) {
    for (UserId user : draft.mentions()) {
      if (!mentionable.contains(member(draft, user))) {
        return user;
      }
    }
    return null;
  }

  private static MemberKey member(Draft draft, UserId user) {
    return new MemberKey(draft.conversation(), user);
  }

  /** After the insert, since a message may answer another of the same batch. */
  private void addPreviews() throws SQLException {
    ReplyPreviews.Wanted wanted = new ReplyPreviews.Wanted();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] instanceof AppendOutcome.Stored) {
        wanted.add(drafts.get(i).conversation(), drafts.get(i).replyTo());
      } else if (outcomes[i] instanceof AppendOutcome.Duplicate duplicate) {
        wanted.add(duplicate.first());
      }
    }
    if (wanted.isEmpty()) {
      return;
    }
    ReplyPreviews previews = ReplyPreviews.read(connection, wanted);
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] instanceof AppendOutcome.Stored stored) {
        outcomes[i] =
            stored.withReplyPreview(
                previews.of(drafts.get(i).conversation(), drafts.get(i).replyTo()));
      } else if (outcomes[i] instanceof AppendOutcome.Duplicate duplicate) {
        outcomes[i] =
            new AppendOutcome.Duplicate(previews.addTo(duplicate.first()), duplicate.membersRev());
      }
    }
  }

  private void refuseBlocked() {
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = counters.block(drafts.get(i).conversation(), drafts.get(i).sender());
      }
    }
  }

  private boolean isDoubtful(Draft draft) {
    return !draft.sender().isSystem()
        && draft.verifiedRev() != counters.of(draft.conversation()).membersRev();
  }

  private static MemberKey sender(Draft draft) {
    return member(draft, draft.sender());
  }

  /** Gives the seqs. @return what is to be inserted */
  private List<MessageInsert.Numbered> number() {
    List<MessageInsert.Numbered> fresh = new ArrayList<>(outcomes.length);
    Map<MessageKey, First> seen = new HashMap<>();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] != null) {
        continue;
      }
      Draft draft = drafts.get(i);
      First first = seen.get(MessageKey.of(draft));
      if (first != null) {
        outcomes[i] = repeated(draft, first);
        continue;
      }
      UserId stranger = strangerIn(draft);
      if (stranger != null) {
        outcomes[i] = new AppendOutcome.MentionsStranger(stranger);
        continue;
      }
      if (draft.lacksOriginal()) {
        outcomes[i] = new AppendOutcome.NoSuchOriginal();
        continue;
      }
      LockedCounters.Counter counter = counters.of(draft.conversation());
      if (draft.repliesBeyond(counter.lastSeq())) {
        outcomes[i] = new AppendOutcome.NoSuchMessage();
        continue;
      }
      Duration wait = slow.take(sender(draft), draft.createdAt());
      if (!wait.isZero()) {
        outcomes[i] = new AppendOutcome.TooSoon(wait);
        continue;
      }
      long seq = counter.nextSeq(draft.createdAt());
      outcomes[i] =
          new AppendOutcome.Stored(seq, counter.membersRev(), !slow.concerns(sender(draft)));
      seen.put(
          MessageKey.of(draft),
          new First(draft.asMessage(seq), counter.membersRev(), draft.contentHash()));
      fresh.add(new MessageInsert.Numbered(draft, seq, counter.membersRev()));
    }
    return fresh;
  }
}
