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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks the index which messages of some buckets can match: for each bucket one look-up of the terms
 * in the GIN index, whose entries belong to this bucket alone, or of a time in the index of times.
 * Where a query has no terms, as for a single letter, all messages of the bucket can match.
 */
final class Candidates {
  /**
   * From version 18 on PostgreSQL also takes an index whose first column has no condition, and here
   * it would be wrong to.
   */
  private static final String UNINDEXED_TIME = "(x.created_at + INTERVAL '0')";

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
    return newest(buckets, required.length == 0 ? Way.BY_TIME : Way.BY_TERMS, Instant.EPOCH);
  }

  /**
   * Those of them that were sent at a time or later. All messages of that time are read, and their
   * terms compared, so it is cheap where these are few, however common the words are.
   */
  List<List<Candidate>> since(Instant time, List<Bucket> buckets) throws SQLException {
    return newest(buckets, Way.BY_TIME, time);
  }

  private List<List<Candidate>> newest(List<Bucket> buckets, Way way, Instant since)
      throws SQLException {
    List<List<Candidate>> found = new ArrayList<>();
    buckets.forEach(bucket -> found.add(new ArrayList<>()));
    if (locks == RowLocks.ONE_BY_ONE) {
      readOneByOne(buckets, way, since, found);
    } else {
      readTogether(buckets, way, since, found);
    }
    return found;
  }

  /** Which index leads to the messages; conditions are written so that no other can be taken. */
  private enum Way {
    /** The index of terms. The conversation only guards against two terms with the same hash. */
    BY_TERMS("x.terms @> %s AND x.conversation_id + 0 = %s", UNINDEXED_TIME),

    /** The index of times. */
    BY_TIME("(x.terms || '{}'::bigint[]) @> %s AND x.conversation_id = %s", "x.created_at");

    private final String condition;
    private final String time;

    Way(String condition, String time) {
      this.condition = condition;
      this.time = time;
    }

    /** The newest messages of a place that has parameters or columns with these names. */
    private String newest(
        String terms, String conversation, String range, String times, String before, int limit) {
      return "x.conversation_id, x.seq, x.created_at, x.message_id FROM chat_search x WHERE "
          + condition.formatted(terms, conversation)
          + " AND x.seq + 0 BETWEEN "
          + range
          + (" AND " + time + " BETWEEN ")
          + times
          + (" AND (" + time + ", x.message_id) < ")
          + before
          + " ORDER BY x.created_at DESC, x.message_id DESC LIMIT "
          + limit;
    }
  }

  private String together(Way way) {
    String terms =
        IntStream.range(0, required.length)
            .mapToObj(i -> "d.h" + i)
            .collect(Collectors.joining(", ", "ARRAY[", "]::bigint[]"));
    return "SELECT d.n, s.conversation_id, s.seq, s.created_at, s.message_id FROM unnest(?::bigint[],"
        + " ?::bigint[], ?::bigint[], ?::bigint[], ?::timestamptz[], ?::timestamptz[], ?::bigint[]"
        + ", ?::bigint[]".repeat(required.length)
        + ") AS d (n, c, low, high, newest, t, i"
        + IntStream.range(0, required.length).mapToObj(i -> ", h" + i).collect(Collectors.joining())
        + ") CROSS JOIN LATERAL (SELECT "
        + way.newest(terms, "d.c", "d.low AND d.high", "? AND d.newest", "(d.t, d.i)", limit)
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
            + ("(" + UNINDEXED_TIME + ", x.message_id) < (?, ?)")
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

  private void readTogether(
      List<Bucket> buckets, Way way, Instant since, List<List<Candidate>> found)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    List<Integer> numbers = IntStream.range(0, buckets.size()).boxed().toList();
    try (PreparedStatement statement = connection.prepareStatement(together(way))) {
      int next = 1;
      statement.setArray(next++, arrays.bigints(numbers, Integer::longValue));
      statement.setArray(next++, arrays.bigints(buckets, bucket -> bucket.conversation().value()));
      statement.setArray(next++, arrays.bigints(buckets, Candidates::firstSeq));
      statement.setArray(next++, arrays.bigints(buckets, Candidates::lastSeq));
      statement.setArray(next++, arrays.times(buckets, Bucket::newest));
      statement.setArray(next++, arrays.times(buckets, bucket -> bucket.before().at()));
      statement.setArray(next++, arrays.bigints(buckets, bucket -> bucket.before().messageId()));
      for (long term : required) {
        statement.setArray(next++, arrays.bigints(buckets, bucket -> term(bucket, term)));
      }
      statement.setTimestamp(next, Timestamp.from(since));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.get((int) row.getLong(1)).add(read(row));
        }
      }
    }
  }

  private void readOneByOne(
      List<Bucket> buckets, Way way, Instant since, List<List<Candidate>> found)
      throws SQLException {
    SqlArrays arrays = new SqlArrays(connection);
    List<Integer> numbers = IntStream.range(0, buckets.size()).boxed().toList();
    RowLocks.each(
        connection,
        "",
        "SELECT ?::bigint, "
            + way.newest("?::bigint[]", "?", "? AND ?", "? AND ?", "(?, ?)", limit),
        numbers,
        (statement, from, number) -> {
          Bucket bucket = buckets.get(number);
          List<Long> terms = Arrays.stream(required).mapToObj(term -> term(bucket, term)).toList();
          int next = from;
          statement.setLong(next++, number);
          statement.setArray(next++, arrays.bigints(terms, term -> term));
          statement.setLong(next++, bucket.conversation().value());
          statement.setLong(next++, firstSeq(bucket));
          statement.setLong(next++, lastSeq(bucket));
          statement.setTimestamp(next++, Timestamp.from(since));
          statement.setTimestamp(next++, Timestamp.from(bucket.newest()));
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
