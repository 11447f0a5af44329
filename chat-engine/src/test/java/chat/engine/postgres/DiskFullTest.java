package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** PostgreSQL answers, but can take no messages, with the SQLSTATEs that it has for that. */
@Tag("thorough")
@Timeout(60)
final class DiskFullTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final ChatEngine engine =
      ChatEngine.builder()
          .store(
              PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password()))
          .sendTimeout(Duration.ofSeconds(1))
          .build();
  private final ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    logger().addAppender(log);
  }

  @AfterEach
  void close() {
    logger().detachAppender(log);
    engine.close();
    database.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger("chat.engine");
  }

  private void sql(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void refuseInserts(String state, String trigger, String when) throws SQLException {
    sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            + " RAISE EXCEPTION 'No space left on device, on purpose' USING ERRCODE = '"
            + state
            + "'; END $$; CREATE "
            + trigger
            + " refuse AFTER INSERT ON chat_messages "
            + when
            + " FOR EACH ROW EXECUTE FUNCTION refuse()");
  }

  private void takeInserts() throws SQLException {
    sql("DROP TRIGGER refuse ON chat_messages");
  }

  private CompletableFuture<?> send(String text) {
    return engine.asUser(ADA).send(talk, NewMessage.text(text));
  }

  private static void refused(CompletableFuture<?> call, boolean inDoubt) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class,
            fault -> {
              assertThat(fault.code()).isEqualTo(ErrorCode.UNAVAILABLE);
              assertThat(fault.inDoubt()).isEqualTo(inDoubt);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"53100", "53200", "58030", "57014"})
  void aStoreThatCannotInsertIsUnavailableForCertainAndHealthTells(String state)
      throws SQLException {
    refuseInserts(state, "TRIGGER", "");
    refused(send("one"), false);
    assertThat(engine.health().store()).isFalse();
    // The probes go through meanwhile, and let sends try.
    AtomicInteger refusals = new AtomicInteger();
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              refused(send("more"), false);
              refusals.incrementAndGet();
              return !engine.health().store();
            });
    assertThat(refusals.get()).isPositive();
    assertThat(warnings()).hasSize(1);
    takeInserts();
    await().ignoreExceptions().untilAsserted(() -> assertThat(send("two").join()).isNotNull());
    assertThat(engine.health().store()).isTrue();
  }

  private List<String> warnings() {
    return List.copyOf(log.list).stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void whereNobodySendsHealthComesBackByItself() throws SQLException {
    refuseInserts("53100", "TRIGGER", "");
    refused(send("one"), false);
    assertThat(engine.health().store()).isFalse();
    takeInserts();
    await().until(() -> engine.health().store());
    assertThat(send("two").join()).isNotNull();
  }

  @Test
  void aCommitThatFailsThatWayStaysInDoubt() throws SQLException {
    refuseInserts("53100", "CONSTRAINT TRIGGER", "DEFERRABLE INITIALLY DEFERRED");
    refused(send("who knows"), true);
    assertThat(engine.health().store()).isFalse();
  }

  @Test
  void amongRefusalsOfAnotherKindOnlyOneInAWhileIsLogged() throws SQLException {
    refuseInserts("P0001", "TRIGGER", "");
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(send("poison")::join)
          .cause()
          .isInstanceOfSatisfying(
              ChatException.class, fault -> assertThat(fault.code()).isEqualTo(ErrorCode.INTERNAL));
    }
    assertThat(warnings()).hasSize(1);
    assertThat(engine.health().store()).isTrue();
  }
}
