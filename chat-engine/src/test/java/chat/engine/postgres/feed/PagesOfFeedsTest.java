package chat.engine.postgres.feed;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.feed.FeedOptions.Start;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.feed.FeedStore;
import chat.engine.spi.feed.FeedStore.Laggards;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** More conversations than a feed looks at in one step, and exactly two steps of them. */
final class PagesOfFeedsTest {
  private static final int PAGE = 1_000;
  private static final int CONVERSATIONS = 2 * PAGE;
  private static final String FEED = "feed";

  private static void makeConversations(TestDatabase database) throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO chat_conversations"
              + " SELECT i, 'D', NULL, 'ada' || i, 'bob' || i, now() FROM generate_series(1, "
              + CONVERSATIONS
              + ") i");
      statement.execute(
          "INSERT INTO chat_conversation_counters (conversation_id, last_seq)"
              + " SELECT i, 7 FROM generate_series(1, "
              + CONVERSATIONS
              + ") i");
    }
  }

  /** Page by page, as long as there is a next one. */
  private static List<Long> behind(FeedStore feeds) {
    List<Long> found = new ArrayList<>();
    @Nullable ConversationId after = null;
    do {
      Laggards page = feeds.behind(FEED, after);
      assertThat(page.lags()).hasSizeLessThanOrEqualTo(PAGE);
      page.lags().forEach(lag -> found.add(lag.position().conversation().value()));
      after = page.next();
    } while (after != null);
    return found;
  }

  @Test
  void allOfThemAreSetBackAndFound() throws Exception {
    try (TestDatabase database = TestPostgres.chatDatabase();
        PostgresMessageStore store =
            PostgresMessageStore.open(
                database.jdbcUrl(), database.user(), database.password(), 3)) {
      makeConversations(database);
      FeedStore feeds = store.feeds().orElseThrow();
      feeds.open(FEED, Start.now());
      assertThat(behind(feeds)).isEmpty();
      feeds.rewind(FEED, Instant.MIN);
      assertThat(behind(feeds))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.rangeClosed(1, CONVERSATIONS).mapToObj(i -> (long) i).toList());
    }
  }
}
