package chat.engine.protocol;

import chat.engine.ChatException;
import chat.engine.HistoryQuery;
import java.util.Optional;

/** Which page of a history a client asks for. Stateless. */
public final class Pages {
  private Pages() {}

  /**
   * As the fields {@code before}, {@code after}, {@code around} and {@code limit} of a request
   * tell.
   *
   * @throws ChatException with {@code BAD_REQUEST} for more than one of the first three, and for a
   *     seq or a limit that cannot be
   */
  public static HistoryQuery of(VerbCall call) {
    Optional<Long> before = call.optionalInteger("before", 0);
    Optional<Long> after = call.optionalInteger("after", 0);
    Optional<Long> limit = call.optionalInteger("limit");
    Optional<Long> around = call.optionalInteger("around", 0);
    if (around.isEmpty()) {
      return query(before, after, limit);
    }
    if (before.isPresent() || after.isPresent()) {
      throw ChatException.badRequest("give one of before, after and around");
    }
    return limited(HistoryQuery.around(around.get()), limit);
  }

  /**
   * The newest page without {@code before} and {@code after}, which are exclusive seqs.
   *
   * @throws ChatException with {@code BAD_REQUEST} for both at once, and for a seq or a limit that
   *     cannot be
   */
  public static HistoryQuery query(
      Optional<Long> before, Optional<Long> after, Optional<Long> limit) {
    if (before.isPresent() && after.isPresent()) {
      throw ChatException.badRequest("give before or after, not both");
    }
    HistoryQuery query =
        before
            .map(HistoryQuery::before)
            .or(() -> after.map(HistoryQuery::after))
            .orElseGet(HistoryQuery::newest);
    return limited(query, limit);
  }

  private static HistoryQuery limited(HistoryQuery query, Optional<Long> limit) {
    long wanted = limit.orElse((long) HistoryQuery.DEFAULT_LIMIT);
    // what does not fit into an int is out of range as well
    return query.limit((int) Math.max(-1, Math.min(wanted, Integer.MAX_VALUE)));
  }
}
