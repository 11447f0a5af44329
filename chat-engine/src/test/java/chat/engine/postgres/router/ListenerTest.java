package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.router.Recorder;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One node as it comes, stays, is thrown out and goes. */
@Timeout(60)
final class ListenerTest {
  private static final Topic BOB = new Topic("user:bob");
  private static final String OURS =
      " FROM pg_stat_activity WHERE application_name = 'chat-engine router'";

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final Logged logged = Logged.below("chat.engine.postgres.router");
  private final Recorder recorder = new Recorder();
  private final PostgresRouter router =
      PostgresRouter.open(database.jdbcUrl(), database.user(), database.password());

  @BeforeEach
  void start() {
    router.start("c", recorder);
    router.subscribe(List.of(BOB));
    soon().until(router::healthy);
  }

  @AfterEach
  void close() {
    router.close();
    logged.close();
    database.close();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30));
  }

  private long number(String query) {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException fault) {
      throw new IllegalStateException(fault);
    }
  }

  private long connections() {
    return number("SELECT count(*)" + OURS + " AND datname = current_database()");
  }

  @Test
  void aNodeThatLeavesTakesItsRowsAndConnectionsAlong() {
    assertThat(connections()).isEqualTo(2);
    router.close();
    soon().until(() -> number("SELECT count(*) FROM chat_nodes") == 0);
    assertThat(number("SELECT count(*) FROM chat_node_topics")).isZero();
    soon().until(() -> connections() == 0);
  }

  /** Nothing but its own heartbeat tells it that it is linked. */
  @Test
  void aNodeToWhichNobodySpeaksStaysLinked() {
    soon()
        .during(Membership.SILENCE.plusMillis(1_200))
        .until(() -> logged.lines("nothing comes through").isEmpty());
    soon().until(router::healthy);
  }

  @Test
  void aConnectionThatIsEndedIsReplacedAndTheOldTracesAreRemoved() {
    long id = number("SELECT node_id FROM chat_nodes");
    int before = recorder.doubts.get();
    assertThat(
            number(
                "SELECT count(pg_terminate_backend(pid))"
                    + OURS
                    + " AND datname = current_database()"))
        .isEqualTo(2);
    soon().until(() -> recorder.doubts.get() > before);
    soon().until(router::healthy);
    soon().until(() -> number("SELECT count(*) FROM chat_nodes") == 1);
    assertThat(number("SELECT node_id FROM chat_nodes")).isNotEqualTo(id);
    assertThat(number("SELECT count(*) FROM chat_node_topics")).isEqualTo(1);
    assertThat(logged.warnings()).isNotEmpty();
  }

  @Test
  void aLeaseThatHasEndedIsNotRenewed() {
    long id = number("SELECT node_id FROM chat_nodes");
    assertThat(
            number(
                "WITH late AS (UPDATE chat_nodes SET beat_at = beat_at - interval '6 seconds'"
                    + " RETURNING 1) SELECT count(*) FROM late"))
        .isEqualTo(1);
    soon()
        .until(
            () -> number("SELECT count(*) FROM chat_nodes WHERE ready AND node_id <> " + id) == 1);
    soon().until(router::healthy);
  }
}
