package chat.engine.postgres.message;

import chat.engine.ConversationId;
import chat.engine.PinnedMessage;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.Pin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pins of a batch: reads whether the messages are pinned, keeps that up to date while {@link
 * MessageChanges} decides, and writes what has come of it. Where nothing is pinned and nothing is
 * to be pinned, no statement is executed.
 */
final class PinChanges {
  private static final String FIND =
      "SELECT p.conversation_id, p.seq, p.rev FROM unnest(?::bigint[], ?::bigint[]) AS d (c, s)"
          + " JOIN chat_pins p ON p.conversation_id = d.c AND p.seq = d.s";

  private static final String DELETE =
      "DELETE FROM chat_pins p USING unnest(?::bigint[], ?::bigint[]) AS d (c, s)"
          + " WHERE p.conversation_id = d.c AND p.seq = d.s";

  private static final String INSERT =
      "INSERT INTO chat_pins (conversation_id, seq, rev, pinned_by, pinned_at)"
          + " SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[],"
          + " ?::timestamptz[]) AS d (c, s, v, u, z)";

  private final LockedCounters counters;

  /** The revs of those that are pinned, as things stand. */
  private final Map<MessagePlace, Long> revs = new HashMap<>();

  /** Those that were pinned before this batch, or its phase. */
  private Collection<MessagePlace> before = List.of();

  /** What has changed: the pin; empty if there is none any more. */
  private final Map<MessagePlace, Optional<Pin>> changed = new LinkedHashMap<>();

  PinChanges(LockedCounters counters) {
    this.counters = counters;
  }

  /** Reads which of these messages, which are to be pinned, unpinned or deleted, are pinned. */
  void find(Connection connection, List<MessagePlace> messages) throws SQLException {
    if (messages.isEmpty()) {
      return;
    }
    SqlArrays arrays = new SqlArrays(connection);
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(1, arrays.bigints(messages, place -> place.conversation().value()));
      statement.setArray(2, arrays.bigints(messages, MessagePlace::seq));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          revs.put(
              new MessagePlace(ConversationId.of(row.getLong(1)), row.getLong(2)), row.getLong(3));
        }
      }
    }
    before = List.copyOf(revs.keySet());
  }

  /** Why a pin of a message changes nothing; null if it does. */
  @Nullable AppendOutcome refusal(Pin pin, boolean deleted) {
    if (pin.on() && deleted) {
      return new AppendOutcome.WasDeleted();
    }
    Long rev = revs.get(place(pin));
    if ((rev != null) == pin.on()) {
      return new AppendOutcome.UnchangedPin(rev == null ? 0 : rev);
    }
    return pin.on() && counters.of(pin.conversation()).pins() >= PinnedMessage.MAX_PER_CONVERSATION
        ? new AppendOutcome.TooManyPins(PinnedMessage.MAX_PER_CONVERSATION)
        : null;
  }

  /** A message was pinned or unpinned with this rev. */
  void change(Pin pin, long rev) {
    if (pin.on()) {
      revs.put(place(pin), rev);
      changed.put(place(pin), Optional.of(pin));
      counters.of(pin.conversation()).addPins(1);
    } else {
      forget(place(pin));
    }
  }

  /** The message is not pinned any more, or was deleted; it need not have been pinned. */
  void forget(MessagePlace message) {
    if (revs.remove(message) != null) {
      changed.put(message, Optional.empty());
      counters.of(message.conversation()).addPins(-1);
    }
  }

  private static MessagePlace place(Pin pin) {
    return new MessagePlace(pin.conversation(), pin.seq());
  }

  /** Writes down what has changed. */
  void write(Connection connection) throws SQLException {
    List<MessagePlace> taken = changed.keySet().stream().filter(before::contains).toList();
    List<Pin> given = changed.values().stream().flatMap(Optional::stream).toList();
    SqlArrays arrays = new SqlArrays(connection);
    if (!taken.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
        statement.setArray(1, arrays.bigints(taken, place -> place.conversation().value()));
        statement.setArray(2, arrays.bigints(taken, MessagePlace::seq));
        statement.executeUpdate();
      }
    }
    if (!given.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
        statement.setArray(1, arrays.bigints(given, pin -> pin.conversation().value()));
        statement.setArray(2, arrays.bigints(given, Pin::seq));
        statement.setArray(3, arrays.bigints(given, pin -> revs.get(place(pin))));
        statement.setArray(4, arrays.texts(given, pin -> pin.actor().value()));
        statement.setArray(5, arrays.times(given, Pin::at));
        statement.executeUpdate();
      }
    }
  }
}
