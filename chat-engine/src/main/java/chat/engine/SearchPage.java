package chat.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of what a search found.
 *
 * @param hits newest first. A page can have fewer than the query's limit, even none, and still not
 *     be the last one: a page does a bounded amount of work and takes a bounded amount of room
 * @param next where to continue; null if there is nothing more
 * @param indexing whether messages in the user's conversations still wait to be indexed and were
 *     too many to be looked through one by one, so that some may be missing here
 */
public record SearchPage(List<SearchHit> hits, @Nullable SearchCursor next, boolean indexing) {
  public SearchPage {
    hits = List.copyOf(hits);
  }

  /** Whether there is a next page. */
  public boolean hasMore() {
    return next != null;
  }
}
