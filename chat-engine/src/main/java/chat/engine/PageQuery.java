package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * Which page of a list to read. A list has a fixed order, which the method that reads it documents;
 * a page holds what comes after a given place in it. The entry at that place need not exist any
 * more. Immutable.
 *
 * <p>Pages are read one by one, each from the list as it is then. Entries that were in the list all
 * the time are in exactly one of the pages; those that were added or removed meanwhile may be in
 * one or in none.
 *
 * @param after the last entry of the page before; null for the first page
 * @param limit the most entries, 1 to {@link #MAX_LIMIT}
 * @param <K> what names an entry of the list
 */
public record PageQuery<K>(@Nullable K after, int limit) {
  public static final int DEFAULT_LIMIT = 100;
  public static final int MAX_LIMIT = 1_000;

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the limit is out of range
   */
  public PageQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw ChatException.badRequest("limit must be 1 to " + MAX_LIMIT + ", not " + limit);
    }
  }

  /** The first page, of {@link #DEFAULT_LIMIT} entries. */
  public static <K> PageQuery<K> first() {
    return new PageQuery<>(null, DEFAULT_LIMIT);
  }

  /** The page behind an entry, of {@link #DEFAULT_LIMIT} entries. */
  public static <K> PageQuery<K> after(K entry) {
    return new PageQuery<>(entry, DEFAULT_LIMIT);
  }

  public PageQuery<K> limit(int entries) {
    return new PageQuery<>(after, entries);
  }
}
