package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.UserId;
import chat.engine.spi.StoredMessage;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What V2 makes of the rows of V1: revs and places of joining as if they had always been stored.
 */
@Timeout(60)
final class MigrationToV2Test {
  private static final ConversationId CHANGED = ConversationId.of(1);
  private static final ConversationId QUIET = ConversationId.of(2);
  private static final ConversationId DIRECT = ConversationId.of(3);

  private static void execute(TestDatabase database, String... statements) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static void migrateToV1(TestDatabase database) {
    Flyway.configure()
        .dataSource(database.dataSource())
        .locations("classpath:chat/engine/migrations")
        .table("chat_schema_history")
        .target("1")
        .load()
        .migrate();
  }

  private static String changes(String... rows) {
    return "INSERT INTO chat_conversation_changes (conversation_id, rev, change_id, at_seq, kind,"
        + " actor_id, subject_id, role, name, changed_at) SELECT 1, rev, 900 + rev, at_seq, kind,"
        + " 'ada', subject, role, name, now() FROM (VALUES "
        + String.join(", ", rows)
        + ") AS d (rev, at_seq, kind, subject, role, name)";
  }

  @Test
  void revsAndPlacesOfJoiningAreFilledInFromTheLogOfChanges() throws SQLException {
    try (TestDatabase database = TestPostgres.freshDatabase()) {
      migrateToV1(database);
      execute(
          database,
          "INSERT INTO chat_conversations VALUES (1, 'G', 'changed', NULL, NULL, now()),"
              + " (2, 'G', 'quiet', NULL, NULL, now()), (3, 'D', NULL, 'ada', 'bob', now())",
          "INSERT INTO chat_conversation_counters VALUES (1, 7, 5), (2, 2, 0), (3, 1, 0)",
          "INSERT INTO chat_messages SELECT c, s, 100 * c + s, 0, NULL, now(), 'ada', 'c' || s, 'text'"
              + " FROM (VALUES (1, 7), (2, 2), (3, 1)) AS d (c, n), generate_series(1, n) s",
          // rev 1 and 2 before message 3, rev 3 and 4 before message 6, rev 5 after the last
          changes(
              "(1, 2, 'A', 'bob', 'M', NULL)",
              "(2, 2, 'R', 'bob', NULL, NULL)",
              "(3, 5, 'A', 'bob', 'M', NULL)",
              "(4, 5, 'N', NULL, NULL, 'changed')",
              "(5, 7, 'A', 'eve', 'A', NULL)"),
          "INSERT INTO chat_members VALUES (1, 'ada', 'O', now(), 0, 0), (1, 'bob', 'M', now(), 6, 7),"
              + " (1, 'eve', 'A', now(), 7, 7), (2, 'ada', 'O', now(), 0, 0)");

      try (PostgresMessageStore store =
          PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password())) {
        assertThat(store.after(CHANGED, 0, 10))
            .extracting(StoredMessage::membersRev)
            .containsExactly(0L, 0L, 2L, 2L, 2L, 4L, 4L);
        for (ConversationId other : List.of(QUIET, DIRECT)) {
          assertThat(store.after(other, 0, 10))
              .isNotEmpty()
              .extracting(StoredMessage::membersRev)
              .containsOnly(0L);
        }
        assertThat(store.conversations().members(CHANGED).orElseThrow().members())
            .extracting(Member::user, Member::joinedSeq, Member::joinedRev, Member::readSeq)
            .containsExactlyInAnyOrder(
                tuple(UserId.of("ada"), 0L, 0L, 0L),
                tuple(UserId.of("bob"), 5L, 3L, 6L),
                tuple(UserId.of("eve"), 7L, 5L, 7L));
        assertThat(store.conversations().member(QUIET, UserId.of("ada")).orElseThrow().joinedRev())
            .isZero();
        assertThat(store.conversations().changes(CHANGED, 0, 10))
            .extracting(ConversationChange::subjects)
            .containsExactly(
                List.of(UserId.of("bob")),
                List.of(UserId.of("bob")),
                List.of(UserId.of("bob")),
                List.of(),
                List.of(UserId.of("eve")));
        assertThat(store.writesSince(store.writesSince(null).mark()).complete()).isTrue();
      }
    }
  }
}
