package chat.engine.postgres;

import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.connection.Transactions;
import chat.engine.spi.ProfileStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Profiles in {@code chat_profiles}. */
final class PostgresProfileStore implements ProfileStore {
  private static final String UPDATE =
      "INSERT INTO chat_profiles AS p (user_id, display_name, avatar_url) VALUES (?, ?, ?)"
          + " ON CONFLICT (user_id) DO UPDATE SET"
          + " display_name = CASE WHEN ? THEN excluded.display_name ELSE p.display_name END,"
          + " avatar_url = CASE WHEN ? THEN excluded.avatar_url ELSE p.avatar_url END"
          + " RETURNING display_name, avatar_url";

  private static final String FIND =
      "SELECT display_name, avatar_url, user_id FROM chat_profiles WHERE user_id = ANY (?)"
          + " AND (display_name IS NOT NULL OR avatar_url IS NOT NULL)";

  private final Transactions transactions;

  PostgresProfileStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Profile update(UserId user, ProfileUpdate update) {
    return transactions.write(
        handle -> {
          try (PreparedStatement statement = handle.getConnection().prepareStatement(UPDATE)) {
            statement.setString(1, user.value());
            statement.setString(2, update.displayName());
            statement.setString(3, update.avatarUrl());
            statement.setBoolean(4, update.setsDisplayName());
            statement.setBoolean(5, update.setsAvatarUrl());
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return new Profile(user, row.getString(1), row.getString(2));
            }
          }
        });
  }

  @Override
  public Map<UserId, Profile> find(Collection<UserId> users) {
    if (users.isEmpty()) {
      return Map.of();
    }
    return transactions.read(
        handle -> {
          Map<UserId, Profile> found = new HashMap<>();
          try (PreparedStatement statement = handle.getConnection().prepareStatement(FIND)) {
            statement.setArray(
                1, new SqlArrays(handle.getConnection()).texts(List.copyOf(users), UserId::value));
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                UserId user = UserId.fromStored(rows.getString(3));
                found.put(user, new Profile(user, rows.getString(1), rows.getString(2)));
              }
            }
          }
          return found;
        });
  }
}
