package chat.server.conversations;

import chat.engine.HistoryQuery;
import chat.server.json.ApiException;
import java.util.Optional;

/** Which page of a history a client asks for, by whatever way it asks. Stateless. */
public final class Pages {
  private Pages() {}

  /**
   * The newest page without {@code before} and {@code after}, which are exclusive seqs.
   *
   * @throws ApiException {@code bad_request} for both at once
   * @throws chat.engine.ChatException {@code bad_request} for a seq or a limit that cannot be
   */
  public static HistoryQuery query(
      Optional<Long> before, Optional<Long> after, Optional<Long> limit) {
    if (before.isPresent() && after.isPresent()) {
      throw ApiException.badRequest("give before or after, not both");
    }
    HistoryQuery query =
        before
            .map(HistoryQuery::before)
            .or(() -> after.map(HistoryQuery::after))
            .orElseGet(HistoryQuery::newest);
    long wanted = limit.orElse((long) HistoryQuery.DEFAULT_LIMIT);
    // what does not fit into an int is out of range as well
    return query.limit((int) Math.max(-1, Math.min(wanted, Integer.MAX_VALUE)));
  }
}
