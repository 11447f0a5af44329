package chat.engine.postgres.message;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.ReactionCount;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.ReactionCounts;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Reaction;
import chat.engine.spi.Reattribution;
import chat.engine.spi.Write;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What users react to the messages of a batch with: reads it, keeps it up to date while {@link
 * MessageChanges} decides, and writes what has come of it. However many users react to a message,
 * its row is written once in a batch.
 */
final class ReactionChanges {
  /** What those who react have reacted with, now or before. Bound by {@link #bindFind}. */
  static final String FIND =
      "SELECT r.conversation_id, r.seq, r.user_id, r.emoji, r.rev, r.active"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::text[]) AS d (c, s, u)"
          + " JOIN chat_reactions r ON r.conversation_id = d.c AND r.seq = d.s AND r.user_id = d.u";

  /** Messages of which nothing but the reactions has changed. Bound by {@link #bindMessages}. */
  static final String UPDATE_MESSAGES =
      "UPDATE chat_messages m SET rev = d.v, reactions = d.r"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[]) AS d (c, s, v, r)"
          + " WHERE m.conversation_id = d.c AND m.seq = d.s; ";

  /** Bound by {@link #bindRows}. */
  static final String WRITE_ROWS =
      "INSERT INTO chat_reactions (conversation_id, seq, user_id, emoji, rev, active)"
          + " SELECT c, s, u, e, v, a = 1"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::bigint[])"
          + " AS d (c, s, u, e, v, a)"
          + " ON CONFLICT (conversation_id, seq, user_id, emoji)"
          + " DO UPDATE SET rev = excluded.rev, active = excluded.active; ";

  /** The reactions to deleted messages. Bound by {@link #bindDeleted}. */
  static final String DELETE_ROWS =
      "DELETE FROM chat_reactions r USING unnest(?::bigint[], ?::bigint[]) AS d (c, s)"
          + " WHERE r.conversation_id = d.c AND r.seq = d.s; ";

  private final Map<Reactor, Map<Emoji, Given>> given = new HashMap<>();
  private final Map<Row, Given> changed = new LinkedHashMap<>();

  /** A user and a message. */
  record Reactor(ConversationId conversation, long seq, UserId user) {
    static Reactor of(Reaction reaction) {
      return new Reactor(reaction.conversation(), reaction.seq(), reaction.actor());
    }

    /** Whose reactions a write may change; empty for one that changes none. */
    static Optional<Reactor> of(Write write) {
      if (write instanceof Reaction reaction) {
        return Optional.of(of(reaction));
      }
      return write instanceof Reattribution gone && gone.erases()
          ? Optional.of(new Reactor(gone.conversation(), gone.seq(), gone.user()))
          : Optional.empty();
    }
  }

  private record Row(Reactor reactor, Emoji emoji) {
    static Row of(Reaction reaction) {
      return new Row(Reactor.of(reaction), reaction.emoji());
    }
  }

  /**
   * @param rev of its last change
   * @param active whether it was not taken back
   */
  private record Given(long rev, boolean active) {
    static final Given NEVER = new Given(0, false);
  }

  /**
   * @return index of the first parameter behind those of {@link #FIND}
   */
  static int bindFind(PreparedStatement statement, int from, List<Reactor> wanted)
      throws SQLException {
    List<Reactor> reactors = wanted.stream().distinct().toList();
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(from, arrays.bigints(reactors, one -> one.conversation().value()));
    statement.setArray(from + 1, arrays.bigints(reactors, Reactor::seq));
    statement.setArray(from + 2, arrays.texts(reactors, one -> one.user().value()));
    return from + 3;
  }

  /** Takes what {@link #FIND} found, which is the next result of the statement. */
  void found(PreparedStatement statement) throws SQLException {
    statement.getMoreResults();
    try (ResultSet row = statement.getResultSet()) {
      while (row.next()) {
        Reactor reactor =
            new Reactor(
                ConversationId.of(row.getLong(1)),
                row.getLong(2),
                UserId.fromStored(row.getString(3)));
        given
            .computeIfAbsent(reactor, none -> new HashMap<>())
            .put(Emoji.fromStored(row.getString(4)), new Given(row.getLong(5), row.getBoolean(6)));
      }
    }
  }

  /** Why a reaction to this message changes nothing; null if it does. */
  @Nullable AppendOutcome refusal(Reaction reaction, Message message) {
    if (message.deleted()) {
      return new AppendOutcome.WasDeleted();
    }
    Map<Emoji, Given> own = given.getOrDefault(Reactor.of(reaction), Map.of());
    Given before = own.getOrDefault(reaction.emoji(), Given.NEVER);
    if (before.active() == reaction.on()) {
      return new AppendOutcome.UnchangedReaction(
          before.rev(), message.reactionsWith(reaction.emoji()));
    }
    if (reaction.on()
        && own.values().stream().filter(Given::active).count() >= UserReactions.MAX_PER_USER) {
      return new AppendOutcome.TooManyReactions(UserReactions.MAX_PER_USER, true);
    }
    if (reaction.on()
        && message.reactions().size() >= ReactionCount.MAX_PER_MESSAGE
        && message.reactionsWith(reaction.emoji()) == 0) {
      return new AppendOutcome.TooManyReactions(ReactionCount.MAX_PER_MESSAGE, false);
    }
    return null;
  }

  /** A reaction was given or taken back with this rev. */
  void change(Reaction reaction, long rev) {
    Given now = new Given(rev, reaction.on());
    given.computeIfAbsent(Reactor.of(reaction), none -> new HashMap<>()).put(reaction.emoji(), now);
    changed.put(Row.of(reaction), now);
  }

  /** What a user reacts with, of those who were looked up. */
  List<Emoji> activeOf(Message message, UserId user) {
    return given
        .getOrDefault(new Reactor(message.conversation(), message.seq(), user), Map.of())
        .entrySet()
        .stream()
        .filter(entry -> entry.getValue().active())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A reaction ends with this rev. */
  void takeBack(Message message, UserId user, Emoji emoji, long rev) {
    Reactor reactor = new Reactor(message.conversation(), message.seq(), user);
    Given now = new Given(rev, false);
    given.computeIfAbsent(reactor, none -> new HashMap<>()).put(emoji, now);
    changed.put(new Row(reactor, emoji), now);
  }

  /** The message was deleted after those changes. */
  void forget(Message message) {
    changed
        .keySet()
        .removeIf(
            row ->
                row.reactor().seq() == message.seq()
                    && row.reactor().conversation().equals(message.conversation()));
  }

  boolean isEmpty() {
    return changed.isEmpty();
  }

  /**
   * @return index of the first parameter behind those of {@link #UPDATE_MESSAGES}
   */
  static int bindMessages(PreparedStatement statement, int from, List<Message> after)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(from, arrays.bigints(after, message -> message.conversation().value()));
    statement.setArray(from + 1, arrays.bigints(after, Message::seq));
    statement.setArray(from + 2, arrays.bigints(after, Message::rev));
    statement.setArray(
        from + 3, arrays.texts(after, message -> ReactionCounts.lines(message.reactions())));
    return from + 4;
  }

  /**
   * @return index of the first parameter behind those of {@link #WRITE_ROWS}
   */
  int bindRows(PreparedStatement statement, int from) throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    List<Map.Entry<Row, Given>> rows = List.copyOf(changed.entrySet());
    statement.setArray(
        from, arrays.bigints(rows, row -> row.getKey().reactor().conversation().value()));
    statement.setArray(from + 1, arrays.bigints(rows, row -> row.getKey().reactor().seq()));
    statement.setArray(from + 2, arrays.texts(rows, row -> row.getKey().reactor().user().value()));
    statement.setArray(from + 3, arrays.texts(rows, row -> row.getKey().emoji().value()));
    statement.setArray(from + 4, arrays.bigints(rows, row -> row.getValue().rev()));
    statement.setArray(from + 5, arrays.bigints(rows, row -> row.getValue().active() ? 1L : 0L));
    return from + 6;
  }

  /**
   * @return index of the first parameter behind those of {@link #DELETE_ROWS}
   */
  static int bindDeleted(PreparedStatement statement, int from, List<Message> deleted)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(from, arrays.bigints(deleted, message -> message.conversation().value()));
    statement.setArray(from + 1, arrays.bigints(deleted, Message::seq));
    return from + 2;
  }
}
