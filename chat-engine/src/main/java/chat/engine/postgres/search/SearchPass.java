package chat.engine.postgres.search;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.SearchCursor;
import chat.engine.SearchHit;
import chat.engine.SearchPage;
import chat.engine.postgres.row.RowLocks;
import chat.engine.postgres.row.SearchRows;
import chat.engine.postgres.search.Candidates.Candidate;
import chat.engine.postgres.search.SearchPlaces.Bucket;
import chat.engine.postgres.search.SearchPlaces.Tail;
import chat.engine.postgres.search.Texts.Place;
import chat.engine.spi.search.MessageSearch.Request;
import chat.engine.spi.search.SearchTerms;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One page of a search, found from the newest messages to the oldest. Buckets wait in a queue by
 * the time of their newest message. The newest few are looked up in the index, then more at a time;
 * what the index gives is compared with the messages themselves as soon as no bucket in the queue
 * can have anything newer. So a common word reads a few buckets, a rare one all of them, and
 * neither more messages than it must. Once there are candidates for a whole page, the other buckets
 * are asked only for what is newer than the last of them.
 *
 * <p>The work is bounded in the number of messages and in time; at the bound a page ends with the
 * place up to which all is known.
 */
final class SearchPass {
  /** Messages that are not indexed yet, in all conversations of the user. */
  private static final int MOST_UNINDEXED = 2_000;

  private static final int MOST_CHANGED = 500;

  /** Messages that are compared, beside those. */
  private static final int MOST_COMPARED = 3_000;

  private static final int COMPARED_AT_ONCE = 64;
  private static final int FIRST_BUCKETS = 4;

  /** What a look-up of terms costs beside the rows that it gives, in rows read by their time. */
  private static final double ROWS_OF_A_LOOK_UP = 8;

  /** Where a bucket gives no more than so many candidates, all the next are asked at once. */
  private static final int RARE = 2;

  private static final int MOST_AT_ONCE = 2_000;
  private static final int MOST_BUCKETS_AT_ONCE = 512;
  private static final Duration MOST_TIME = Duration.ofSeconds(2);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private static final Comparator<SearchCursor> NEWEST_FIRST =
      Comparator.comparing(SearchCursor::at).thenComparingLong(SearchCursor::messageId).reversed();

  private final Connection connection;
  private final Request request;
  private final Texts texts;
  private final Candidates index;
  private final int perBucket;
  private final long deadline = System.nanoTime() + MOST_TIME.toNanos();

  private final PriorityQueue<Bucket> buckets =
      new PriorityQueue<>(Comparator.comparing(Bucket::newest).reversed());
  private final PriorityQueue<Candidate> candidates =
      new PriorityQueue<>(Comparator.comparing(Candidate::place, NEWEST_FIRST));

  /** Matches that were found without the index; they are in the queue of candidates too. */
  private final Map<Place, SearchHit> known = new HashMap<>();

  private final Set<Place> taken = new HashSet<>();
  private final List<SearchHit> hits = new ArrayList<>();
  private int compared;
  private int bucketsAtOnce = FIRST_BUCKETS;

  /** Buckets, and what they gave. */
  private int lookedUp;

  private int given;
  private boolean indexing;

  /** Behind the last message that was compared. */
  private SearchCursor reached;

  SearchPass(Connection connection, RowLocks locks, Request request) {
    this.connection = connection;
    this.request = request;
    this.texts = new Texts(connection, request);
    this.perBucket = request.limit() + 1;
    this.index =
        new Candidates(
            connection, locks, SearchTerms.required(request.words(), request.from()), perBucket);
    this.reached = request.before();
  }

  SearchPage run() throws SQLException {
    lookAtUnindexed(); // before the buckets are read: what is indexed since is in one of them
    buckets.addAll(SearchPlaces.buckets(connection, request));
    while (hits.size() <= request.limit()) {
      if (!compareCertain()) {
        return page(reached);
      }
      if (hits.size() > request.limit() || (buckets.isEmpty() && candidates.isEmpty())) {
        break;
      }
      if (System.nanoTime() - deadline > 0) {
        return cutShort();
      }
      lookUpNextBuckets();
    }
    return hits.size() > request.limit()
        ? page(SearchCursor.behind(hits.get(request.limit() - 1).message()))
        : page(null);
  }

  // ---- what is not indexed

  private void lookAtUnindexed() throws SQLException {
    int room = MOST_UNINDEXED;
    int roomForChanged = MOST_CHANGED;
    for (Tail tail : SearchPlaces.tails(connection, request)) {
      long unindexed = tail.lastSeq() - tail.indexedSeq();
      indexing |= unindexed > room;
      if (unindexed > 0 && room > 0) {
        texts.matchingNewest(tail, (int) Math.min(unindexed, room)).forEach(this::know);
        room -= (int) Math.min(unindexed, room);
      }
      if (tail.indexedSeq() > 0 && tail.indexedRev() < tail.rev()) {
        Set<Place> changed = texts.changedSince(tail, roomForChanged + 1);
        indexing |= changed.size() > roomForChanged;
        roomForChanged = Math.max(0, roomForChanged - changed.size());
        texts.matching(List.copyOf(changed)).forEach(this::know);
      }
    }
  }

  private void know(SearchHit hit) {
    Candidate candidate =
        new Candidate(
            hit.message().conversation(), hit.message().seq(), SearchCursor.behind(hit.message()));
    if (known.put(key(candidate), hit) == null) {
      candidates.add(candidate);
    }
  }

  private static Place key(Candidate candidate) {
    return new Place(candidate.conversation(), candidate.seq());
  }

  // ---- the index

  private void lookUpNextBuckets() throws SQLException {
    Instant oldest = oldestOfPage();
    if (oldest != null) {
      lookUpDownTo(oldest);
      return;
    }
    int wanted = isRare() ? MOST_BUCKETS_AT_ONCE : bucketsAtOnce;
    List<Bucket> next = new ArrayList<>();
    while (next.size() < wanted && !buckets.isEmpty()) {
      next.add(buckets.poll());
    }
    bucketsAtOnce = Math.min(2 * bucketsAtOnce, MOST_BUCKETS_AT_ONCE);
    lookUp(next);
  }

  private boolean isRare() {
    return lookedUp > FIRST_BUCKETS && given <= RARE * lookedUp && index.canReadAllAtOnce();
  }

  /**
   * When the last message of the page was sent, or earlier than that, if all candidates match.
   *
   * @return null while there are too few candidates
   */
  private @Nullable Instant oldestOfPage() {
    int missing = request.limit() + 1 - hits.size();
    return candidates.size() < missing
        ? null
        : candidates.stream()
            .map(candidate -> candidate.place().at())
            .sorted(Comparator.reverseOrder())
            .skip(missing - 1L)
            .findFirst()
            .orElseThrow();
  }

  /**
   * The page is full if nothing newer is found, so of all buckets only what is newer counts. Where
   * that is little, it is read by its time.
   */
  private void lookUpDownTo(Instant oldest) throws SQLException {
    List<Bucket> byTime = new ArrayList<>();
    List<Bucket> byTerms = new ArrayList<>();
    while (byTime.size() + byTerms.size() < MOST_BUCKETS_AT_ONCE
        && !buckets.isEmpty()
        && !buckets.peek().newest().isBefore(oldest)) {
      Bucket bucket = buckets.poll();
      (isCheaperByTime(bucket, oldest) ? byTime : byTerms).add(bucket);
    }
    if (!byTerms.isEmpty()) {
      lookUp(byTerms);
    }
    if (!byTime.isEmpty()) {
      List<List<Candidate>> found = index.since(oldest, byTime);
      for (int i = 0; i < byTime.size(); i++) {
        Bucket bucket = byTime.get(i);
        List<Candidate> ofBucket = found.get(i);
        take(bucket, ofBucket);
        if (ofBucket.size() < perBucket && bucket.oldest().isBefore(oldest)) {
          buckets.add(bucket.before(oldest));
        }
      }
    }
  }

  /** Compares rows that would be read, as if the messages of a bucket were sent evenly. */
  private boolean isCheaperByTime(Bucket bucket, Instant oldest) {
    double span = Duration.between(bucket.oldest(), bucket.newest()).toMillis() + 1.0;
    double wanted = Duration.between(oldest, bucket.newest()).toMillis() + 1.0;
    double rows = SearchRows.firstSeq(1) * Math.min(1, wanted / span);
    return lookedUp == 0 || rows <= ROWS_OF_A_LOOK_UP + 2.0 * given / lookedUp;
  }

  private void lookUp(List<Bucket> next) throws SQLException {
    boolean atOnce =
        isRare() && next.stream().allMatch(bucket -> bucket.before().equals(request.before()));
    lookedUp += next.size();
    if (atOnce) {
      lookUpAtOnce(next);
      return;
    }
    List<List<Candidate>> found = index.of(next);
    for (int i = 0; i < next.size(); i++) {
      given += found.get(i).size();
      take(next.get(i), found.get(i));
    }
  }

  /** The rest of the bucket stays in the queue if there may be more. */
  private void take(Bucket bucket, List<Candidate> found) {
    candidates.addAll(found);
    if (found.size() == perBucket) {
      buckets.add(bucket.left(found.get(perBucket - 1).place()));
    }
  }

  /** The rest of a bucket stays in the queue if there may be more than was asked for. */
  private void lookUpAtOnce(List<Bucket> next) throws SQLException {
    List<Candidate> found = index.newestOf(next, request.before(), MOST_AT_ONCE);
    Set<ConversationId> asked = new HashSet<>();
    next.forEach(bucket -> asked.add(bucket.conversation()));
    for (Candidate candidate : found) {
      if (asked.contains(candidate.conversation())) { // or two terms have the same hash
        candidates.add(candidate);
      }
    }
    if (found.size() == MOST_AT_ONCE) {
      SearchCursor last = found.get(MOST_AT_ONCE - 1).place();
      next.forEach(
          bucket -> buckets.add(bucket.newest().isBefore(last.at()) ? bucket : bucket.left(last)));
    }
  }

  /**
   * Compares the candidates that are newer than everything that no bucket has given yet.
   *
   * @return false if the work is done up to {@link #reached}, and no more may be done
   */
  private boolean compareCertain() throws SQLException {
    while (hits.size() <= request.limit()) {
      List<Candidate> next = nextCertain();
      if (next.isEmpty()) {
        return true;
      }
      List<Place> toRead =
          next.stream().map(SearchPass::key).filter(key -> !known.containsKey(key)).toList();
      Map<Place, SearchHit> matching = new HashMap<>();
      for (SearchHit hit : texts.matching(toRead)) {
        matching.put(new Place(hit.message().conversation(), hit.message().seq()), hit);
      }
      for (Candidate candidate : next) {
        SearchHit hit = known.getOrDefault(key(candidate), matching.get(key(candidate)));
        if (hit != null) {
          hits.add(hit);
        }
        reached = candidate.place();
      }
      compared += toRead.size();
      boolean spent = compared >= MOST_COMPARED || System.nanoTime() - deadline > 0;
      if (spent && hits.size() <= request.limit()) {
        return false;
      }
    }
    return true;
  }

  private List<Candidate> nextCertain() {
    Bucket waiting = buckets.peek();
    @Nullable Instant limit = waiting == null ? null : waiting.newest();
    List<Candidate> next = new ArrayList<>();
    while (next.size() < COMPARED_AT_ONCE) {
      Candidate candidate = candidates.peek();
      if (candidate == null || (limit != null && !candidate.place().at().isAfter(limit))) {
        break;
      }
      candidates.poll();
      if (taken.add(key(candidate))) {
        next.add(candidate);
      }
    }
    return next;
  }

  // ---- the page

  /** All that is newer than the next bucket has been compared. */
  private SearchPage cutShort() throws SQLException {
    Bucket waiting = buckets.peek();
    SearchCursor place = waiting == null ? reached : SearchCursor.upTo(waiting.newest());
    if (NEWEST_FIRST.compare(place, request.before()) <= 0) {
      throw ChatException.busy("the search took too long: search in one conversation", RETRY_AFTER);
    }
    return page(place);
  }

  private SearchPage page(@Nullable SearchCursor next) throws SQLException {
    List<SearchHit> page = hits.size() > request.limit() ? hits.subList(0, request.limit()) : hits;
    return new SearchPage(texts.readable(texts.withPreviews(page)), next, indexing);
  }
}
