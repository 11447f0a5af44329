package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.postgres.router.PostgresRouter;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** The tables of chat beside those of an application that migrates its own. */
@Tag("thorough")
@Timeout(120)
final class HostSchemaTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  @TempDir private Path migrations;
  private final TestDatabase database = TestPostgres.freshDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  private DataSource as(String user) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(database.jdbcUrl());
    dataSource.setUser(user);
    return dataSource;
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private List<String> tables(String schema) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT tablename FROM pg_tables WHERE schemaname = '"
                    + schema
                    + "' ORDER BY tablename")) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }

  /** The Flyway of the application, which wants a table in {@code public}. */
  private FluentConfiguration application() throws IOException {
    Files.writeString(migrations.resolve("V1__orders.sql"), "CREATE TABLE orders (id int)");
    return Flyway.configure()
        .dataSource(database.dataSource())
        .locations("filesystem:" + migrations);
  }

  private static void talk(PostgresMessageStore store) {
    try (ChatEngine engine = ChatEngine.builder().store(store).build()) {
      ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
      engine.asUser(ADA).send(talk, NewMessage.text("hello")).join();
      assertThat(engine.asUser(BOB).history(talk, HistoryQuery.newest()).join().messages())
          .extracting(Message::text)
          .contains("hello");
    }
  }

  // ---- order with the application's Flyway

  @Test
  void inASchemaOfItsOwnChatMayComeFirst() throws Exception {
    DataSource dataSource = database.dataSource();
    talk(PostgresMessageStore.builder(dataSource).schema("chat").open());
    assertThat(application().load().migrate().success).isTrue();
    assertThat(tables("public")).containsExactly("flyway_schema_history", "orders");
    assertThat(tables("chat")).contains("chat_messages", "chat_schema_history");
    talk(PostgresMessageStore.builder(dataSource).schema("chat").open());
  }

  @Test
  void inTheSameSchemaTheApplicationComesFirst() throws Exception {
    application().load().migrate();
    talk(PostgresMessageStore.open(database.dataSource()));
    assertThat(application().load().migrate().success).isTrue();
  }

  @Test
  void inTheSameSchemaChatMayComeFirstIfTheApplicationTakesABaselineOfZero() throws Exception {
    PostgresMessageStore.open(database.dataSource()).close();
    assertThatThrownBy(() -> application().load().migrate())
        .hasMessageContaining("non-empty schema");
    assertThat(application().baselineOnMigrate(true).baselineVersion("0").load().migrate().success)
        .isTrue();
    assertThat(tables("public")).contains("orders", "chat_messages");
  }

  @Test
  void theLinesOfTheDocumentationAreThoseOfTheTests() throws IOException {
    StringBuilder tests = new StringBuilder();
    for (String test : List.of("HostSchemaTest", "PgBouncerTest")) {
      Path source = Path.of("src/test/java/chat/engine/postgres/" + test + ".java");
      tests.append(Files.readString(source).replaceAll("\\s", ""));
    }
    String page = Files.readString(Path.of("docs/databases.md"));
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
    int lines = 0;
    while (block.find()) {
      for (String line : block.group(1).lines().toList()) {
        assertThat(tests).contains(line.replaceAll("//.*|\\s", ""));
        lines++;
      }
    }
    assertThat(lines).isEqualTo(3);
  }

  // ---- a schema of its own

  @Test
  void theApplicationsSearchPathMattersToNobodyAndStaysAsItIs() throws SQLException {
    execute("CREATE SCHEMA \"Tenant 1\"", "CREATE TABLE \"Tenant 1\".orders (id int)");
    DataSource dataSource = database.dataSource();
    try (ChatEngine engine =
        ChatEngine.builder()
            .store(PostgresMessageStore.builder(dataSource).schema("My \"chat\"").open())
            .build()) {
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("SET LOCAL search_path = \"Tenant 1\"");
        statement.execute("INSERT INTO orders VALUES (1)");
        TransactionalChat chat = engine.transactional(connection);
        ConversationId talk =
            chat.ensureGroup(GroupKey.of("order:1"), NewGroup.named("Order 1")).id();
        chat.ensureMember(talk, ADA);
        chat.send(ADA, talk, NewMessage.text("ordered"));
        chat.ensureNoMember(talk, ADA);
        statement.execute("INSERT INTO orders VALUES (2)");
        try (ResultSet path = statement.executeQuery("SHOW search_path")) {
          path.next();
          assertThat(path.getString(1)).isEqualTo("\"Tenant 1\"");
        }
        connection.commit();
        assertThat(chat.publish().join()).isTrue();
        assertThat(engine.asApplication().history(talk, HistoryQuery.newest()).join().messages())
            .hasSize(1);
      }
    }
  }

  @Test
  void theSchemaOfAPoolIsUsedInTransactionsOfOtherPoolsToo() throws SQLException {
    execute("CREATE SCHEMA chat");
    try (PostgresMessageStore store =
            PostgresMessageStore.open(
                database.jdbcUrl() + "?currentSchema=chat", database.user(), database.password());
        ChatEngine engine = ChatEngine.builder().store(store).build();
        Connection connection = database.dataSource().getConnection()) {
      ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
      connection.setAutoCommit(false);
      TransactionalChat chat = engine.transactional(connection);
      chat.send(ADA, talk, NewMessage.text("ordered"));
      connection.commit();
      assertThat(chat.publish().join()).isTrue();
    }
    assertThat(tables("public")).isEmpty();
  }

  @Test
  void nodesFindEachOtherInASchemaOfItsOwn() {
    DataSource dataSource = database.dataSource();
    List<ChatEngine> nodes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      nodes.add(
          ChatEngine.builder()
              .store(PostgresMessageStore.builder(dataSource).schema("chat").open())
              .router(PostgresRouter.builder(dataSource).schema("chat").open())
              .build());
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> nodes.stream().allMatch(node -> node.health().router()));
    nodes.forEach(ChatEngine::close);
  }

  @Test
  void tablesOfTheApplicationMayBeNamedLikeThoseOfChat() throws SQLException {
    execute("CREATE TABLE chat_members (name text)", "INSERT INTO chat_members VALUES ('ada')");
    GroupKey key = GroupKey.of("project:1");
    try (ChatEngine engine =
        ChatEngine.builder()
            .store(PostgresMessageStore.builder(database.dataSource()).schema("chat").open())
            .membership("project:", (group, transaction) -> namesIn(transaction))
            .build()) {
      ConversationId group =
          engine.asApplication().ensureGroup(key, NewGroup.named("Project 1")).join().id();
      assertThat(engine.asApplication().members(group, PageQuery.first()).join().members())
          .extracting(Member::user)
          .containsExactly(ADA);
    }
  }

  private static Map<UserId, Role> namesIn(@Nullable Connection transaction) throws SQLException {
    try (Statement statement = Objects.requireNonNull(transaction).createStatement();
        ResultSet row = statement.executeQuery("SELECT name FROM chat_members")) {
      Map<UserId, Role> members = new HashMap<>();
      while (row.next()) {
        members.put(UserId.of(row.getString(1)), Role.MEMBER);
      }
      return members;
    }
  }

  @Test
  void twoEnginesInTwoSchemasOfADatabaseShareNothing() {
    DataSource dataSource = database.dataSource();
    talk(PostgresMessageStore.builder(dataSource).schema("one").open());
    talk(PostgresMessageStore.builder(dataSource).schema("two").open());
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    for (String wrong : List.of("", "pg_chat", "x".repeat(64), "a\0", "\0a")) {
      assertThatThrownBy(() -> PostgresMessageStore.builder(database.dataSource()).schema(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 63 bytes");
    }
    for (String right : List.of("s", "x".repeat(63))) {
      assertThat(PostgresMessageStore.builder(database.dataSource()).schema(right)).isNotNull();
    }
  }

  // ---- tables that cannot be used

  @Test
  void tablesOfANewerVersionAreRefusedUnlessTheyAreAccepted() throws SQLException {
    PostgresMessageStore.open(database.dataSource()).close();
    execute(
        "INSERT INTO chat_schema_history SELECT installed_rank + 1, '999', 'later', type, script,"
            + " checksum, installed_by, installed_on, execution_time, success"
            + " FROM chat_schema_history ORDER BY installed_rank DESC LIMIT 1");
    assertThatThrownBy(() -> PostgresMessageStore.open(database.dataSource()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "schema public",
            database.name(),
            "version 999",
            "knows " + StoreSchema.VERSION,
            "acceptNewerSchema");
    talk(PostgresMessageStore.builder(database.dataSource()).acceptNewerSchema().open());
  }

  @Test
  void tablesOfAnOlderVersionAreBroughtUpToDate() throws SQLException {
    Flyway.configure()
        .dataSource(database.dataSource())
        .locations("classpath:chat/engine/migrations")
        .table(StoreSchema.HISTORY)
        .target("3")
        .load()
        .migrate();
    talk(PostgresMessageStore.open(database.dataSource()));
    assertThat(tables("public")).containsAll(StoreSchema.TABLES);
  }

  @Test
  void tablesOfAnotherApplicationAreNamed() throws SQLException {
    execute("CREATE TABLE chat_messages (id int)", "CREATE TABLE chat_members (id int)");
    assertThatThrownBy(() -> PostgresMessageStore.open(database.dataSource()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "another application made: chat_members, chat_messages", "schema(name)");
    assertThat(tables("public")).containsExactly("chat_members", "chat_messages");
    talk(PostgresMessageStore.builder(database.dataSource()).schema("chat").open());
  }

  @Test
  void aSearchPathThatNamesNoSchemaIsNamed() {
    assertThatThrownBy(
            () ->
                PostgresMessageStore.open(
                    database.jdbcUrl() + "?currentSchema=nowhere",
                    database.user(),
                    database.password()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("names no schema that exists");
  }

  @Test
  void theStoreKnowsItsTables() throws Exception {
    PostgresMessageStore.builder(database.dataSource()).schema("chat").open().close();
    assertThat(tables("chat"))
        .filteredOn(table -> !table.equals(StoreSchema.HISTORY))
        .isEqualTo(StoreSchema.TABLES);
    try (Stream<Path> files = Files.list(Path.of("../migrations"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.endsWith(".sql"))
                  .mapToInt(name -> Integer.parseInt(name.substring(1, name.indexOf("__"))))
                  .max())
          .hasValue(StoreSchema.VERSION);
    }
  }

  // ---- rights

  @Test
  void missingRightsAreNamedWithWhatToGrant() throws SQLException {
    String user = "poor_" + database.name();
    execute("CREATE ROLE " + user + " LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    try {
      assertThatThrownBy(() -> PostgresMessageStore.open(as(user)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(user, "may not make", "CREATE ON SCHEMA \"public\"");
      assertThatThrownBy(() -> PostgresMessageStore.builder(as(user)).schema("chat").open())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(user, "CREATE SCHEMA \"chat\" AUTHORIZATION");

      PostgresMessageStore.open(database.dataSource()).close();
      assertThatThrownBy(() -> PostgresMessageStore.open(as(user)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(user, "may not read chat_schema_history");
      execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + user);
      assertThatThrownBy(() -> PostgresMessageStore.open(as(user)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(user, "may not read and write chat_", "chat_messages");
      execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + user);
      talk(PostgresMessageStore.open(as(user))); // it need not own the tables
    } finally {
      execute("DROP OWNED BY " + user, "DROP ROLE " + user);
    }
  }
}
