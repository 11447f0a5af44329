package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
final class LastSeenTimesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");

  private final StoreThreads reads = new StoreThreads(2, 16_384);
  private final Map<UserId, Instant> stored = new ConcurrentHashMap<>();
  private final List<Integer> pages = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore permits = new Semaphore(1_000);
  private volatile @Nullable RuntimeException fault;
  private volatile Instant now = NOON;

  private final LastSeenStore store =
      new LastSeenStore() {
        @Override
        public void record(Map<UserId, Instant> seen) {
          permits.acquireUninterruptibly();
          RuntimeException thrown = fault;
          if (thrown != null) {
            throw thrown;
          }
          pages.add(seen.size());
          stored.putAll(seen);
        }

        @Override
        public Map<UserId, Instant> find(Collection<UserId> users) {
          Map<UserId, Instant> found = new HashMap<>(stored);
          found.keySet().retainAll(users);
          return found;
        }
      };

  private final LastSeenTimes times = new LastSeenTimes(store, reads, () -> now);

  @AfterEach
  void close() {
    permits.release(1_000);
    reads.close();
  }

  private static List<UserId> users(int count) {
    return IntStream.range(0, count).mapToObj(i -> UserId.of("user" + i)).toList();
  }

  @Test
  void whatIsNotedIsWrittenInMilliseconds() {
    now = NOON.plusNanos(1_999_999);
    times.note(List.of(ADA));
    times.write().join();
    assertThat(stored).containsExactly(Map.entry(ADA, NOON.plusMillis(1)));
    times.write().join();
    assertThat(pages).containsExactly(1);
  }

  @Test
  void whoHasBeenGoneForAWhileWasSeenThen() {
    times.note(List.of(BOB));
    times.note(Map.of(ADA, Duration.ofSeconds(10), BOB, Duration.ofSeconds(10)));
    assertThat(times.find(Set.of(ADA, BOB)).join())
        .as("what was noted of a later time stays")
        .containsOnly(Map.entry(ADA, NOON.minusSeconds(10)), Map.entry(BOB, NOON));
    times.write().join();
    assertThat(stored).containsEntry(ADA, NOON.minusSeconds(10));
  }

  @Test
  void whatIsNotWrittenYetIsFound() {
    stored.put(ADA, NOON.minusSeconds(9));
    stored.put(BOB, NOON.plusSeconds(9));
    times.note(List.of(ADA, BOB));
    assertThat(times.find(Set.of(ADA, BOB)).join())
        .containsOnly(Map.entry(ADA, NOON), Map.entry(BOB, NOON.plusSeconds(9)));
    assertThat(times.find(Set.of(UserId.of("nobody"))).join()).isEmpty();
    assertThat(times.find(Set.of()).join()).isEmpty();
  }

  @Test
  void onePageIsWrittenAtATime() {
    permits.drainPermits();
    times.note(users(LastSeenTimes.PAGE + 1));
    CompletableFuture<Void> first = times.write();
    assertThat(times.write()).isSameAs(first).isNotDone();
    permits.release(1_000);
    first.join();
    assertThat(pages).containsExactly(LastSeenTimes.PAGE);
    times.write().join();
    assertThat(pages).containsExactly(LastSeenTimes.PAGE, 1);
  }

  @Test
  void whatIsNotedWhileAnEarlierTimeIsWrittenIsWrittenToo() {
    permits.drainPermits();
    times.note(List.of(ADA));
    CompletableFuture<Void> first = times.write();
    now = NOON.plusSeconds(1);
    times.note(List.of(ADA));
    permits.release(1_000);
    first.join();
    assertThat(stored).containsEntry(ADA, NOON);
    times.write().join();
    assertThat(stored).containsEntry(ADA, NOON.plusSeconds(1));
  }

  @Test
  void aFaultOfTheStoreIsOneLineAndTheTimesAreWrittenLater() { // E15
    Logger logger = (Logger) LoggerFactory.getLogger(LastSeenTimes.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      fault = new StoreUnavailableException("away", null);
      times.note(List.of(ADA));
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> times.write().join()).isNotNull();
      }
      assertThat(lines.list).hasSize(1);
      assertThat(lines.list.get(0).getThrowableProxy()).isNull();
      assertThat(lines.list.get(0).getFormattedMessage())
          .contains("1 users", "ChatException: the store cannot be reached")
          .doesNotContain("CompletionException");
    } finally {
      logger.detachAppender(lines);
    }
    fault = null;
    times.write().join();
    assertThat(stored).containsKey(ADA);
  }

  @Test
  void thereIsABoundOnWhatWaits() {
    times.note(users(LastSeenTimes.MOST));
    times.note(List.of(ADA));
    now = NOON.plusSeconds(1);
    times.note(List.of(UserId.of("user7"))); // who waits already may
    times.writeAll(Duration.ofSeconds(30));
    assertThat(stored).hasSize(LastSeenTimes.MOST).doesNotContainKey(ADA);
    assertThat(stored).containsEntry(UserId.of("user7"), NOON.plusSeconds(1));
    assertThat(pages).hasSize(LastSeenTimes.MOST / LastSeenTimes.PAGE);
  }

  @Test
  void writingAllEndsWhenTheTimeIsOverOrTheStoreFails() {
    times.note(List.of(ADA));
    fault = new StoreUnavailableException("away", null);
    times.writeAll(Duration.ofDays(1));
    fault = null;
    permits.drainPermits();
    times.writeAll(Duration.ofMillis(1));
    assertThat(stored).isEmpty();
    permits.release(1_000);
    await().atMost(Duration.ofSeconds(30)).until(() -> stored.containsKey(ADA));
  }

  @Test
  void anInterruptEndsIt() {
    permits.drainPermits();
    times.note(List.of(ADA));
    Thread.currentThread().interrupt();
    times.writeAll(Duration.ofDays(1));
    assertThat(Thread.interrupted()).isTrue();
  }
}
