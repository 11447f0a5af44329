package chat.engine.postgres.row;

import chat.engine.postgres.connection.SqlArrays;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What is in {@code chat_search}: rows of indexed messages, in buckets of so many seqs. A bucket is
 * a part of the keys of the index, so its size can never change.
 */
public final class SearchRows {
  private static final int BUCKET_BITS = 10;

  /**
   * Takes messages out of the index, in the transaction that changes them. They are indexed again
   * afterwards if they have a text. Without search the table is empty, and this is a look at an
   * empty index.
   */
  public static final String FORGET =
      "DELETE FROM chat_search s USING unnest(?::bigint[], ?::bigint[]) AS d (c, s)"
          + " WHERE s.conversation_id = d.c AND s.seq = d.s";

  private SearchRows() {}

  /** The bucket of a seq. */
  public static long bucket(long seq) {
    return seq >> BUCKET_BITS;
  }

  /** The lowest seq of a bucket. */
  public static long firstSeq(long bucket) {
    return bucket << BUCKET_BITS;
  }

  /**
   * @param from index of the first parameter of {@link #FORGET}
   */
  public static <T> void bindForget(
      PreparedStatement statement,
      int from,
      List<T> messages,
      ToLongFunction<T> conversation,
      ToLongFunction<T> seq)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(statement.getConnection());
    statement.setArray(from, arrays.bigints(messages, conversation::applyAsLong));
    statement.setArray(from + 1, arrays.bigints(messages, seq::applyAsLong));
  }
}
