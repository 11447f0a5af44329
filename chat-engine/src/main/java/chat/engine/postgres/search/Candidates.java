package chat.engine.postgres.search;

import chat.engine.ConversationId;
import chat.engine.SearchCursor;
import chat.engine.postgres.connection.SqlArrays;
import chat.engine.postgres.row.RowLocks;
import chat.engine.postgres.row.SearchRows;
import chat.engine.postgres.search.SearchPlaces.Bucket;
import chat.engine.spi.search.SearchTerms;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks the index which messages of some buckets can match: for each bucket one look-up of the terms
 * in the GIN index, whose entries belong to this bucket alone. Where a query has no terms, as for a
 * single letter, all messages of the bucket can match.
 */
final class Candidates {
  private final Connection connection;
  private final RowLocks locks;
  private final long[] required;
  private final int limit;

  /** A message that can match, and where it comes in the order of the search. */
  record Candidate(ConversationId conversation, long seq, SearchCursor place) {}

  /**
   * @param required see {@link SearchTerms#required}
   * @param limit of the candidates of one bucket in a call
   */
  Candidates(Connection connection, RowLocks locks, long[] required, int limit) {
    this.connection = connection;
    this.locks = locks;
    this.required = required;
    this.limit = limit;
  }

  /** The newest candidates of each bucket, ascending by its index, newest first. */
  List<List<Candidate>> of(List<Bucket> buckets) throws SQLException {
    List<List<Candidate>> found = new ArrayList<>();
    buckets.forEach(bucket -> found.add(new ArrayList<>()));
    if (locks == RowLocks.ONE_BY_ONE) {
      readOneByOne(buckets, found);
    } else {
      readTogether(buckets, found);
    }
    return found;
  }

  /**
   * The condition on the conversation only guards against two terms with the same hash; written
   * like this, no other index than that of the terms comes into question.
   */
  private String together() {
    String terms =
        IntStream.range(0, required.length)
            .mapToObj(i -> "d.h" + i)
            .collect(Collectors.joining(", "));
    String condition =
        required.length == 0
            ? "x.conversation_id = d.c AND x.seq >= d.low AND x.seq <= d.high"
            : "x.terms @> ARRAY[" + terms + "] AND x.conversation_id + 0 = d.c";
    return "SELECT d.n, s.conversation_id, s.seq, s.created_at, s.message_id FROM unnest(?::bigint[],"
        + " ?::bigint[], ?::bigint[], ?::bigint[], ?::timestamptz[], ?::bigint[]"
        + ", ?::bigint[]".repeat(required.length)
        + ") AS d (n, c, low, high, t, i"
        + (terms.isEmpty() ? "" : ", " + terms.replace("d.", ""))
        + ") CROSS JOIN LATERAL (SELECT x.conversation_id, x.seq, x.created_at, x.message_id"
        + " FROM chat_search x WHERE "
        + condition
        + " AND (x.created_at, x.message_id) < (d.t, d.i)"
        + " ORDER BY x.created_at DESC, x.message_id DESC LIMIT "
        + limit
        + ") s";
  }

  /**
   * The newest candidates of all these buckets together, newest first, by one look-up of all terms
   * in the index: cheaper than one for each bucket where most of them have nothing, and worse where
   * they have much, which would all be read. Not for a query without terms, nor where the buckets
   * are on several servers.
   *
   * @param before of all the buckets
   * @param most of the candidates
   */
  List<Candidate> newestOf(List<Bucket> buckets, SearchCursor before, int most)
      throws SQLException {
    String sql =
        "SELECT 0, x.conversation_id, x.seq, x.created_at, x.message_id FROM chat_search x WHERE "
            + "x.terms && ?::bigint[] AND ".repeat(required.length)
            + "(x.created_at, x.message_id) < (?, ?)"
            + " ORDER BY x.created_at DESC, x.message_id DESC LIMIT "
            + most;
    SqlArrays arrays = new SqlArrays(connection);
    List<Candidate> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int next = 1;
      for (long term : required) {
        statement.setArray(next++, arrays.bigints(buckets, bucket -> term(bucket, term)));
      }
      statement.setTimestamp(next++, Timestamp.from(before.at()));
      statement.setLong(next, before.messageId());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(read(row));
        }
      }
    }
    return found;
  }

  /** Whether {@link #newestOf} can be used. */
  boolean canReadAllAtOnce() {
    return required.length > 0 && locks == RowLocks.TOGETHER;
  }

  private void readTogether(List<Bucket> buckets, List<List<Candidate>> found) throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    List<Integer> numbers = IntStream.range(0, buckets.size()).boxed().toList();
    try (PreparedStatement statement = connection.prepareStatement(together())) {
      statement.setArray(1, arrays.bigints(numbers, Integer::longValue));
      statement.setArray(2, arrays.bigints(buckets, bucket -> bucket.conversation().value()));
      statement.setArray(3, arrays.bigints(buckets, Candidates::firstSeq));
      statement.setArray(4, arrays.bigints(buckets, Candidates::lastSeq));
      statement.setArray(5, arrays.times(buckets, bucket -> bucket.before().at()));
      statement.setArray(6, arrays.bigints(buckets, bucket -> bucket.before().messageId()));
      for (int i = 0; i < required.length; i++) {
        long term = required[i];
        statement.setArray(7 + i, arrays.bigints(buckets, bucket -> term(bucket, term)));
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.get((int) row.getLong(1)).add(read(row));
        }
      }
    }
  }

  private String oneByOne() {
    return "SELECT ?::bigint, x.conversation_id, x.seq, x.created_at, x.message_id FROM chat_search x"
        + " WHERE x.conversation_id = ? AND x.seq >= ? AND x.seq <= ?"
        + (required.length == 0 ? "" : " AND x.terms @> ?::bigint[]")
        + " AND (x.created_at, x.message_id) < (?, ?)"
        + " ORDER BY x.created_at DESC, x.message_id DESC LIMIT "
        + limit;
  }

  private void readOneByOne(List<Bucket> buckets, List<List<Candidate>> found) throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    List<Integer> numbers = IntStream.range(0, buckets.size()).boxed().toList();
    RowLocks.each(
        connection,
        "",
        oneByOne(),
        numbers,
        (statement, from, number) -> {
          Bucket bucket = buckets.get(number);
          int next = from;
          statement.setLong(next++, number);
          statement.setLong(next++, bucket.conversation().value());
          statement.setLong(next++, firstSeq(bucket));
          statement.setLong(next++, lastSeq(bucket));
          if (required.length > 0) {
            List<Long> terms = new ArrayList<>();
            for (long term : required) {
              terms.add(term(bucket, term));
            }
            statement.setArray(next++, arrays.bigints(terms, term -> term));
          }
          statement.setTimestamp(next++, Timestamp.from(bucket.before().at()));
          statement.setLong(next++, bucket.before().messageId());
          return next;
        },
        row -> found.get((int) row.getLong(1)).add(read(row)));
  }

  private static Candidate read(ResultSet row) throws SQLException {
    return new Candidate(
        ConversationId.of(row.getLong(2)),
        row.getLong(3),
        new SearchCursor(row.getTimestamp(4).toInstant(), row.getLong(5)));
  }

  private static long firstSeq(Bucket bucket) {
    return SearchRows.firstSeq(bucket.number());
  }

  private static long lastSeq(Bucket bucket) {
    return SearchRows.firstSeq(bucket.number() + 1) - 1;
  }

  private static long term(Bucket bucket, long required) {
    return SearchTerms.at(bucket.conversation(), bucket.number(), required);
  }
}
