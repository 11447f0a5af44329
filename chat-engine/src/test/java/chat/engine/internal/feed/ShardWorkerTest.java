package chat.engine.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A shard with tiny bounds, whose thread the test holds up. */
@Timeout(60)
final class ShardWorkerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Conversation TALK =
      Conversation.direct(ConversationId.of(2), ADA, BOB, Instant.EPOCH);
  private static final int WEIGHT = MessageWeight.of(LocalSessions.message(TALK.id(), 10, ADA));

  private final LocalSessions node = new LocalSessions();
  private final PlayedStore store = new PlayedStore();
  private final Timers timers = new Timers();
  private final StoreThreads reads = new StoreThreads(1, 16_384);
  private final Subscriptions subscriptions = new Subscriptions(new SoloRouter());
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final Queue<String> ran = new ConcurrentLinkedQueue<>();
  private final Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));

  private ShardWorker shard = shard(8, 1 << 20);

  private ShardWorker shard(int tasks, long bytes) {
    return new ShardWorker(
        Threads.named("test-feed"),
        new ShardWorker.Bounds(tasks, bytes),
        node.context,
        node.registry,
        subscriptions,
        new FeedRepairs(store.asStore(), reads, timers, node.metrics),
        group -> {});
  }

  @AfterEach
  void close() {
    goOn.countDown();
    shard.close();
    subscriptions.close();
    timers.close();
    reads.close();
  }

  private void hold() {
    CountDownLatch begun = new CountDownLatch(1);
    shard.execute(
        feeds -> {
          begun.countDown();
          try {
            goOn.await();
          } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
        });
    await().until(() -> begun.getCount() == 0);
  }

  private List<CommittedMessage> commit(long seq) {
    return List.of(new CommittedMessage(TALK, store.commit(TALK.id(), seq, ADA, 0), 0));
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  void messagesBeyondTheBoundAreReadFromTheStoreWhenTheQueueIsShortAgain() {
    hold();
    for (long seq = 1; seq <= 7; seq++) {
      assertThat(shard.offer(commit(seq))).isTrue();
    }
    for (long seq = 8; seq <= 1_000; seq++) {
      assertThat(shard.offer(commit(seq))).isFalse();
    }
    assertThat(shard.backlog()).as("8 tasks, one look, one conversation").isEqualTo(10);
    goOn.countDown();
    await().untilAsserted(() -> assertThat(bob.seqs(TALK.id())).isEqualTo(upTo(1_000)));
    await().until(() -> shard.backlog() == 0);
    assertThat(shard.offer(commit(1_001))).isTrue();
    await().untilAsserted(() -> assertThat(bob.seqs(TALK.id())).isEqualTo(upTo(1_001)));
  }

  @Test
  void theBytesThatWaitAreBoundedToo() {
    shard.close();
    shard = shard(100, 3L * WEIGHT);
    hold();
    for (long seq = 10; seq <= 12; seq++) {
      store.fill(TALK.id(), seq, ADA);
      assertThat(shard.offer(commit(seq))).isTrue();
    }
    assertThat(shard.offer(commit(13))).isFalse();
    goOn.countDown();
    await().untilAsserted(() -> assertThat(bob.seqs(TALK.id())).isEqualTo(upTo(13)));
    await().until(() -> shard.backlog() == 0);
    assertThat(shard.offer(commit(14))).as("the bytes were given back").isTrue();
  }

  /** Nothing waits, and yet there is no room: somebody must wake the thread. */
  @Test
  void aListOfMessagesThatNeverFitsInIsDeliveredAllTheSame() {
    shard.close();
    shard = shard(100, WEIGHT / 2);
    assertThat(shard.offer(commit(1))).isFalse();
    await().untilAsserted(() -> assertThat(bob.seqs(TALK.id())).containsExactly(1L));
  }

  @Test
  void ephemeralTasksAreDroppedFirstAndOthersNever() {
    hold();
    for (int i = 1; i <= 3; i++) {
      assertThat(shard.offerEphemeral(feeds -> ran.add("ephemeral"))).isTrue();
    }
    assertThat(shard.offerEphemeral(feeds -> ran.add("ephemeral"))).isFalse();
    for (int i = 0; i < 20; i++) {
      shard.execute(feeds -> ran.add("change"));
    }
    goOn.countDown();
    await().untilAsserted(() -> assertThat(ran).hasSize(23));
  }

  @Test
  void aTaskThatThrowsHarmsNoOther() {
    shard.execute(
        feeds -> {
          throw new IllegalStateException("on purpose");
        });
    shard.execute(
        feeds -> {
          throw new AssertionError("on purpose");
        });
    shard.execute(feeds -> ran.add("next"));
    await().untilAsserted(() -> assertThat(ran).containsExactly("next"));
    await().until(() -> shard.backlog() == 0);
  }

  @Test
  void closedItTakesNothing() {
    shard.close();
    shard.execute(feeds -> ran.add("late"));
    shard.offer(commit(1));
    assertThat(ran).isEmpty();
    assertThat(bob.events()).isEmpty();
  }
}
