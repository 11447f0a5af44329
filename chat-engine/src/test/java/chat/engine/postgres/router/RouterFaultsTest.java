package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.PrivatePostgres;
import chat.engine.testing.TcpProxy;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.router.Recorder;
import chat.engine.testing.router.TwoRouterNodes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a real PostgreSQL does to the nodes, and that they heal by themselves. */
@Tag("thorough")
@Timeout(180)
final class RouterFaultsTest extends TwoRouterNodes {
  private static final Duration HEALED = Duration.ofSeconds(20);

  private final PrivatePostgres server = TestPostgres.startPrivate();
  private final TestDatabase database = server.chatDatabase();
  private final TcpProxy link = TcpProxy.to(server.port());
  private final Logged logged = Logged.below("chat.engine.postgres.router");

  /** The node of ann. */
  private final PostgresRouter one = PostgresRouter.open(database.dataSource());

  /** The node of bob, whose link can be cut. */
  private final PostgresRouter two =
      PostgresRouter.open(
          "jdbc:postgresql://127.0.0.1:" + link.port() + "/" + database.name(),
          database.user(),
          database.password());

  RouterFaultsTest() {
    super(HEALED);
  }

  @Override
  protected List<Router> nodes() {
    return List.of(one, two);
  }

  @BeforeEach
  void start() {
    startBoth();
    sql("UPDATE chat_nodes SET joined_at = joined_at - interval '1 minute'"); // is not new
    awaitTruth();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    link.close();
    server.close();
    logged.close();
  }

  private void sql(String... all) {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : all) {
        statement.execute(sql);
      }
    } catch (SQLException fault) {
      throw new IllegalStateException(fault);
    }
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

  private void assertHealed() {
    awaitTruth();
    awaitDelivery(one, BOB, bob);
    awaitDelivery(two, ANN, ann);
  }

  // ---- the server

  @Test
  void aRestartIsHealedWithOneWarningForEachNodeAndNobodyIsSaidToBeAway() throws Exception {
    try (Truth truth = new Truth(one, BOB)) {
      int before = bob.doubts.get();
      server.stop();
      soon().until(() -> !two.healthy());
      server.start();
      awaitDoubtOf(bob, before);
      assertHealed();
      assertThat(truth.lies).hasValue(0);
    }
    assertThat(logged.warnings()).hasSize(2);
    assertThat(logged.lines("works again")).hasSize(2);
    soon().until(() -> number("SELECT count(*) FROM chat_nodes") == 2);
  }

  @Test
  void aCrashThatEmptiesTheTablesIsHealedAndNobodyIsSaidToBeAway() throws Exception {
    try (Truth truth = new Truth(one, BOB)) {
      int before = bob.doubts.get();
      server.kill();
      server.start();
      awaitDoubtOf(bob, before);
      assertHealed();
      assertThat(truth.lies).hasValue(0);
    }
    assertThat(ann.dead).isEmpty();
    assertThat(bob.dead).isEmpty();
  }

  @Test
  void terminatedConnectionsAreReplaced() throws Exception {
    try (Truth truth = new Truth(one, BOB)) {
      for (String which : List.of("SELECT max(pid)", "SELECT min(pid)", "SELECT pid")) {
        int before = bob.doubts.get();
        sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN ("
                + which
                + " FROM pg_stat_activity WHERE application_name = 'chat-engine router')");
        awaitDoubtOf(bob, before);
        assertHealed();
      }
      assertThat(truth.lies).hasValue(0);
    }
    assertThat(ann.dead).isEmpty();
  }

  @Test
  void aDatabaseThatBecomesReadOnlyIsLeftAndFoundAgain() {
    int before = bob.doubts.get();
    sql("ALTER DATABASE " + database.name() + " SET default_transaction_read_only = on");
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
    soon().until(() -> !one.healthy() && !two.healthy());
    soon().until(() -> !logged.lines("read-only").isEmpty());
    sql(
        "SET default_transaction_read_only = off",
        "ALTER DATABASE " + database.name() + " RESET default_transaction_read_only");
    awaitDoubtOf(bob, before);
    assertHealed();
  }

  // ---- the network

  @Test
  void aLinkThatSwallowsRepliesIsLeftAndCallsEndInTime() {
    int before = bob.doubts.get();
    link.swallowReplies();
    assertThatThrownBy(() -> two.publish(List.of(to(ANN, "lost"))))
        .isInstanceOf(RouterUnavailableException.class);
    two.subscribe(List.of(new Topic("user:meanwhile")));
    soon().until(() -> !two.healthy());
    link.breakConnections(); // half-open connections end some day
    link.heal();
    awaitDoubtOf(bob, before);
    assertHealed();
    awaitDelivery(one, new Topic("user:meanwhile"), bob);
  }

  @Test
  void aLinkThatSwallowsRequestsIsLeft() {
    int before = bob.doubts.get();
    link.swallowRequests();
    soon().until(() -> !two.healthy());
    link.breakConnections();
    link.heal();
    awaitDoubtOf(bob, before);
    assertHealed();
  }

  // ---- the tables

  @Test
  void deletedTopicsAreWrittenAgainAndBothSidesAreInDoubt() {
    int annBefore = ann.doubts.get();
    int bobBefore = bob.doubts.get();
    sql("DELETE FROM chat_node_topics WHERE topic = 'user:bob'");
    awaitDoubtOf(bob, bobBefore);
    awaitDoubtOf(ann, annBefore);
    assertHealed();
    assertThat(logged.lines("1 subscriptions of this node were missing")).hasSize(1);
    assertThat(logged.lines("linked to PostgreSQL as")).hasSize(2); // the same incarnations
  }

  @Test
  void aTopicThatTheNodeDoesNotHaveIsRemoved() {
    sql("INSERT INTO chat_node_topics SELECT 'user:nobody', node_id FROM chat_nodes");
    soon()
        .until(
            () -> number("SELECT count(*) FROM chat_node_topics WHERE topic = 'user:nobody'") == 0);
    awaitTruth();
  }

  @Test
  void tablesThatAreEmptiedAreWrittenAgainAndNobodyIsSaidToBeAway() throws Exception {
    try (Truth truth = new Truth(one, BOB)) {
      int before = bob.doubts.get();
      sql("TRUNCATE chat_nodes, chat_node_topics");
      awaitDoubtOf(bob, before);
      assertHealed();
      assertThat(truth.lies).hasValue(0);
    }
    assertThat(number("SELECT count(*) FROM chat_node_topics")).isEqualTo(2);
  }

  @Test
  void aLeaseThatHasEndedIsNotRenewed() {
    int before = bob.doubts.get();
    sql("UPDATE chat_nodes SET beat_at = beat_at - interval '6 seconds'");
    awaitDoubtOf(bob, before);
    soon().until(() -> logged.lines("linked to PostgreSQL as").size() == 4);
    assertHealed();
    assertThat(ann.dead).isEmpty();
    assertThat(bob.dead).isEmpty();
  }

  @Test
  void whileATableIsLockedCallsEndInTimeAndTheLeaseIsKept() throws Exception {
    int before;
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE chat_node_topics IN ACCESS EXCLUSIVE MODE");
      two.subscribe(List.of(NOBODY));
      assertThat(two.healthy()).isFalse();
      assertThatThrownBy(() -> two.publish(List.of(to(ANN, "lost"))))
          .isInstanceOf(RouterUnavailableException.class);
      before = ann.doubts.get(); // now, for it may heal before this thread runs again
      other.rollback();
    }
    soon().until(two::healthy);
    awaitDoubtOf(ann, before);
    assertThat(one.subscribed(List.of(NOBODY, BOB))).containsExactlyInAnyOrder(NOBODY, BOB);
    assertThat(logged.lines("linked to PostgreSQL as")).hasSize(2);
  }

  // ---- the dead

  @Test
  void aDeadNodeIsForgottenAndExactlyOneSurvivorIsToldItsTopics() {
    sql(
        "INSERT INTO chat_nodes VALUES (7, 'chat:c', 'ghost', true, now() - interval '1 hour',"
            + " now() - interval '1 hour', NULL, 0, now())");
    sql("INSERT INTO chat_node_topics VALUES ('user:ghost', 7)");
    soon().until(() -> ann.dead.size() + bob.dead.size() == 1);
    Set<Topic> told = ann.dead.isEmpty() ? bob.dead.get(0) : ann.dead.get(0);
    assertThat(told).containsExactly(new Topic("user:ghost"));
    soon().until(() -> number("SELECT count(*) FROM chat_nodes WHERE node_id = 7") == 0);
    assertThat(number("SELECT count(*) FROM chat_node_topics WHERE node_id = 7")).isZero();
    assertThat(ann.dead.size() + bob.dead.size()).isEqualTo(1);
  }

  @Test
  void theListeningConnectionOfADeadNodeIsEnded() throws Exception {
    try (Connection silent = database.dataSource().getConnection();
        Statement statement = silent.createStatement()) {
      statement.execute(
          "INSERT INTO chat_nodes SELECT 8, 'chat:c', 'silent', true, now(), now() - interval '1 hour',"
              + " NULL, pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()");
      soon().until(() -> ann.dead.size() + bob.dead.size() == 1);
      soon().until(() -> !silent.isValid(1));
    }
  }

  @Test
  void aDeadNodeThatAnotherSurvivorHasClaimedIsLeftToIt() {
    sql(
        "INSERT INTO chat_nodes VALUES (9, 'chat:c', 'claimed', true, now(), now() - interval '1 hour',"
            + " now() + interval '1 hour', 0, now())");
    await().pollDelay(Duration.ofSeconds(5)).atMost(HEALED).until(() -> true);
    assertThat(ann.dead).isEmpty();
    assertThat(bob.dead).isEmpty();
    sql("UPDATE chat_nodes SET claimed_at = now() - interval '1 minute' WHERE node_id = 9");
    soon().until(() -> ann.dead.size() + bob.dead.size() == 1);
  }

  @Test
  void whatIsLeftOfNodesAndClustersThatAreNoMoreIsRemovedWhenANodeJoins() {
    sql(
        "INSERT INTO chat_node_topics VALUES ('user:a', 10), ('user:b', 10), ('user:c', 11)",
        "INSERT INTO chat_nodes VALUES (12, 'chat:gone', 'gone', true, now() - interval '2 days',"
            + " now() - interval '2 days', NULL, 0, now())",
        "INSERT INTO chat_node_topics VALUES ('user:d', 12)");
    try (PostgresRouter three = PostgresRouter.open(database.dataSource())) {
      three.start(CLUSTER, new Recorder());
      soon().until(() -> number("SELECT count(*) FROM chat_node_topics") == 2);
      assertThat(number("SELECT count(*) FROM chat_nodes")).isEqualTo(3);
    }
    assertHealed();
  }

  // ---- starting and ending

  @Test
  void aNodeThatStartsWhileTheServerIsDownIsInDoubtOnceItIsLinked() {
    server.kill();
    Recorder recorder = new Recorder();
    try (PostgresRouter late = PostgresRouter.open(database.dataSource())) {
      late.start(CLUSTER, recorder);
      late.subscribe(List.of(new Topic("user:late")));
      assertThat(late.healthy()).isFalse();
      server.start();
      awaitDoubtOf(recorder, 0);
      soon().until(late::healthy);
    }
  }

  @Test
  void aNodeThatLeavesTakesItsRowsAlong() {
    two.close();
    assertThat(number("SELECT count(*) FROM chat_nodes")).isEqualTo(1);
    assertThat(number("SELECT count(*) FROM chat_node_topics")).isEqualTo(1);
    soon()
        .until(
            () ->
                number(
                        "SELECT count(*) FROM pg_stat_activity"
                            + " WHERE application_name = 'chat-engine router'")
                    == 0);
  }
}
