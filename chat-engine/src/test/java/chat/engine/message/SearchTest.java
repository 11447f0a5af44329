package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.ErrorCode;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.ReactionCount;
import chat.engine.SearchCursor;
import chat.engine.SearchPage;
import chat.engine.SearchQuery;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.spi.search.MessageSearch;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Search as users have it, on one node and on two. */
@Timeout(120)
final class SearchTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId EVE = UserId.of("eve");
  private static final Duration LONG = Duration.ofSeconds(30);

  private final List<AutoCloseable> toClose = new ArrayList<>();

  private <T extends AutoCloseable> T closing(T part) {
    toClose.add(0, part);
    return part;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : toClose) {
      part.close();
    }
  }

  private ChatEngine inMemory(boolean search) {
    return closing(ChatEngine.builder().store(new InMemoryMessageStore()).search(search).build());
  }

  private static void assertRefused(CompletableFuture<?> call, ErrorCode code) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
  }

  private static List<String> texts(ChatEngine node, UserId user, String query) {
    return node.asUser(user).search(SearchQuery.of(query)).join().hits().stream()
        .map(hit -> hit.message().text())
        .toList();
  }

  @Test
  void searchIsOffUnlessItIsSwitchedOn() {
    ChatEngine engine = closing(ChatEngine.builder().store(new InMemoryMessageStore()).build());
    assertRefused(engine.asUser(ADA).search(SearchQuery.of("x")), ErrorCode.FORBIDDEN);
    assertThat(engine.gauges()).doesNotContainKey("search_conversations_to_index");
  }

  @Test
  void aConversationThatIsNotTheUsersIsNotThere() {
    ChatEngine engine = inMemory(true);
    ConversationId group = engine.asUser(ADA).createGroup("g", Set.of(BOB)).join().id();
    engine.asUser(ADA).send(group, NewMessage.text("the plan")).join();
    assertThat(texts(engine, BOB, "plan")).containsExactly("the plan");
    assertThat(texts(engine, EVE, "plan")).isEmpty();
    assertRefused(engine.asUser(EVE).search(SearchQuery.of("plan").in(group)), ErrorCode.NOT_FOUND);
    assertRefused(
        engine.asUser(EVE).search(SearchQuery.of("plan").in(ConversationId.of(1))),
        ErrorCode.NOT_FOUND);
  }

  @Test
  void whatIsFoundSaysWhichReactionsAreTheReadersOwn() {
    ChatEngine engine = inMemory(true);
    ConversationId group = engine.asUser(ADA).createGroup("g", Set.of(BOB)).join().id();
    engine.asUser(ADA).send(group, NewMessage.text("the plan")).join();
    Emoji thumb = Emoji.of("👍");
    engine.asUser(BOB).react(group, 1, thumb, true).join();
    Function<UserId, List<ReactionCount>> found =
        user ->
            engine.asUser(user).search(SearchQuery.of("plan")).join().hits().stream()
                .flatMap(hit -> hit.message().reactions().stream())
                .toList();
    assertThat(found.apply(BOB)).containsExactly(new ReactionCount(thumb, 1, true));
    assertThat(found.apply(ADA)).containsExactly(new ReactionCount(thumb, 1, false));
  }

  @Test
  void aPageTakesABoundedAmountOfRoom() {
    ChatEngine engine = inMemory(true);
    ConversationId group = engine.asUser(ADA).createGroup("g", Set.of(BOB)).join().id();
    for (int i = 0; i < 40; i++) {
      engine.asUser(ADA).send(group, NewMessage.text(i + " word ".repeat(2_000))).join();
    }
    int found = 0;
    SearchQuery query = SearchQuery.of("word").limit(100);
    SearchPage page = engine.asUser(BOB).search(query).join();
    assertThat(page.hits()).hasSizeLessThan(40).isNotEmpty();
    while (true) {
      found += page.hits().size();
      assertThat(page.hits()).allSatisfy(hit -> assertThat(hit.highlights()).hasSize(100));
      SearchCursor next = page.next();
      if (next == null) {
        break;
      }
      page = engine.asUser(BOB).search(query.before(next)).join();
    }
    assertThat(found).isEqualTo(40);
  }

  @Test
  void queriesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> SearchQuery.of(" \n")).hasMessageContaining("blank");
    assertThatThrownBy(() -> SearchQuery.of("x".repeat(10_000)))
        .hasMessageContaining("256")
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_LARGE));
    assertThatThrownBy(() -> SearchQuery.of("x").limit(0)).hasMessageContaining("1 to 100");
    assertThatThrownBy(() -> SearchQuery.of("x").limit(101)).hasMessageContaining("1 to 100");
    for (String noCursor :
        List.of("", "1", "-", "1-", "-1", "a-b", "-1-1", "1--1", "99999999999999999-1")) {
      assertThatThrownBy(() -> SearchCursor.parse(noCursor))
          .as(noCursor)
          .isInstanceOf(ChatException.class);
    }
    SearchCursor cursor = SearchCursor.parse("1700000000000-17");
    assertThat(SearchCursor.parse(cursor.toString())).isEqualTo(cursor);
  }

  // ---- two nodes

  private final InMemoryRouter.Network network = new InMemoryRouter.Network();

  private ChatEngine node(TestDatabase database, boolean search) {
    return closing(
        ChatEngine.builder()
            .store(
                PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password()))
            .router(network.join())
            .search(search)
            .build());
  }

  @Test
  void eachNodeFindsAtOnceWhatAnyNodeStoredAndIndexesIt() {
    TestDatabase database = closing(TestPostgres.chatDatabase());
    ChatEngine north = node(database, true);
    ChatEngine south = node(database, true);
    MessageSearch index =
        closing(PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password()))
            .search()
            .orElseThrow();
    ConversationId group = north.asUser(ADA).createGroup("g", Set.of(BOB)).join().id();
    for (int i = 0; i < 20; i++) {
      long seq = north.asUser(ADA).send(group, NewMessage.text("word" + i)).join().seq();
      assertThat(texts(south, BOB, "word" + i)).containsExactly("word" + i);
      if (i % 2 == 0) {
        south.asUser(ADA).editMessage(group, seq, MessageEdit.text("other" + i)).join();
        assertThat(texts(north, BOB, "word" + i)).isEmpty();
        assertThat(texts(north, BOB, "other" + i)).containsExactly("other" + i);
      } else if (i % 3 == 0) {
        south.asUser(ADA).deleteMessage(group, seq).join();
        assertThat(texts(north, BOB, "word" + i)).isEmpty();
      }
    }
    await().atMost(LONG).until(() -> index.behind(List.of(group)).isEmpty());
    assertThat(texts(south, BOB, "other")).hasSize(10);
    south.asUser(BOB).leave(group).join();
    assertThat(texts(north, BOB, "other")).isEmpty();
  }

  @Test
  void whatANodeWithoutSearchStoresIsIndexedByAnother() {
    TestDatabase database = closing(TestPostgres.chatDatabase());
    ChatEngine without = node(database, false);
    ConversationId before = without.asUser(ADA).createGroup("g", Set.of(BOB)).join().id();
    without.asUser(ADA).send(before, NewMessage.text("old word")).join();
    ChatEngine with = node(database, true);
    MessageSearch index =
        closing(PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password()))
            .search()
            .orElseThrow();
    await().atMost(LONG).until(() -> index.behind(List.of(before)).isEmpty());
    ConversationId after = without.asUser(ADA).createGroup("h", Set.of(BOB)).join().id();
    without.asUser(ADA).send(after, NewMessage.text("new word")).join();
    await().atMost(LONG).until(() -> index.behind(List.of(after)).isEmpty());
    assertThat(texts(with, BOB, "word")).containsExactly("new word", "old word");
  }
}
