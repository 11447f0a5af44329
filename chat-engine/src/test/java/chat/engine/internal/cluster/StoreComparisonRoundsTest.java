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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many short lives of a comparison, with threads: others commit and cast doubt at any time, the
 * store and the listener fail. One comparison runs at a time, and one call after the last commit is
 * enough to learn of everything. A seed fixes the commits and the faults, not the order of the
 * threads.
 */
@Timeout(60)
final class StoreComparisonRoundsTest {
  private static final int ROUNDS = 300;
  private static final int COMMITS = 6;
  private static final int WRITERS = 2;

  private record Upto(long commit) implements MessageStore.Mark {}

  @Test
  void oneCallAfterTheLastCommitIsEnough() {
    long first = Long.getLong("chat.comparison.seed", System.nanoTime());
    try (StoreThreads threads = new StoreThreads(3, 1_000)) {
      for (long seed = first; seed < first + ROUNDS; seed++) {
        try (Timers timers = new Timers()) {
          new Round(seed, threads, timers).run();
        } catch (AssertionError | RuntimeException fault) {
          throw new AssertionError("with -Dchat.comparison.seed=" + seed, fault);
        }
      }
    }
  }

  private static final class Round {
    private final Random random;
    private final boolean hasFaults;
    private final AtomicLong committed = new AtomicLong();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final Set<Long> told = ConcurrentHashMap.newKeySet();
    private final StoreComparison comparison;
    private volatile boolean faulty;

    Round(long seed, StoreThreads threads, Timers timers) {
      random = new Random(seed * 0x9E3779B97F4A7C15L);
      hasFaults = random.nextInt(3) == 0;
      comparison =
          new StoreComparison(
              store(),
              threads,
              timers,
              new StoreComparison.Listener() {
                @Override
                public void committed(MessageStore.Writes writes) {
                  maybeFail();
                  writes.lastSeqs().values().forEach(told::add);
                }

                @Override
                public void lostTrack() {
                  throw new AssertionError("lost track, with a store that remembers everything");
                }
              },
              new StoreClock(InstantSource.system(), System::nanoTime),
              new Metrics(EngineTimings.NONE, InstantSource.system()));
    }

    void run() {
      comparison.start();
      faulty = hasFaults;
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(CompletableFuture.runAsync(this::write));
      }
      writers.forEach(CompletableFuture::join);
      if (hasFaults) {
        faulty = false;
        comparison.soon();
      }
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(1)) // before the timer could help
          .untilAsserted(
              () ->
                  assertThat(told)
                      .containsExactlyInAnyOrderElementsOf(
                          LongStream.rangeClosed(1, (long) COMMITS * WRITERS).boxed().toList()));
      assertThat(most.get()).as("comparisons at the same time").isEqualTo(1);
    }

    private void write() {
      for (int i = 0; i < COMMITS; i++) {
        committed.incrementAndGet();
        comparison.soon();
        if (roll(3) == 0) {
          Thread.yield();
        }
      }
    }

    private int roll(int bound) {
      synchronized (random) {
        return random.nextInt(bound);
      }
    }

    private void maybeFail() {
      if (faulty && roll(3) == 0) {
        throw new StoreUnavailableException("away, on purpose", null);
      }
    }

    private MessageStore store() {
      return (MessageStore)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {MessageStore.class},
              (proxy, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("writesSince");
                return writesSince((Upto) arguments[0]);
              });
    }

    private MessageStore.Writes writesSince(@Nullable Upto mark) {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      try {
        maybeFail();
        long after = mark == null ? 0 : mark.commit();
        long upTo = committed.get();
        Thread.yield();
        Map<ConversationId, Long> found = new ConcurrentHashMap<>();
        LongStream.rangeClosed(after + 1, upTo)
            .forEach(commit -> found.put(ConversationId.of(commit), commit));
        return new MessageStore.Writes(
            new Upto(upTo), true, found, Map.of(), Map.of(), Instant.now());
      } finally {
        inside.decrementAndGet();
      }
    }
  }
}
