package chat.engine.postgres.message.read;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.spi.MessageStore.MessagePlace;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads who reacted to messages. */
public final class ReactionReads {
  /** A range of the primary key, which is in this order, so it ends with the page. */
  private static final String PAGE =
      "SELECT user_id, array_agg(emoji ORDER BY rev) FROM chat_reactions"
          + " WHERE conversation_id = ? AND seq = ? AND user_id > ? AND active%s"
          + " GROUP BY user_id ORDER BY user_id LIMIT ?";

  private static final String ALL = PAGE.formatted("");
  private static final String OF_EMOJI = PAGE.formatted(" AND emoji = ?");

  /** A look-up in the primary key for each message; about the plan see {@link MessageRanges}. */
  private static final String OF_USER =
      "SELECT d.c, d.s, r.emoji FROM unnest(?::bigint[], ?::bigint[]) AS d (c, s)"
          + " CROSS JOIN LATERAL (SELECT * FROM chat_reactions x WHERE x.conversation_id = d.c"
          + " AND x.seq = d.s AND x.user_id = ? AND x.active ORDER BY x.emoji) r";

  private ReactionReads() {}

  /** See {@link chat.engine.spi.MessageStore#reactions}. */
  public static List<UserReactions> page(
      Connection connection,
      MessagePlace message,
      @Nullable Emoji emoji,
      @Nullable UserId after,
      int limit)
      throws SQLException {
    String sql = emoji == null ? ALL : OF_EMOJI;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = 1;
      statement.setLong(next++, message.conversation().value());
      statement.setLong(next++, message.seq());
      statement.setString(next++, after == null ? "" : after.value());
      if (emoji != null) {
        statement.setString(next++, emoji.value());
      }
      statement.setInt(next, limit);
      List<UserReactions> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String[] given = (String[]) row.getArray(2).getArray();
          found.add(
              new UserReactions(
                  UserId.fromStored(row.getString(1)),
                  Arrays.stream(given).map(Emoji::fromStored).toList()));
        }
      }
      return found;
    }
  }

  /** See {@link chat.engine.spi.MessageStore#reactionsOf}. */
  public static Map<MessagePlace, Set<Emoji>> of(
      Connection connection, UserId user, Collection<MessagePlace> messages) throws SQLException {
    List<MessagePlace> places = List.copyOf(messages);
    SqlArrays arrays = new SqlArrays(connection);
    Map<MessagePlace, Set<Emoji>> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(OF_USER)) {
      statement.setArray(1, arrays.bigints(places, place -> place.conversation().value()));
      statement.setArray(2, arrays.bigints(places, MessagePlace::seq));
      statement.setString(3, user.value());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          MessagePlace place = new MessagePlace(ConversationId.of(row.getLong(1)), row.getLong(2));
          found
              .computeIfAbsent(place, none -> new HashSet<>())
              .add(Emoji.fromStored(row.getString(3)));
        }
      }
    }
    return found;
  }
}
