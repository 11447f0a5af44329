package chat.engine.internal.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.SearchPage;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.search.MessageSearch;
import chat.engine.testing.Logged;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is indexed when, and what happens if the store does not take it. */
@Timeout(60)
final class SearchIndexerTest {
  private static final int CAPACITY = 16_384;

  private final PlayedSearch search = new PlayedSearch();
  private final Timers timers = new Timers();
  private final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  private final SearchIndexer indexer = new SearchIndexer(search, timers, metrics);
  private final Logged logged = Logged.below("chat.engine.internal.search");

  @AfterEach
  void close() {
    indexer.close();
    timers.close();
    logged.close();
  }

  /** Answers as it is told to, and remembers what it was asked. */
  private static final class PlayedSearch implements MessageSearch {
    final List<Long> indexed = new CopyOnWriteArrayList<>();
    final List<Set<Long>> asked = new CopyOnWriteArrayList<>();
    final Map<Long, Deque<Object>> steps = new ConcurrentHashMap<>();
    final Set<Long> upToDate = ConcurrentHashMap.newKeySet();

    /** Where looking through all began, 0 for the first. */
    final List<Long> parts = new CopyOnWriteArrayList<>();

    /** By where they begin. */
    final Map<Long, Laggards> laggards = new ConcurrentHashMap<>();

    volatile @Nullable RuntimeException fault;

    void next(long id, Object... stepsOrFaults) {
      steps.put(id, new ArrayDeque<>(List.of(stepsOrFaults)));
    }

    private void fail() {
      RuntimeException next = fault;
      fault = null;
      if (next != null) {
        throw next;
      }
    }

    @Override
    public Step index(ConversationId conversation) {
      long id = conversation.value();
      indexed.add(id);
      Object next = steps.getOrDefault(id, new ArrayDeque<>()).poll();
      if (next instanceof CountDownLatch latch) {
        try {
          latch.await();
        } catch (InterruptedException stop) {
          Thread.currentThread().interrupt();
        }
      }
      if (next instanceof RuntimeException thrown) {
        throw thrown;
      }
      return next instanceof Step step ? step : Step.DONE;
    }

    @Override
    public List<ConversationId> behind(Collection<ConversationId> among) {
      Set<Long> ids = new HashSet<>();
      among.forEach(id -> ids.add(id.value()));
      asked.add(ids);
      fail();
      return among.stream().filter(id -> !upToDate.contains(id.value())).sorted().toList();
    }

    @Override
    public Laggards behind(@Nullable ConversationId after) {
      long from = after == null ? 0 : after.value();
      parts.add(from);
      fail();
      return laggards.getOrDefault(from, new Laggards(List.of(), null));
    }

    @Override
    public SearchPage search(Request request) {
      throw new UnsupportedOperationException();
    }
  }

  private static ConversationId id(long id) {
    return ConversationId.of(id);
  }

  private static Map<ConversationId, Long> numbers(long... ids) {
    Map<ConversationId, Long> numbers = new ConcurrentHashMap<>();
    LongStream.of(ids).forEach(id -> numbers.put(id(id), 1L));
    return numbers;
  }

  private static MessageStore.Writes writes(
      Map<ConversationId, Long> lastSeqs, Map<ConversationId, Long> revs) {
    return new MessageStore.Writes(
        new MessageStore.Mark() {}, true, lastSeqs, revs, Map.of(), Instant.EPOCH);
  }

  /** Starts, and waits until all conversations were looked through. */
  private void start() {
    indexer.start();
    await().until(() -> search.parts.size() == 1);
  }

  private long waiting() {
    return MetricValues.of(metrics, "search_conversations_to_index");
  }

  @Test
  void atTheStartAllConversationsAreLookedThroughPartByPart() {
    search.laggards.put(0L, new MessageSearch.Laggards(List.of(id(1), id(2)), id(5)));
    search.laggards.put(5L, new MessageSearch.Laggards(List.of(id(7)), null));
    indexer.start();
    await().until(() -> search.indexed.size() == 3);
    indexer.written(id(9));
    await().until(() -> search.indexed.size() == 4);
    assertThat(search.indexed).containsExactly(1L, 2L, 7L, 9L);
    assertThat(search.parts).containsExactly(0L, 5L);
    assertThat(search.asked).isEmpty();
    indexer.lostTrack();
    await().until(() -> search.parts.size() == 4);
    assertThat(search.parts).containsExactly(0L, 5L, 0L, 5L);
  }

  @Test
  void ofSeveralConversationsEachGetsAStepInTurn() {
    search.next(1, MessageSearch.Step.MORE, MessageSearch.Step.MORE, MessageSearch.Step.DONE);
    indexer.written(id(1));
    indexer.written(id(2));
    indexer.written(id(1));
    assertThat(waiting()).isEqualTo(2);
    indexer.start();
    await().until(() -> search.parts.size() == 1);
    assertThat(search.indexed).containsExactly(1L, 2L, 1L, 1L);
    assertThat(waiting()).isZero();
  }

  @Test
  void whatIsInTheWayOfAnotherIsIndexedLater() {
    search.next(1, MessageSearch.Step.LATER, MessageSearch.Step.DONE);
    search.next(2, new StoreUnavailableException("away on purpose", null));
    indexer.written(id(1));
    indexer.written(id(2));
    indexer.start();
    await().until(() -> search.indexed.size() == 4);
    assertThat(search.indexed).containsExactly(1L, 2L, 1L, 2L);
    assertThat(logged.warnings()).isEmpty();
  }

  @Test
  void aConversationThatCannotBeIndexedIsLeftOutAndWarnedOfOnce() {
    search.next(1, new IllegalStateException("on purpose"));
    search.next(2, new IllegalStateException("on purpose"));
    List.of(1L, 2L, 3L).forEach(id -> indexer.written(id(id)));
    indexer.start();
    await().until(() -> search.indexed.size() == 3);
    indexer.written(id(4));
    await().until(() -> search.indexed.size() == 4);
    assertThat(search.indexed).containsExactly(1L, 2L, 3L, 4L);
    assertThat(logged.warnings()).hasSize(1);
    assertThat(logged.warnings().get(0)).contains("conversation 1 could not be indexed", "(1 such");
  }

  @Test
  void ofWhatTheLogNamesOnlyThatIsIndexedWhichIsBehind() {
    search.upToDate.add(2L);
    start();
    indexer.committed(writes(numbers(1, 2), numbers(3)));
    await().until(() -> search.indexed.size() == 2);
    assertThat(search.asked).containsExactly(Set.of(1L, 2L, 3L));
    assertThat(search.indexed).containsExactly(1L, 3L);
  }

  @Test
  void theStoreIsAskedAboutAThousandAtOnce() {
    LongStream.rangeClosed(1, 2_001).forEach(search.upToDate::add);
    start();
    indexer.committed(writes(numbers(LongStream.rangeClosed(1, 2_001).toArray()), Map.of()));
    await().until(() -> search.asked.size() == 3);
    assertThat(search.asked).extracting(Set::size).containsExactly(1_000, 1_000, 1);
    assertThat(search.indexed).isEmpty();
  }

  @Test
  void aStoreThatIsAwayIsAskedAgainAndNothingIsForgotten() {
    start();
    search.fault = new StoreUnavailableException("away on purpose", null);
    synchronized (indexer) { // both at once
      indexer.written(id(1));
      indexer.committed(writes(numbers(2), Map.of()));
    }
    await().until(() -> search.parts.size() == 2);
    assertThat(search.indexed).as("2 is found by looking through all").containsExactly(1L);
  }

  /** More than can be remembered while the store is busy with a conversation. */
  private void writeMeanwhile(int conversations) {
    start();
    CountDownLatch goOn = new CountDownLatch(1);
    search.next(1, goOn);
    indexer.written(id(1));
    await().until(() -> search.indexed.size() == 1);
    for (long other = 2; other < 2 + conversations; other++) {
      indexer.written(id(other));
    }
    indexer.written(id(2)); // again
    assertThat(waiting()).isEqualTo(CAPACITY);
    goOn.countDown();
    await().until(() -> search.indexed.size() == 1 + CAPACITY);
    indexer.written(id(1));
    await().until(() -> search.indexed.size() == 2 + CAPACITY);
  }

  @Test
  void asManyAsCanBeRememberedAreIndexed() {
    writeMeanwhile(CAPACITY);
    assertThat(search.parts).hasSize(1);
  }

  @Test
  void whenMoreAreWrittenThanCanBeRememberedAllAreLookedThrough() {
    writeMeanwhile(CAPACITY + 1);
    await().until(() -> search.parts.size() == 2);
  }

  @Test
  void aCloseEndsTheWorkBetweenTwoSteps() {
    CountDownLatch goOn = new CountDownLatch(1);
    search.next(1, goOn, MessageSearch.Step.MORE);
    indexer.written(id(1));
    indexer.written(id(2));
    indexer.start();
    await().until(() -> search.indexed.size() == 1);
    Thread closing = new Thread(indexer::close);
    closing.start();
    await()
        .until(
            () ->
                closing.getState() != Thread.State.NEW && !closing.isAlive()
                    || closing.getState() == Thread.State.TIMED_WAITING
                    || closing.getState() == Thread.State.WAITING);
    goOn.countDown();
    await().until(() -> !closing.isAlive());
    assertThat(search.indexed).containsExactly(1L);
    assertThat(search.parts).isEmpty();
  }
}
