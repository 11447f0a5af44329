package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Times of last seen as PostgreSQL has them. */
@Timeout(60)
final class LastSeenOrderTest {
  @Test
  void rowsAreWrittenInOneOrderWhateverThePlan() throws Exception {
    try (TestDatabase database = TestPostgres.chatDatabase();
        PostgresMessageStore store = PostgresMessageStore.open(database.dataSource());
        Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE trace (n bigserial, u text);"
              + " CREATE FUNCTION trace() RETURNS trigger LANGUAGE plpgsql AS"
              + " 'BEGIN INSERT INTO trace (u) VALUES (new.user_id); RETURN new; END';"
              + " CREATE TRIGGER trace BEFORE INSERT ON chat_last_seen"
              + " FOR EACH ROW EXECUTE FUNCTION trace();"
              // many, so that they and the given users are joined by hashes
              + " INSERT INTO chat_user_replacements (user_hash, kind, worked_at, finished_at)"
              + " SELECT sha256(convert_to(i::text, 'UTF8')), 'E', now(), now()"
              + " FROM generate_series(1, 50000) i; ANALYZE chat_user_replacements");
      store
          .lastSeen()
          .record(
              IntStream.range(0, 500)
                  .mapToObj(i -> UserId.of("u" + i))
                  .collect(Collectors.toMap(Function.identity(), user -> Instant.EPOCH)));
      try (ResultSet row =
          statement.executeQuery(
              "SELECT count(*), array_agg(u ORDER BY n) = array_agg(u ORDER BY u) FROM trace")) {
        row.next();
        assertThat(Map.entry(row.getInt(1), row.getBoolean(2))).isEqualTo(Map.entry(500, true));
      }
    }
  }
}
