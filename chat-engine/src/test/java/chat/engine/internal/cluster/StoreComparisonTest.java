package chat.engine.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreClock;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test plays the store and whom the comparison tells. */
@Timeout(60)
final class StoreComparisonTest {
  private record Numbered(int number) implements MessageStore.Mark {}

  private interface Answer {
    void give() throws InterruptedException;
  }

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Timers timers = new Timers();
  private final StoreThreads reads = new StoreThreads(2, 16_384);
  private final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  private final StoreClock clock = new StoreClock(() -> NOW, System::nanoTime);
  private final AtomicInteger marks = new AtomicInteger();

  /** The marks that the store was asked with; -1 for none. */
  private final List<Integer> asked = new CopyOnWriteArrayList<>();

  private final List<String> told = new CopyOnWriteArrayList<>();

  /** Done before the store answers, and before the listener returns. */
  private volatile @Nullable Answer store;

  private volatile @Nullable Answer listener;
  private volatile boolean complete = true;
  private final StoreComparison comparison =
      new StoreComparison(
          playedStore(),
          reads,
          timers,
          new StoreComparison.Listener() {
            @Override
            public void committed(MessageStore.Writes writes) {
              told.add("committed " + writes.lastSeqs());
              act(listener);
            }

            @Override
            public void lostTrack() {
              told.add("lost track");
              act(listener);
            }
          },
          clock,
          metrics);

  @AfterEach
  void close() {
    timers.close();
    reads.close();
  }

  private static void act(@Nullable Answer answer) {
    if (answer != null) {
      try {
        answer.give();
      } catch (InterruptedException closed) {
        throw new IllegalStateException(closed);
      }
    }
  }

  private MessageStore playedStore() {
    return (MessageStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MessageStore.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("writesSince");
              Numbered mark = (Numbered) arguments[0];
              asked.add(mark == null ? -1 : mark.number());
              act(store);
              return new MessageStore.Writes(
                  new Numbered(marks.incrementAndGet()),
                  complete,
                  Map.of(ConversationId.of(7), 5L),
                  Map.of(),
                  Map.of(),
                  NOW.plusSeconds(60));
            });
  }

  private static Answer failing(AtomicInteger times, RuntimeException fault) {
    return () -> {
      if (times.getAndDecrement() > 0) {
        throw fault;
      }
    };
  }

  @Test
  void theFirstMarkTellsNothingAndEachComparisonGoesOnFromTheLast() {
    comparison.start();
    assertThat(asked).containsExactly(-1);
    assertThat(told).isEmpty();
    assertThat(clock.offsetMillis()).isBetween(60_000L, 90_000L);
    comparison.soon();
    await().untilAsserted(() -> assertThat(asked).containsExactly(-1, 1));
    await().untilAsserted(() -> assertThat(told).containsExactly("committed {7=5}"));
    await().untilAsserted(() -> assertThat(asked).startsWith(-1, 1, 2, 3)); // by itself
    assertThat(metrics.counters().get("comparisons")).isGreaterThanOrEqualTo(4);
  }

  @Test
  void theMarkMovesOnlyWhenWhatWasFoundHasBeenHandedOn() {
    comparison.start();
    listener = failing(new AtomicInteger(2), new IllegalStateException("on purpose"));
    comparison.soon();
    await().untilAsserted(() -> assertThat(asked).startsWith(-1, 1, 1, 1));
    await().untilAsserted(() -> assertThat(asked).startsWith(-1, 1, 1, 1, 4));
  }

  @Test
  void anErrorOrAStoreThatIsAwayEndsNoComparison() {
    comparison.start();
    AtomicInteger calls = new AtomicInteger();
    store =
        () -> {
          switch (calls.incrementAndGet()) {
            case 1 -> throw new StoreUnavailableException("away, on purpose", null);
            case 2 -> throw new StackOverflowError("on purpose");
            default -> {}
          }
        };
    comparison.soon();
    await().untilAsserted(() -> assertThat(told).isNotEmpty());
    assertThat(asked).startsWith(-1, 1, 1, 1);
  }

  @Test
  void whatIsWantedDuringAComparisonIsComparedAfterIt() throws InterruptedException {
    comparison.start();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    store =
        () -> {
          begun.countDown();
          goOn.await();
        };
    comparison.soon();
    begun.await();
    for (int i = 0; i < 10; i++) {
      comparison.soon();
    }
    assertThat(asked).as("one at a time").hasSize(2);
    long now = System.nanoTime();
    goOn.countDown();
    await().until(() -> asked.size() >= 3);
    assertThat(System.nanoTime() - now)
        .as("at once, not with the next period")
        .isLessThan(StoreComparison.PERIOD.toNanos());
  }

  @Test
  void aMarkThatTheStoreHasForgottenMeansThatTrackIsLost() {
    comparison.start();
    complete = false;
    comparison.soon();
    await().untilAsserted(() -> assertThat(told).containsExactly("lost track"));
    complete = true;
    comparison.soon();
    await().untilAsserted(() -> assertThat(told).contains("committed {7=5}"));
    assertThat(asked).startsWith(-1, 1, 2);
  }

  /** Sessions may have begun between the start and the first mark. */
  @Test
  void aStoreThatWasAwayAtTheStartMeansThatTrackIsLost() {
    store = failing(new AtomicInteger(2), new StoreUnavailableException("away", null));
    comparison.start();
    assertThat(told).isEmpty();
    comparison.soon();
    await().untilAsserted(() -> assertThat(told).startsWith("lost track", "committed {7=5}"));
    assertThat(asked).startsWith(-1, -1, -1, 1);
  }

  @Test
  void trackThatWasLostIsToldUntilItHasBeenHeard() {
    comparison.start();
    complete = false;
    listener = failing(new AtomicInteger(1), new IllegalStateException("on purpose"));
    comparison.soon();
    await().untilAsserted(() -> assertThat(told).startsWith("lost track", "lost track"));
    assertThat(asked).startsWith(-1, 1, 1);
  }
}
