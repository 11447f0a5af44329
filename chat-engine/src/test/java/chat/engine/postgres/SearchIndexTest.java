package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.SearchCursor;
import chat.engine.SearchPage;
import chat.engine.UserId;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.Draft;
import chat.engine.spi.search.MessageSearch;
import chat.engine.spi.search.MessageSearch.Request;
import chat.engine.spi.search.MessageSearch.Step;
import chat.engine.spi.search.SearchWords;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The index of the search as PostgreSQL has it. */
@Timeout(120)
final class SearchIndexTest {
  private static final UserId ADA = UserId.of("ada");

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final StoreFixture chat =
      new StoreFixture(
          () ->
              PostgresMessageStore.open(
                  database.jdbcUrl(), database.user(), database.password(), 6));
  private final MessageSearch search = chat.store().search().orElseThrow();

  @AfterEach
  void close() {
    chat.close();
    database.close();
  }

  private List<String> column(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      return column(connection, sql);
    }
  }

  private static List<String> column(Connection connection, String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found;
  }

  private void index(ConversationId conversation) {
    Step step = Step.MORE;
    while (step != Step.DONE) {
      step = search.index(conversation);
    }
  }

  private SearchPage find(String query) {
    return search.search(
        new Request(ADA, SearchWords.of(query), null, null, SearchCursor.START, 10));
  }

  /** How often PostgreSQL has begun to read an index. */
  private long scans(String index) throws SQLException {
    return Long.parseLong(
        column("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '" + index + "'")
            .get(0));
  }

  @Test
  void rareWordsAreLookedUpByTheirTermsAlone() throws SQLException {
    for (int i = 0; i < 30; i++) {
      ConversationId group = chat.group(ADA);
      List<Draft> drafts = new ArrayList<>();
      for (int j = 0; j < 300; j++) {
        drafts.add(chat.drafts().text(group, ADA, i % 10 == 0 && j == 7 ? "a wombat" : "hello"));
      }
      chat.append(drafts);
      index(group);
    }
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("ANALYZE chat_search");
    }
    for (int i = 0; i < 12; i++) { // the driver prepares statements in the server after five times
      assertThat(find("wombat").hits()).hasSize(3);
    }
    chat.close(); // what its connections have counted is told when they end
    await().until(() -> scans("chat_search_terms") >= 12);
    assertThat(scans("chat_search_times")).isZero();
  }

  @Test
  void theTransactionOfAChangeTakesTheMessageOutOfTheIndex() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 3);
    index(group);
    assertThat(column("SELECT seq FROM chat_search ORDER BY seq")).containsExactly("1", "2", "3");

    chat.append(chat.drafts().deletion(group, 1, ADA));
    chat.append(chat.drafts().edit(group, 2, ADA, "other"));
    assertThat(column("SELECT seq FROM chat_search ORDER BY seq")).containsExactly("3");

    index(group);
    assertThat(column("SELECT seq FROM chat_search ORDER BY seq")).containsExactly("2", "3");
  }

  @Test
  void theIndexOfADeletedConversationEndsWithItsMessages() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 5);
    index(group);
    chat.conversations().delete(group, ADA, chat.drafts().now());
    assertThat(column("SELECT 1 FROM chat_search_progress")).isEmpty();
    assertThat(column("SELECT 1 FROM chat_search_buckets")).isEmpty();
    assertThat(chat.conversations().erase(group, 3)).isTrue();
    assertThat(column("SELECT seq FROM chat_search ORDER BY seq")).containsExactly("4", "5");
    assertThat(chat.conversations().erase(group, 3)).isFalse();
    assertThat(column("SELECT seq FROM chat_search")).isEmpty();
  }

  @Test
  void aMessageThatWasDeletedIsNotInTheIndexHoweverItMetWithIndexing() throws Exception {
    MessageSearch other = chat.anotherNode().search().orElseThrow();
    try (Connection reader = database.dataSource().getConnection()) {
      for (int round = 0; round < 200; round++) {
        ConversationId group = chat.group(ADA);
        chat.append(
            IntStream.range(0, 20)
                .mapToObj(i -> chat.drafts().text(group, ADA, "secret number " + i))
                .toList());
        CompletableFuture<Step> indexing = CompletableFuture.supplyAsync(() -> other.index(group));
        assertThat(
                chat.store()
                    .append(
                        List.of(chat.drafts().deletion(group, 1 + round % 20, ADA)),
                        Duration.ofSeconds(20)))
            .singleElement()
            .isInstanceOf(Changed.class);
        String row =
            "SELECT seq FROM chat_search WHERE conversation_id = "
                + group
                + " AND seq = "
                + (1 + round % 20);
        assertThat(column(reader, row)).as("round %d, after the deletion", round).isEmpty();
        indexing.join();
        assertThat(column(reader, row)).as("round %d, after the indexing", round).isEmpty();
      }
    }
  }

  private interface Change {
    void make();
  }

  /** What becomes of a step if something happens when its messages are read. */
  private Step indexBeside(ConversationId group, Change change) {
    AtomicBoolean made = new AtomicBoolean();
    try (PostgresMessageStore slow =
        PostgresMessageStore.open(
            InterceptedDataSource.of(
                database.dataSource(),
                (connection, sql) -> {
                  if (sql.contains("chat_conversation_counters")
                      && sql.contains(" FOR ")
                      && !made.getAndSet(true)) {
                    change.make();
                  }
                }))) {
      Step step = slow.search().orElseThrow().index(group);
      assertThat(made).isTrue();
      return step;
    }
  }

  @Test
  void aStepWhoseMessagesExpireOrChangeMeanwhileIsMadeAgain() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.send(group, ADA, 4);
    Instant later = chat.drafts().now().plusSeconds(60);
    assertThat(indexBeside(group, () -> chat.store().retention().expire(group, later, 1, later)))
        .isEqualTo(Step.LATER);
    assertThat(indexBeside(group, () -> chat.append(chat.drafts().deletion(group, 2, ADA))))
        .isEqualTo(Step.LATER);
    assertThat(column("SELECT seq FROM chat_search")).isEmpty();
    assertThat(indexBeside(group, () -> chat.change(group, StoreFixture.renamed("another"))))
        .as("no message is another one")
        .isNotEqualTo(Step.LATER);
    index(group);
    assertThat(column("SELECT seq FROM chat_search ORDER BY seq")).containsExactly("3", "4");
  }

  @Test
  void nodesOfTheVersionBeforeAreFollowedAfterwards() throws SQLException {
    ConversationId group = chat.group(ADA);
    chat.append(chat.drafts().text(group, ADA, "before"));
    index(group);
    execute(
        "UPDATE chat_messages SET body = 'after', rev = 1, edited_at = now() WHERE conversation_id = "
            + group,
        "INSERT INTO chat_conversation_changes (conversation_id, rev, at_seq, kind, actor_id,"
            + " message_seq, changed_at) VALUES ("
            + group
            + ", 1, 1, 'E', 'ada', 1, now())",
        "UPDATE chat_conversation_counters SET rev = 1 WHERE conversation_id = " + group);
    assertThat(search.behind(List.of(group))).containsExactly(group);
    assertThat(find("before").hits()).isEmpty();
    assertThat(find("after").hits()).hasSize(1);
    List<String> terms = column("SELECT terms::text FROM chat_search");
    index(group);
    assertThat(column("SELECT terms::text FROM chat_search")).hasSize(1).isNotEqualTo(terms);
    assertThat(find("after").hits()).hasSize(1);
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  void whatIsTooMuchToLookThroughIsTold() {
    List<ConversationId> groups = List.of(chat.group(ADA), chat.group(ADA));
    for (int batch = 0; batch < 6; batch++) { // too much in both together
      ConversationId group = groups.get(batch % 2);
      chat.append(
          IntStream.range(0, 400)
              .mapToObj(i -> chat.drafts().text(group, ADA, "word " + i))
              .toList());
    }
    assertThat(find("word").indexing()).isTrue();
    assertThat(find("word").hits()).hasSize(10);
    index(groups.get(0));
    assertThat(find("word").indexing()).isFalse();
  }
}
