package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.redis.RedisRouter;
import chat.engine.testing.Logged;
import chat.engine.testing.PrivatePostgres;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.TestRedis;
import chat.engine.testkit.RecordingListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** The epoch is that of one database: copies get another, and what only looks new keeps it. */
@Timeout(120)
final class CopiedDatabaseTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final DeviceId DEVICE = DeviceId.of("phone");

  /** Longer than a comparison with the store takes. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(5);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final TestDatabase original = opened(TestPostgres.chatDatabase());

  private <T extends AutoCloseable> T opened(T part) {
    open.add(0, part);
    return part;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : open) {
      part.close();
    }
  }

  private static String epochOf(TestDatabase database) {
    try (PostgresMessageStore store = PostgresMessageStore.open(database.dataSource())) {
      return store.epoch();
    }
  }

  private static void execute(TestDatabase database, String... statements) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  // ---- copies

  @Test
  void aCopyGetsAnotherEpochOnceAndTheOriginalKeepsIts() {
    String before = epochOf(original);
    TestDatabase copy = opened(TestPostgres.copyOf(original));
    try (Logged logged = Logged.below(PostgresMessageStore.class.getPackageName())) {
      String copied = epochOf(copy);
      assertThat(copied).isNotEqualTo(before);
      assertThat(logged.lines("a copy of others")).hasSize(1);
      assertThat(epochOf(copy)).isEqualTo(copied);
    }
    assertThat(epochOf(original)).isEqualTo(before);
  }

  @Test
  void nodesThatStartTogetherOnACopyAgree() {
    String before = epochOf(original);
    TestDatabase copy = opened(TestPostgres.copyOf(original));
    List<CompletableFuture<String>> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(CompletableFuture.supplyAsync(() -> epochOf(copy)));
    }
    assertThat(nodes.stream().map(CompletableFuture::join).distinct().toList())
        .hasSize(1)
        .doesNotContain(before);
  }

  /** A server that was made by initdb is another one: of a dump, or after pg_upgrade. */
  @Test
  void tablesFromAnotherServerGetAnotherEpoch() throws SQLException {
    String before = epochOf(original);
    execute(original, "UPDATE chat_epoch SET system_identifier = system_identifier - 1");
    assertThat(epochOf(original)).isNotEqualTo(before);
  }

  /** As when a backup is restored into the database in which it was made. */
  @Test
  void tablesThatWereMadeAnewInTheSameDatabaseGetAnotherEpoch() throws SQLException {
    String before = epochOf(original);
    execute(
        original,
        "CREATE TABLE restored (LIKE chat_epoch INCLUDING ALL)",
        "INSERT INTO restored SELECT * FROM chat_epoch",
        "DROP TABLE chat_epoch",
        "ALTER TABLE restored RENAME TO chat_epoch");
    assertThat(epochOf(original)).isNotEqualTo(before);
  }

  /** Promise 7: on one Redis, and under one namespace, a copy and its original share nothing. */
  @Tag("thorough")
  @Test
  void nothingCrossesBetweenAnOriginalAndItsCopyOnOneRedis() {
    ConversationId talk;
    try (ChatEngine first = engine(original)) {
      talk = first.asUser(ADA).openDirect(BOB).join().id();
      first.asUser(ADA).send(talk, NewMessage.text("before the copy")).join();
    }
    TestDatabase copy = opened(TestPostgres.copyOf(original));
    ChatEngine here = opened(engine(original));
    ChatEngine neighbour = opened(engine(original));
    ChatEngine there = opened(engine(copy));
    RecordingListener bobHere = new RecordingListener();
    RecordingListener bobThere = new RecordingListener();
    neighbour.connect(BOB, DEVICE, bobHere).join();
    there.connect(BOB, DEVICE, bobThere).join();
    here.asUser(ADA).send(talk, NewMessage.text("only here")).join();
    bobHere.awaitMessage("only here");
    there.asUser(ADA).send(talk, NewMessage.text("only there")).join();
    bobThere.awaitMessage("only there");
    await().pollDelay(LONG_ENOUGH).until(() -> true);
    assertThat(bobHere.texts(talk)).containsExactly("only here");
    assertThat(bobThere.texts(talk)).containsExactly("only there");
    bobHere.session().close();
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () ->
                assertThat(here.asApplication().presence(Set.of(BOB)).join())
                    .as("he is connected to the copy")
                    .noneMatch(Presence::online));
  }

  private static ChatEngine engine(TestDatabase database) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password()))
        .router(RedisRouter.open(TestRedis.sharedUri().toString()))
        .build();
  }

  // ---- what is no copy

  @Tag("thorough")
  @Test
  void aServerThatStartsAgainHasTheSameEpoch() {
    try (PrivatePostgres server = TestPostgres.startPrivate();
        TestDatabase database = server.chatDatabase()) {
      String before = epochOf(database);
      server.restart();
      assertThat(epochOf(database)).isEqualTo(before);
      server.kill();
      server.start();
      assertThat(epochOf(database)).isEqualTo(before);
    }
  }

  @Test
  void tablesThatSayNothingYetKeepTheirEpochAndAreRecognizedLater() throws SQLException {
    String before = epochOf(original);
    execute(
        original,
        "UPDATE chat_epoch SET system_identifier = NULL, database_oid = NULL, table_oid = NULL");
    assertThat(epochOf(original)).isEqualTo(before);
    TestDatabase copy = opened(TestPostgres.copyOf(original));
    assertThat(epochOf(copy)).isNotEqualTo(before);
  }

  /** Vacuuming writes the table into another file. */
  @Test
  void aTableThatWasRewrittenIsTheSame() throws SQLException {
    String before = epochOf(original);
    execute(original, "VACUUM FULL chat_epoch");
    assertThat(epochOf(original)).isEqualTo(before);
  }

  /** Some providers do not let users ask; then the ids of database and table have to do. */
  @Test
  void aUserWhoMayNotAskTheServerWhoItIsChangesNothingThatOthersKnow() throws SQLException {
    String before = epochOf(original);
    String user = "u" + original.name();
    execute(
        original,
        "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC",
        "CREATE ROLE " + user + " LOGIN PASSWORD 'secret'",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + user);
    TestDatabase copy = opened(TestPostgres.copyOf(original));
    try {
      assertThat(epochAs(user, original)).isEqualTo(before);
      assertThat(epochOf(original)).as("nothing was forgotten").isEqualTo(before);
      String copied = epochAs(user, copy);
      assertThat(copied).as("another database of the same server").isNotEqualTo(before);
      assertThat(epochOf(copy)).as("now the server is known as well").isEqualTo(copied);
    } finally {
      execute(copy, "DROP OWNED BY " + user);
      execute(original, "DROP OWNED BY " + user, "DROP ROLE " + user);
    }
  }

  private static String epochAs(String user, TestDatabase database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL(database.jdbcUrl());
    source.setUser(user);
    source.setPassword("secret");
    try (PostgresMessageStore store = PostgresMessageStore.open(source)) {
      return store.epoch();
    }
  }
}
