package chat.engine.postgres.user;

import chat.engine.UserId;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.UserReplacements.Place;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is to be done with users, and what was done within the last hour. */
final class ReplacementJobs {
  private static final String FORGET_OLD =
      "DELETE FROM chat_user_replacements WHERE finished_at < clock_timestamp() - interval '1 hour'";

  /** One that is finished begins anew. */
  private static final String BEGIN =
      "INSERT INTO chat_user_replacements AS j (user_hash, kind, user_id, replacement, worked_at)"
          + " VALUES (?, ?, ?, ?, clock_timestamp()) ON CONFLICT (user_hash, kind) DO UPDATE"
          + " SET user_id = excluded.user_id, replacement = excluded.replacement, reached_conversation = 0,"
          + " reached_rev = 0, worked_at = excluded.worked_at, finished_at = NULL"
          + " WHERE j.finished_at IS NOT NULL";

  private static final String COLUMNS =
      "kind, user_id, replacement, reached_conversation, reached_rev";

  private static final String FIND =
      "SELECT "
          + COLUMNS
          + " FROM chat_user_replacements WHERE user_hash = ? AND kind = ? AND finished_at IS NULL";

  private static final String IS_DONE =
      "SELECT 1 FROM chat_user_replacements WHERE user_hash = ? AND kind = ? AND finished_at IS NOT NULL";

  private static final String CLAIM =
      "UPDATE chat_user_replacements SET worked_at = clock_timestamp() WHERE (user_hash, kind) IN"
          + " (SELECT user_hash, kind FROM chat_user_replacements WHERE finished_at IS NULL"
          + " AND worked_at <= clock_timestamp() - ? * interval '1 millisecond'"
          + " ORDER BY worked_at LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING "
          + COLUMNS;

  private static final String REACHED =
      "UPDATE chat_user_replacements SET reached_conversation = ?, reached_rev = ?,"
          + " worked_at = clock_timestamp() WHERE user_hash = ? AND kind = ? AND finished_at IS NULL";

  private static final String FINISH =
      "UPDATE chat_user_replacements SET user_id = NULL, replacement = NULL, reached_conversation = 0,"
          + " reached_rev = 0, finished_at = clock_timestamp()"
          + " WHERE user_hash = ? AND kind = ? AND finished_at IS NULL";

  private static final String ANY =
      "SELECT user_hash FROM chat_user_replacements WHERE kind <> 'D'";

  private ReplacementJobs() {}

  static byte[] hash(UserId user) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(user.value().getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException none) {
      throw new IllegalStateException(none); // every JVM has it
    }
  }

  static Job begin(Connection connection, Kind kind, UserId user, UserId replacement)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET_OLD)) {
      statement.executeUpdate();
    }
    try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
      statement.setBytes(1, hash(user));
      statement.setString(2, code(kind));
      statement.setString(3, user.value());
      statement.setString(4, replacement.value());
      statement.executeUpdate();
    }
    return find(connection, kind, user).orElseThrow();
  }

  static Optional<Job> find(Connection connection, Kind kind, UserId user) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setBytes(1, hash(user));
      statement.setString(2, code(kind));
      return jobs(statement).stream().findFirst();
    }
  }

  static boolean isDone(Connection connection, Kind kind, UserId user) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(IS_DONE)) {
      statement.setBytes(1, hash(user));
      statement.setString(2, code(kind));
      return statement.executeQuery().next();
    }
  }

  static List<Job> claim(Connection connection, Duration idle, int limit) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
      statement.setLong(1, idle.toMillis());
      statement.setInt(2, limit);
      return jobs(statement);
    }
  }

  private static List<Job> jobs(PreparedStatement statement) throws SQLException {
    List<Job> jobs = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        jobs.add(
            new Job(
                kind(row.getString(1)),
                UserId.of(row.getString(2)),
                UserId.of(row.getString(3)),
                new Place(row.getLong(4), row.getLong(5))));
      }
    }
    return jobs;
  }

  static void reached(Connection connection, Job job, Place place) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(REACHED)) {
      statement.setLong(1, place.conversation());
      statement.setLong(2, place.rev());
      statement.setBytes(3, hash(job.user()));
      statement.setString(4, code(job.kind()));
      statement.executeUpdate();
    }
  }

  static void finish(Connection connection, Job job) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FINISH)) {
      statement.setBytes(1, hash(job.user()));
      statement.setString(2, code(job.kind()));
      statement.executeUpdate();
    }
  }

  /** The table is empty nearly always. */
  static Set<UserId> recent(Connection connection, Set<UserId> users) throws SQLException {
    List<byte[]> hashes = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(ANY);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        hashes.add(row.getBytes(1));
      }
    }
    Set<UserId> found = new HashSet<>();
    if (!hashes.isEmpty()) {
      Set<String> known = new HashSet<>();
      hashes.forEach(hash -> known.add(text(hash)));
      users.stream().filter(user -> known.contains(text(hash(user)))).forEach(found::add);
    }
    return found;
  }

  private static String text(byte[] hash) {
    return new String(hash, StandardCharsets.ISO_8859_1);
  }

  private static String code(Kind kind) {
    return switch (kind) {
      case ERASE -> "E";
      case RENAME -> "R";
      case DELETE_MESSAGES -> "D";
    };
  }

  private static Kind kind(String code) {
    return switch (code) {
      case "E" -> Kind.ERASE;
      case "R" -> Kind.RENAME;
      case "D" -> Kind.DELETE_MESSAGES;
      default -> throw new IllegalStateException("unknown kind of replacement " + code);
    };
  }
}
