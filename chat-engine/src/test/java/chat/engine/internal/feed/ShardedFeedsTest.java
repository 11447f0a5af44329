package chat.engine.internal.feed;

import static chat.engine.internal.session.LocalSessions.removed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.TypingChanged;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.internal.util.Timers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How work is spread over the shards, and what happens to work that they have no room for. */
@Timeout(60)
final class ShardedFeedsTest {
  private static final int SHARDS = 3;
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
  private final Subscriptions subscriptions = new Subscriptions(new SoloRouter());
  private final List<ShardedFeeds> opened = new ArrayList<>();

  @AfterEach
  void close() {
    opened.forEach(ShardedFeeds::close);
    subscriptions.close();
    timers.close();
    reads.close();
  }

  private ShardedFeeds feeds(int tasks, long bytes) {
    ShardedFeeds feeds =
        new ShardedFeeds(
            SHARDS,
            new ShardWorker.Bounds(tasks, bytes),
            node.context,
            node.registry,
            subscriptions,
            new FeedRepairs(store.asStore(), reads, timers, node.metrics),
            group -> {},
            node.metrics);
    opened.add(feeds);
    return feeds;
  }

  private CommittedMessage commit(Conversation conversation, long seq) {
    return new CommittedMessage(conversation, store.commit(conversation.id(), seq, ADA, 0), 0);
  }

  private long count(String name) {
    return MetricValues.of(node.metrics, name);
  }

  /** The thread on which the work of a conversation is done. */
  private static String threadOf(ShardedFeeds feeds, Conversation conversation) {
    CompletableFuture<String> name = new CompletableFuture<>();
    feeds.observe(conversation, 0, 0, () -> name.complete(Thread.currentThread().getName()));
    return name.join();
  }

  private static Conversation group(long id) {
    return Conversation.group(ConversationId.of(id), "group", Instant.EPOCH);
  }

  @Test
  void conversationsAreSpreadOverAllShardsAndEachStaysOnItsOwn() {
    ShardedFeeds feeds = feeds(100, 1 << 20);
    Set<String> names = new HashSet<>();
    for (int id = 1; id <= 60; id++) {
      String name = threadOf(feeds, group(id));
      assertThat(threadOf(feeds, group(id))).isEqualTo(name);
      names.add(name);
    }
    assertThat(names).hasSize(SHARDS).allMatch(name -> name.startsWith("chat-feed-"));
  }

  @Test
  void messagesThatTheShardHasNoRoomForAreCountedAndReadFromTheStore() {
    ShardedFeeds feeds = feeds(100, 1);
    Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));
    feeds.arrived(List.of(commit(TALK, 1), commit(TALK, 2)));
    await().untilAsserted(() -> assertThat(bob.seqs(TALK.id())).containsExactly(1L, 2L));
    assertThat(count("feed_overflows")).isEqualTo(2);
  }

  @Test
  void messagesThatTheShardHasRoomForAreNotReadFromTheStore() {
    ShardedFeeds feeds = feeds(100, 1 << 20);
    Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 0L));
    feeds.arrived(List.of(commit(TALK, 1), commit(TALK, 2)));
    await().untilAsserted(() -> assertThat(bob.seqs(TALK.id())).containsExactly(1L, 2L));
    assertThat(count("feed_overflows")).isZero();
    assertThat(store.calls).isEmpty();
  }

  @Test
  void aBusyShardDropsAndCountsWhatIsEphemeralButNotReceiptsThatWereFound() {
    ShardedFeeds feeds = feeds(0, 1 << 20);
    Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 9L));
    ReceiptMoved moved = new ReceiptMoved(TALK.id(), ADA, ReceiptKind.READ, 1);
    feeds.ephemeral(TALK, new TypingChanged(TALK.id(), ADA, true), null, ADA);
    feeds.receipt(TALK, moved, null);
    assertThat(count("ephemeral_dropped")).isEqualTo(2);
    feeds.foundReceipt(TALK, moved);
    await().untilAsserted(() -> assertThat(bob.events()).containsExactly(moved));
  }

  @Test
  void aShardWithRoomDropsNothing() {
    ShardedFeeds feeds = feeds(100, 1 << 20);
    Client bob = node.connect(BOB).liveAt(Map.of(TALK.id(), 9L));
    TypingChanged typing = new TypingChanged(TALK.id(), ADA, true);
    feeds.ephemeral(TALK, typing, null, ADA);
    await().untilAsserted(() -> assertThat(bob.events()).containsExactly(typing));
    assertThat(count("ephemeral_dropped")).isZero();
  }

  @Test
  void onceARemovalIsKnownNothingEphemeralIsShownUntilItWasApplied() {
    ShardedFeeds feeds = feeds(100, 1 << 20);
    Client ada = node.connect(ADA);
    feeds.enter(GROUP, ada.session().home(), 0, 0).join();
    Client bob = node.connect(BOB);
    feeds.enter(GROUP, bob.session().home(), 0, 0).join();
    ada.liveAt(Map.of(GROUP.id(), 0L));
    bob.liveAt(Map.of(GROUP.id(), 0L));
    feeds.membersAt(GROUP, 1);
    feeds.ephemeral(GROUP, new TypingChanged(GROUP.id(), ADA, true), null, ADA);
    store.add(GROUP);
    store.commit(removed(GROUP, 1, 0, BOB));
    await().untilAsserted(() -> assertThat(ada.story()).containsExactly("c1"));
    assertThat(bob.story()).containsExactly("c1");
    feeds.membersAt(GROUP, 0); // a group whose membership never changed
    TypingChanged later = new TypingChanged(GROUP.id(), ADA, false);
    feeds.ephemeral(GROUP, later, null, ADA);
    await().untilAsserted(() -> assertThat(ada.events()).contains(later));
    assertThat(bob.story()).containsExactly("c1");
  }

  @Test
  void theBacklogIsThatOfAllShards() {
    ShardedFeeds feeds = feeds(100, 1 << 20);
    Map<String, Conversation> onePerShard = new HashMap<>();
    for (int id = 1; id <= 60; id++) {
      onePerShard.put(threadOf(feeds, group(id)), group(id));
    }
    await().until(() -> feeds.backlog() == 0);
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    onePerShard.values().forEach(group -> feeds.observe(group, 0, 0, goOn::join));
    assertThat(feeds.backlog()).isEqualTo(SHARDS);
    goOn.complete(null);
    await().until(() -> feeds.backlog() == 0);
  }

  @Test
  void itsThreadsEndWithTheClose() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    ShardedFeeds feeds = feeds(100, 1 << 20);
    Set<Thread> started = new HashSet<>(Thread.getAllStackTraces().keySet());
    started.removeAll(before);
    started.removeIf(thread -> !thread.getName().startsWith("chat-feed-"));
    assertThat(started).hasSize(SHARDS);
    feeds.close();
    await().until(() -> started.stream().noneMatch(Thread::isAlive));
  }
}
