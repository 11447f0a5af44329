package chat.engine.internal.search;

import chat.engine.ChatException;
import chat.engine.Message;
import chat.engine.SearchCursor;
import chat.engine.SearchHit;
import chat.engine.SearchPage;
import chat.engine.SearchQuery;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.sync.AnswerBudget;
import chat.engine.internal.sync.HistoryReader;
import chat.engine.spi.search.MessageSearch;
import chat.engine.spi.search.SearchWords;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Answers searches of users, on threads for that alone. Thread-safe, never blocks. */
public final class Searches implements AutoCloseable {
  /** Searches that run at the same time; each needs a connection of the store's pool. */
  public static final int THREADS = 2;

  private static final int MOST_WAITING = 256;

  private final @Nullable MessageSearch search;
  private final @Nullable StoreThreads threads;
  private final HistoryReader histories;
  private final int answerBytes;

  /**
   * @param search null if it is switched off
   * @param answerBytes what the messages of a page may take, as {@link AnswerBudget} counts
   */
  public Searches(@Nullable MessageSearch search, HistoryReader histories, int answerBytes) {
    this.search = search;
    this.threads = search == null ? null : new StoreThreads("search", THREADS, MOST_WAITING);
    this.histories = histories;
    this.answerBytes = answerBytes;
  }

  /** One page; {@code NOT_FOUND} for a conversation of which the user is no member. */
  public CompletableFuture<SearchPage> search(UserId user, SearchQuery query) {
    if (search == null) {
      return CompletableFuture.failedFuture(
          ChatException.forbidden("search is switched off in this installation"));
    }
    MessageSearch index = search;
    return Objects.requireNonNull(threads).submit(() -> search(index, user, query));
  }

  private SearchPage search(MessageSearch index, UserId user, SearchQuery query) {
    SearchCursor before = query.before();
    SearchPage page =
        index.search(
            new MessageSearch.Request(
                user,
                SearchWords.of(query.text()),
                query.conversation(),
                query.from(),
                before == null ? SearchCursor.START : before,
                query.limit()));
    if (query.conversation() != null) {
      histories.requireMember(user, query.conversation());
    }
    return fitting(histories.marked(user, page));
  }

  private SearchPage fitting(SearchPage page) {
    List<Message> messages = page.hits().stream().map(SearchHit::message).toList();
    int fit = AnswerBudget.firstPage(messages, messages.size(), answerBytes).size();
    return fit == messages.size()
        ? page
        : new SearchPage(
            page.hits().subList(0, fit),
            SearchCursor.behind(messages.get(fit - 1)),
            page.indexing());
  }

  @Override
  public void close() {
    if (threads != null) {
      threads.close();
    }
  }
}
