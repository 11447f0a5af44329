package chat.engine.internal.feed;

import static chat.engine.internal.session.LocalSessions.renamed;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The repairs of one feed; the test is the thread of its shard, task by task. */
@Timeout(60)
final class FeedRepairsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Conversation TALK =
      Conversation.direct(ConversationId.of(2), ADA, BOB, Instant.EPOCH);
  private static final Conversation GROUP =
      Conversation.group(ConversationId.of(1), "group", Instant.EPOCH);

  private final LocalSessions node = new LocalSessions();
  private final PlayedStore store = new PlayedStore();
  private final Timers timers = new Timers();
  private final StoreThreads reads = new StoreThreads(1, 16_384);
  private final FeedRepairs repairs = new FeedRepairs(store.asStore(), reads, timers, node.metrics);
  private final LinkedBlockingQueue<Runnable> shard = new LinkedBlockingQueue<>();
  private int ended;

  @AfterEach
  void close() {
    timers.close();
    reads.close();
  }

  private ConversationFeed open(Conversation conversation) {
    return new ConversationFeed(
        conversation,
        0,
        0,
        node.context,
        node.registry,
        new ReorderBuffer.Budget(),
        feed -> repairs.schedule(feed, shard::add, () -> ended++));
  }

  private @Nullable Runnable nextTask(Duration within) {
    try {
      return shard.poll(within.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException end) {
      throw new IllegalStateException(end);
    }
  }

  private void runNextTask() {
    Objects.requireNonNull(nextTask(Duration.ofSeconds(30)), "no task").run();
  }

  /** Begins the repair that is due, and takes what it read. */
  private void repair() {
    runNextTask();
    runNextTask();
  }

  private long repairs() {
    return node.metrics.counters().get("feed_repairs");
  }

  @Test
  void pagesAreReadOneAfterAnotherWithoutAPause() {
    Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));
    store.fill(TALK.id(), 1_001, ADA);
    ConversationFeed feed = open(TALK);
    feed.observe(1_000, 0);
    for (int page = 1; page <= 4; page++) {
      repair();
      assertThat(ended).isEqualTo(page);
    }
    assertThat(bob.seqs(TALK.id())).hasSize(1_000);
    assertThat(repairs()).isEqualTo(4);
    assertThat(shard).isEmpty();
    assertThat(feed.isIdle()).isTrue();
  }

  @Test
  void whatCameByItselfMeanwhileIsNotRead() {
    node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));
    ConversationFeed feed = open(TALK);
    feed.offer(store.commit(TALK.id(), 2, ADA, 0), 0);
    feed.offer(store.commit(TALK.id(), 1, ADA, 0), 0);
    runNextTask();
    assertThat(ended).as("the shard may close the feed now").isEqualTo(1);
    assertThat(repairs()).isZero();
    assertThat(store.calls).isEmpty();
  }

  @Test
  void whatOvertakesGetsTimeForWhatItOvertook() {
    node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));
    ConversationFeed feed = open(TALK);
    long begun = System.nanoTime();
    feed.offer(store.commit(TALK.id(), 1, ADA, 0), 1);
    assertThat(feed.isCatchingUp()).isFalse();
    runNextTask();
    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(25_000_000);
  }

  @Test
  void thePauseGrowsWhileReadsFailAndIsNeverLongerThanASecond() {
    Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));
    store.commit(TALK.id(), 1, ADA, 0);
    store.failures.set(8);
    ConversationFeed feed = open(TALK);
    feed.observe(1, 0);
    long longest = 0;
    for (int failed = 1; failed <= 8; failed++) {
      repair();
      assertThat(feed.fruitlessRepairs()).isEqualTo(failed);
      long begun = System.nanoTime();
      long pause = Math.min(1_000, 25L << Math.min(failed, 6));
      Runnable next = nextTask(Duration.ofSeconds(30));
      long waited = (System.nanoTime() - begun) / 1_000_000;
      assertThat(waited).as("after failure %d", failed).isBetween(pause - 25, pause + 15_000);
      longest = Math.max(longest, waited);
      shard.add(Objects.requireNonNull(next));
    }
    assertThat(longest).isGreaterThanOrEqualTo(950);
    repair();
    assertThat(bob.seqs(TALK.id())).containsExactly(1L);
    assertThat(feed.fruitlessRepairs()).isZero();
  }

  @Test
  void ofADirectConversationChangesAreReadOnlyIfItsMessagesAreGone() {
    Client ada = node.connect(ADA).liveAt(Map.of(GROUP.id(), 0L));
    ConversationFeed feed = open(GROUP);
    feed.enter(ada.session().home());
    store.commit(renamed(GROUP, 1, 0, "new"));
    feed.observe(0, 1);
    repair();
    assertThat(ada.revs(GROUP.id())).containsExactly(1L);
    assertThat(store.calls).containsExactly("after", "changes");
    ConversationFeed direct = open(TALK);
    node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));
    store.commit(TALK.id(), 1, ADA, 0);
    direct.observe(1, 0);
    store.calls.clear();
    repair();
    assertThat(store.calls).containsExactly("after");
    direct.observe(2, 0);
    store.calls.clear();
    repair();
    assertThat(store.calls).containsExactly("after", "changes");
  }
}
