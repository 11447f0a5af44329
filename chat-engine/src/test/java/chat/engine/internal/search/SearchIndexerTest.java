package chat.engine.internal.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.SearchPage;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.search.MessageSearch;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SearchIndexerTest {
  private static final ConversationId FIRST = ConversationId.of(1);
  private static final ConversationId SECOND = ConversationId.of(2);
  private static final ConversationId THIRD = ConversationId.of(3);
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Timers timers = new Timers();
  private final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  private final PlayedSearch search = new PlayedSearch();
  private final AtomicLong pending = new AtomicLong();
  private final List<Long> rests = new CopyOnWriteArrayList<>();
  private final SearchIndexer indexer =
      new SearchIndexer(
          search, timers, metrics, Duration.ofMillis(1), (nanos, closing) -> rests.add(nanos));

  @AfterEach
  void close() {
    indexer.close();
    timers.close();
  }

  /** Plays a store: which conversations are behind, and what its steps say. */
  private static final class PlayedSearch implements MessageSearch {
    final List<ConversationId> steps = new CopyOnWriteArrayList<>();
    final List<Collection<ConversationId>> asked = new CopyOnWriteArrayList<>();
    final List<@Nullable ConversationId> looked = new CopyOnWriteArrayList<>();
    private final Map<ConversationId, List<Object>> results = new HashMap<>();
    private List<ConversationId> behind = List.of();
    private int faults;

    /** What the next steps of a conversation give; DONE behind the last. */
    synchronized void play(ConversationId conversation, Object... stepsOrFaults) {
      results.put(conversation, new ArrayList<>(List.of(stepsOrFaults)));
    }

    synchronized void areBehind(ConversationId... conversations) {
      behind = List.of(conversations);
    }

    /** So many questions for what is behind fail. */
    synchronized void fail(int times) {
      faults = times;
    }

    @Override
    public SearchPage search(Request request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public synchronized Step index(ConversationId conversation) {
      steps.add(conversation);
      List<Object> left = results.getOrDefault(conversation, List.of());
      Object result = left.isEmpty() ? Step.DONE : left.remove(0);
      if (result instanceof RuntimeException fault) {
        throw fault;
      }
      return (Step) result;
    }

    @Override
    public synchronized List<ConversationId> behind(Collection<ConversationId> among) {
      if (faults > 0) {
        faults--;
        throw new StoreUnavailableException("on purpose", null);
      }
      asked.add(List.copyOf(among));
      return among.stream().filter(behind::contains).toList();
    }

    @Override
    public synchronized Laggards behind(@Nullable ConversationId after) {
      looked.add(after);
      return after == null ? new Laggards(behind, THIRD) : new Laggards(List.of(), null);
    }
  }

  private void start() {
    indexer.start(pending::get);
  }

  private void startAndLookThroughAll() {
    start();
    await().until(() -> search.looked.size() == 2);
  }

  private static MessageStore.Writes writes(Map<ConversationId, Long> seqs) {
    return new MessageStore.Writes(
        new MessageStore.Mark() {}, true, seqs, Map.of(THIRD, 7L), Map.of(), Instant.EPOCH);
  }

  // ---- what is indexed

  @Test
  void whatWasWrittenIsIndexedUntilNothingIsLeft() {
    search.play(FIRST, MessageSearch.Step.MORE, MessageSearch.Step.MORE);
    startAndLookThroughAll();
    indexer.written(FIRST);
    await().until(() -> search.steps.size() == 3);
    assertThat(search.steps).containsOnly(FIRST);
    assertThat(rests).isEmpty();
  }

  @Test
  void aLongOneDoesNotKeepTheOthersWaiting() {
    search.play(FIRST, MessageSearch.Step.MORE, MessageSearch.Step.MORE);
    search.play(SECOND, MessageSearch.Step.MORE);
    search.areBehind(FIRST, SECOND);
    start();
    await().until(() -> search.steps.size() == 5);
    assertThat(search.steps).containsExactly(FIRST, SECOND, FIRST, SECOND, FIRST);
  }

  @Test
  void allConversationsAreLookedThroughAtTheStartAndWhenTrackIsLost() {
    search.areBehind(FIRST);
    startAndLookThroughAll();
    assertThat(search.looked).containsExactly(null, THIRD);
    assertThat(search.steps).containsExactly(FIRST);
    indexer.lostTrack();
    await().until(() -> search.looked.size() == 4);
    assertThat(search.looked).containsExactly(null, THIRD, null, THIRD);
  }

  @Test
  void ofWhatTheLogOfCommitsNamesOnlyWhatIsBehindIsIndexed() {
    startAndLookThroughAll();
    search.areBehind(SECOND, THIRD);
    indexer.committed(writes(Map.of(FIRST, 1L, SECOND, 2L)));
    await().until(() -> search.steps.size() == 2);
    assertThat(search.steps).containsExactlyInAnyOrder(SECOND, THIRD);
    assertThat(search.asked).hasSize(1);
  }

  @Test
  void moreThanAThousandSuspectsAreAskedForInParts() {
    Map<ConversationId, Long> many = new HashMap<>();
    LongStream.rangeClosed(10, 2_510).forEach(id -> many.put(ConversationId.of(id), 1L));
    startAndLookThroughAll();
    indexer.committed(writes(many));
    await().until(() -> search.asked.size() == 3);
    assertThat(search.asked.stream().map(Collection::size)).containsExactly(1_000, 1_000, 502);
  }

  @Test
  void whatCannotBeRememberedIsFoundByLookingThroughAll() {
    search.play(FIRST, MessageSearch.Step.DONE);
    LongStream.rangeClosed(1, 16_385).forEach(id -> indexer.written(ConversationId.of(id)));
    assertThat(metrics.gauges()).containsEntry("search_conversations_to_index", 16_384L);
    startAndLookThroughAll();
    await().until(() -> metrics.gauges().get("search_conversations_to_index") == 0);
    assertThat(search.looked).containsExactly(null, THIRD);
  }

  // ---- what is in the way

  @Test
  void whatAnotherTransactionIsInTheWayOfIsTriedAgain() {
    startAndLookThroughAll();
    search.play(FIRST, MessageSearch.Step.LATER);
    indexer.written(FIRST);
    await().until(() -> search.steps.size() == 2);
    assertThat(search.steps).containsExactly(FIRST, FIRST);
  }

  @Test
  void whileTheStoreIsAwayNothingIsForgotten() {
    startAndLookThroughAll();
    search.play(FIRST, new StoreUnavailableException("on purpose", null));
    search.fail(1);
    indexer.written(SECOND);
    indexer.committed(writes(Map.of(FIRST, 1L)));
    indexer.written(FIRST);
    await().until(() -> search.steps.size() == 3 && search.looked.size() == 4);
    assertThat(search.steps).containsExactlyInAnyOrder(SECOND, FIRST, FIRST);
  }

  @Test
  void oneThatCannotBeIndexedLeavesTheOthersAlone() {
    startAndLookThroughAll();
    search.play(FIRST, new IllegalStateException("on purpose"));
    search.areBehind(FIRST, SECOND);
    indexer.lostTrack();
    await().until(() -> search.steps.size() == 2);
    assertThat(search.steps).containsExactly(FIRST, SECOND);
  }

  // ---- sends go first

  @Test
  void aRestIsTheLongerTheMoreSendsWait() {
    assertThat(SearchIndexer.restAfter(5 * MILLI, 0)).isZero();
    assertThat(SearchIndexer.restAfter(5 * MILLI, 1)).isEqualTo(5 * MILLI);
    assertThat(SearchIndexer.restAfter(5 * MILLI, 4)).isEqualTo(5 * MILLI);
    assertThat(SearchIndexer.restAfter(5 * MILLI, 5)).isEqualTo(10 * MILLI);
    assertThat(SearchIndexer.restAfter(5 * MILLI, 80)).isEqualTo(100 * MILLI);
    assertThat(SearchIndexer.restAfter(5 * MILLI, 10_000)).isEqualTo(100 * MILLI);
    assertThat(SearchIndexer.restAfter(500 * MILLI, 40)).isEqualTo(1_000 * MILLI);
  }

  @Test
  void itRestsAfterEachStepWhileSendsWait() {
    search.play(FIRST, MessageSearch.Step.MORE);
    startAndLookThroughAll();
    pending.set(100);
    indexer.written(FIRST);
    await().until(() -> search.steps.size() == 2 && rests.size() == 2);
    assertThat(rests).allMatch(nanos -> nanos > 0);
    pending.set(0);
    indexer.written(FIRST);
    await().until(() -> search.steps.size() == 3);
    assertThat(rests).hasSize(2);
  }

  @Test
  void aCloseEndsARestAndWhatWasToCome() throws InterruptedException {
    CountDownLatch resting = new CountDownLatch(1);
    CountDownLatch rested = new CountDownLatch(1);
    SearchIndexer one =
        new SearchIndexer(
            search,
            timers,
            metrics,
            Duration.ofMillis(1),
            (nanos, closing) -> {
              resting.countDown();
              closing.await();
              rested.countDown();
            });
    search.areBehind(FIRST, SECOND);
    one.start(() -> 1);
    resting.await();
    one.close();
    assertThat(rested.await(1, TimeUnit.MILLISECONDS)).isTrue();
    assertThat(search.steps).containsExactly(FIRST);
  }
}
