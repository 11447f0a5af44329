package chat.engine;

import java.util.List;

/**
 * A page of a list; see {@link PageQuery}.
 *
 * @param items in the order of the list; never empty if there are more
 * @param hasMore whether there are more after the last one
 */
public record Page<T>(List<T> items, boolean hasMore) {
  public Page {
    items = List.copyOf(items);
  }

  /**
   * The page of a list that was read with one entry more than asked for, if there are so many.
   *
   * @param limit the most items
   */
  public static <T> Page<T> of(List<T> readWithOneMore, int limit) {
    return readWithOneMore.size() > limit
        ? new Page<>(readWithOneMore.subList(0, limit), true)
        : new Page<>(readWithOneMore, false);
  }
}
