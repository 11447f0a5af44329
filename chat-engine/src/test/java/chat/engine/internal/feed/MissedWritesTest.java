package chat.engine.internal.feed;

import static chat.engine.internal.feed.PlayedStore.member;
import static chat.engine.internal.session.LocalSessions.added;
import static chat.engine.internal.session.LocalSessions.removed;
import static chat.engine.internal.session.LocalSessions.renamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.TypingChanged;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.privacy.HiddenReads;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.internal.session.Session;
import chat.engine.internal.util.Timers;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The feeds of a node that hears nothing of the others, over a store that the test plays: all it
 * learns, it learns from comparisons.
 */
@Timeout(60)
final class MissedWritesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final Conversation GROUP =
      Conversation.group(ConversationId.of(1), "group", Instant.EPOCH);
  private static final Conversation TALK =
      Conversation.direct(ConversationId.of(2), ADA, BOB, Instant.EPOCH);
  private static final ConversationId GROUP_ID = GROUP.id();
  private static final ConversationId TALK_ID = TALK.id();

  private final LocalSessions node = new LocalSessions();
  private final PlayedStore store = new PlayedStore();
  private final Timers timers = new Timers();
  private final StoreThreads reads = new StoreThreads(2, 16_384);
  private final Subscriptions subscriptions = new Subscriptions(new SoloRouter());
  private final ConversationDirectory directory =
      new ConversationDirectory(store.conversationStore());
  private final List<Conversation> subscribed = new ArrayList<>();
  private final ShardedFeeds feeds =
      new ShardedFeeds(
          2,
          node.context,
          node.registry,
          subscriptions,
          new FeedRepairs(store.asStore(), reads, timers, node.metrics),
          this::onSubscribed,
          node.metrics);
  private final MissedWrites missed =
      new MissedWrites(
          store.conversationStore(),
          directory,
          feeds,
          node.registry,
          reads,
          new HiddenReads(new InMemoryMessageStore().privacy()),
          timers);

  @AfterEach
  void close() {
    feeds.close();
    subscriptions.close();
    timers.close();
    reads.close();
  }

  private synchronized void onSubscribed(Conversation group) {
    subscribed.add(group);
    missed.catchUp(group);
  }

  private static MessageStore.Writes writes(
      Map<ConversationId, Long> lastSeqs,
      Map<ConversationId, Long> revs,
      Map<ConversationId, Set<UserId>> receipts) {
    return new MessageStore.Writes(
        new MessageStore.Mark() {}, true, lastSeqs, revs, receipts, Instant.EPOCH);
  }

  private void messagesUpTo(ConversationId id, long seq) {
    missed.committed(writes(Map.of(id, seq), Map.of(), Map.of()));
  }

  private void changesUpTo(ConversationId id, long rev, long seq) {
    missed.committed(writes(seq == 0 ? Map.of() : Map.of(id, seq), Map.of(id, rev), Map.of()));
  }

  private Client inGroup(UserId user, long seq, long rev) {
    Client client = node.connect(user);
    feeds.enter(GROUP, client.session().home(), seq, rev).join();
    Cursors cursors = new Cursors();
    cursors.put(GROUP_ID, seq, rev);
    return client.liveAt(cursors);
  }

  private void commit(ConversationId id, long from, long to, long membersRev) {
    LongStream.rangeClosed(from, to).forEach(seq -> store.commit(id, seq, CLEO, membersRev));
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  // ---- messages

  @Test
  void messagesOfADirectConversationAreReadAndDelivered() {
    Client bob = node.connect(BOB).liveAt(Map.of(TALK_ID, 0L));
    store.add(TALK);
    commit(TALK_ID, 1, 300, 0);
    messagesUpTo(TALK_ID, 300);
    await().untilAsserted(() -> assertThat(bob.seqs(TALK_ID)).isEqualTo(upTo(300)));
    assertThat(node.metrics.counters().get("feed_repairs")).isPositive();
  }

  @Test
  void messagesOfAGroupWithoutMembersHereAreNotRead() {
    Client bob = node.connect(BOB).liveAt(Map.of(TALK_ID, 0L));
    store.add(TALK);
    store.add(GROUP, member(CLEO, 0, 0));
    commit(GROUP_ID, 1, 3, 0);
    commit(TALK_ID, 1, 1, 0);
    missed.committed(writes(Map.of(GROUP_ID, 3L, TALK_ID, 1L), Map.of(), Map.of()));
    await().untilAsserted(() -> assertThat(bob.story()).containsExactly("m1"));
    assertThat(store.calls.stream().filter("after"::equals)).hasSize(1);
  }

  @Test
  void aDirectConversationOfOthersIsNoBusinessOfThisNode() {
    node.connect(CLEO).liveAt(Map.of());
    store.add(TALK);
    commit(TALK_ID, 1, 1, 0);
    store.move(TALK_ID, ADA, 1, 1);
    missed.committed(
        writes(Map.of(TALK_ID, 1L), Map.of(TALK_ID, 0L), Map.of(TALK_ID, Set.of(ADA))));
    await().during(Duration.ofMillis(400)).until(() -> !store.calls.contains("after"));
    assertThat(store.calls).doesNotContain("receipts");
  }

  /** E2c: reads that fail are repeated. */
  @Test
  void readsThatFailAreRepeatedWithoutAnyOtherEvent() {
    Client bob = node.connect(BOB).liveAt(Map.of(TALK_ID, 0L));
    store.add(TALK);
    commit(TALK_ID, 1, 3, 0);
    directory.lookUp(TALK_ID);
    store.failures.set(4);
    messagesUpTo(TALK_ID, 3);
    await().untilAsserted(() -> assertThat(bob.seqs(TALK_ID)).isEqualTo(upTo(3)));
    assertThat(store.failures).hasValue(0);
  }

  @Test
  void whereTheConversationsCannotBeReadTheComparisonIsToldToAskAgain() {
    store.add(TALK);
    store.failures.set(1);
    assertThatThrownBy(() -> messagesUpTo(TALK_ID, 1))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void manyConversationsAreReadInPages() {
    Map<ConversationId, Long> lastSeqs = new HashMap<>();
    Map<ConversationId, Long> revs = new HashMap<>();
    for (int i = 0; i < 1_100; i++) {
      Conversation group = Conversation.group(ConversationId.of(1_000 + i), "g" + i, Instant.EPOCH);
      store.add(group);
      (i % 2 == 0 ? lastSeqs : revs).put(group.id(), 1L);
    }
    missed.committed(writes(lastSeqs, revs, Map.of()));
    assertThat(store.calls.stream().filter("find"::equals)).as("550 each, 512 at once").hasSize(4);
  }

  // ---- changes and members

  @Test
  void changesAreReadAndTheDirectoryLearnsTheName() {
    Client ada = inGroup(ADA, 0, 0);
    store.add(GROUP, member(ADA, 0, 0));
    directory.lookUp(GROUP_ID);
    store.commit(renamed(GROUP, 1, 0, "new"));
    Conversation renamed = Conversation.group(GROUP_ID, "new", Instant.EPOCH);
    store.add(renamed, member(ADA, 0, 0));
    changesUpTo(GROUP_ID, 1, 0);
    assertThat(directory.recall(GROUP_ID).conversation()).isEqualTo(renamed);
    await().untilAsserted(() -> assertThat(ada.revs(GROUP_ID)).containsExactly(1L));
  }

  @Test
  void aGroupMadeWithoutThisNodeHearingOfItIsTold() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    store.add(GROUP, member(ADA, 0, 0), member(BOB, 0, 0));
    commit(GROUP_ID, 1, 2, 0);
    changesUpTo(GROUP_ID, 0, 2);
    await().untilAsserted(() -> assertThat(bob.story()).containsExactly("c0", "m1", "m2"));
  }

  @Test
  void aDirectConversationOpenedWithoutThisNodeHearingOfItIsTold() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    store.add(TALK);
    changesUpTo(TALK_ID, 0, 0);
    await().untilAsserted(() -> assertThat(bob.story()).containsExactly("c0"));
  }

  @Test
  void membersAddedWithoutThisNodeHearingOfItFollowFromWhereTheyJoined() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    store.add(GROUP, member(ADA, 0, 0));
    commit(GROUP_ID, 1, 5, 0);
    store.commit(added(GROUP, 1, 5, BOB, CLEO));
    commit(GROUP_ID, 6, 7, 1);
    changesUpTo(GROUP_ID, 1, 7);
    await().untilAsserted(() -> assertThat(bob.story()).containsExactly("c1", "m6", "m7"));
  }

  @Test
  void whoWasAddedAndRemovedMeanwhileIsToldNothingTheyMayNotKnow() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    Client ada = inGroup(ADA, 0, 0);
    store.add(GROUP, member(ADA, 0, 0));
    store.commit(added(GROUP, 1, 0, BOB));
    commit(GROUP_ID, 1, 1, 1);
    store.commit(removed(GROUP, 2, 1, BOB));
    commit(GROUP_ID, 2, 2, 2);
    changesUpTo(GROUP_ID, 2, 2);
    await().untilAsserted(() -> assertThat(ada.story()).containsExactly("c1", "m1", "c2", "m2"));
    assertThat(bob.story()).containsExactly("c1", "m1", "c2");
  }

  /** Somebody who connected after the loss opened the feed where nothing is missing. */
  @Test
  void aMemberIsFoundThoughAnotherOpenedTheFeedMeanwhile() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    store.add(GROUP, member(ADA, 0, 0));
    store.commit(added(GROUP, 1, 0, BOB));
    inGroup(ADA, 0, 1);
    changesUpTo(GROUP_ID, 1, 0);
    await().untilAsserted(() -> assertThat(bob.events()).containsExactly(new Resync()));
  }

  @Test
  void membersAreReadOnceForAFeedThatOthersOpened() {
    store.add(GROUP, member(ADA, 0, 0));
    Client ada = inGroup(ADA, 0, 0);
    for (int rev = 1; rev <= 3; rev++) {
      store.commit(renamed(GROUP, rev, 0, "name " + rev));
      changesUpTo(GROUP_ID, rev, 0);
      int told = rev;
      await().untilAsserted(() -> assertThat(ada.revs(GROUP_ID)).hasSize(told));
      await().until(() -> reads("members") > 0); // else the next change may want them as well
    }
    assertThat(reads("members")).isEqualTo(1);
  }

  @Test
  void readingTheMembersIsRepeatedUntilTheStoreAnswers() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    store.add(GROUP, member(BOB, 0, 0));
    store.failures.set(2);
    missed.checkMembers(GROUP);
    await().untilAsserted(() -> assertThat(bob.story()).containsExactly("c0"));
  }

  @Test
  void aGroupThatIsGoneHasNoMembers() {
    node.connect(BOB).liveAt(Map.of());
    missed.checkMembers(GROUP);
    await().until(() -> store.calls.contains("find"));
    await().during(Duration.ofMillis(100)).until(() -> !store.calls.contains("members"));
  }

  private long reads(String name) {
    return store.calls.stream().filter(name::equals).count();
  }

  @Test
  void membersWhoAreAskedForWhileTheyAreReadAreReadOnceMore() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    store.add(GROUP, member(BOB, 0, 0));
    synchronized (store) { // the read waits for the monitor
      for (int i = 0; i < 5; i++) {
        missed.checkMembers(GROUP);
      }
    }
    await().untilAsserted(() -> assertThat(reads("members")).isEqualTo(2));
    await().untilAsserted(() -> assertThat(bob.story()).containsExactly("c0"));
    missed.checkMembers(GROUP);
    await().untilAsserted(() -> assertThat(reads("members")).isEqualTo(3));
  }

  @Test
  void membersThatAreOlderThanTheFeedAreReadAgain() {
    Client bob = node.connect(BOB).liveAt(Map.of());
    store.add(GROUP, member(ADA, 0, 0), member(BOB, 0, 0));
    inGroup(ADA, 0, 0);
    ConversationChange renamed = renamed(GROUP, 1, 0, "new");
    feeds.changed(GROUP, renamed);
    missed.checkMembers(GROUP);
    await().untilAsserted(() -> assertThat(reads("members")).isGreaterThan(1));
    assertThat(bob.events()).isEmpty();
    store.commit(renamed);
    await().untilAsserted(() -> assertThat(bob.events()).containsExactly(new Resync()));
  }

  // ---- deletions

  private static ConversationChange deleted(Conversation conversation, long rev) {
    return new ConversationChange(
        conversation.id(),
        rev,
        0,
        ConversationChange.Kind.DELETED,
        UserId.SYSTEM,
        conversation.peers(),
        null,
        null,
        Instant.EPOCH);
  }

  @Test
  void aGroupDeletedWithoutThisNodeHearingOfItIsToldAndForgotten() {
    Client ada = inGroup(ADA, 0, 3);
    directory.refresh(GROUP, 3);
    store.commit(renamed(GROUP, 3, 0, "before"));
    store.commit(deleted(GROUP, 4));
    changesUpTo(GROUP_ID, 4, 0);
    assertThat(directory.recall(GROUP_ID)).isNull();
    await().untilAsserted(() -> assertThat(ada.story()).containsExactly("c4"));
  }

  @Test
  void aDirectConversationDeletedWithoutThisNodeHearingOfItIsToldOnceToBoth() {
    Client ada = node.connect(ADA).liveAt(Map.of(TALK_ID, 0L));
    Client bob = node.connect(BOB).liveAt(Map.of(TALK_ID, 0L));
    store.commit(deleted(TALK, 1)); // nothing here remembers the conversation
    changesUpTo(TALK_ID, 1, 0);
    await().untilAsserted(() -> assertThat(ada.story()).containsExactly("c1"));
    await().untilAsserted(() -> assertThat(bob.story()).containsExactly("c1"));
    directory.refresh(TALK, 0);
    changesUpTo(TALK_ID, 1, 0);
    assertThat(directory.recall(TALK_ID)).isNull();
    await()
        .during(Duration.ofMillis(400))
        .untilAsserted(() -> assertThat(ada.story()).containsExactly("c1"));
  }

  // ---- once subscribed

  @Test
  void oneWhoEntersAGroupGetsWhatWasCommittedBeforeItsEnvelopesReachedThisNode() {
    store.add(GROUP, member(ADA, 0, 0));
    commit(GROUP_ID, 1, 2, 0);
    store.failures.set(2); // the first reads after the subscription fail: E2c
    Client ada = inGroup(ADA, 1, 0);
    await().untilAsserted(() -> assertThat(ada.seqs(GROUP_ID)).containsExactly(2L));
    assertThat(subscribed).containsExactly(GROUP);
  }

  // ---- receipts

  @Test
  void receiptsThatMovedAreShownOnceAndOnlyIfTheyAreNews() {
    Client ada = node.connect(ADA).liveAt(Map.of(TALK_ID, 9L));
    store.add(TALK);
    store.move(TALK_ID, BOB, 3, 5);
    store.move(TALK_ID, ADA, 0, 0);
    Map<ConversationId, Set<UserId>> moved = Map.of(TALK_ID, Set.of(ADA, BOB));
    missed.committed(writes(Map.of(), Map.of(), moved));
    missed.committed(writes(Map.of(), Map.of(), moved));
    ReceiptMoved received = new ReceiptMoved(TALK_ID, BOB, ReceiptKind.RECEIVED, 5);
    ReceiptMoved read = new ReceiptMoved(TALK_ID, BOB, ReceiptKind.READ, 3);
    await().untilAsserted(() -> assertThat(ada.events()).containsExactly(read, received));
    store.move(TALK_ID, BOB, 6, 6);
    missed.committed(writes(Map.of(), Map.of(), moved));
    ReceiptMoved readAll = new ReceiptMoved(TALK_ID, BOB, ReceiptKind.READ, 6);
    await().untilAsserted(() -> assertThat(ada.events()).containsExactly(read, received, readAll));
  }

  @Test
  void manyReceiptsAreReadInPages() {
    Map<ConversationId, Set<UserId>> moved = new HashMap<>();
    Set<UserId> many = new HashSet<>();
    for (int i = 0; i < 512; i++) {
      many.add(UserId.of("u" + i));
    }
    List<ConversationId> groups = List.of(GROUP_ID, ConversationId.of(3), ConversationId.of(4));
    for (ConversationId id : groups) {
      store.add(Conversation.group(id, "group", Instant.EPOCH));
      moved.put(id, many);
    }
    missed.committed(writes(Map.of(), Map.of(), moved));
    assertThat(reads("receipts")).as("512 users at once").isEqualTo(3);
  }

  @Test
  void receiptsOfSeveralPagesAreAllShown() {
    Client ada = node.connect(ADA).liveAt(Map.of());
    Map<ConversationId, Set<UserId>> moved = new HashMap<>();
    Set<UserId> many = new HashSet<>(Set.of(BOB));
    for (int i = 0; i < 300; i++) {
      many.add(UserId.of("u" + i));
    }
    for (int i = 0; i < 3; i++) {
      Conversation talk = Conversation.direct(ConversationId.of(10 + i), ADA, BOB, Instant.EPOCH);
      store.add(talk);
      store.move(talk.id(), BOB, 1, 1);
      moved.put(talk.id(), many);
    }
    missed.committed(writes(Map.of(), Map.of(), moved));
    assertThat(reads("receipts")).isEqualTo(2);
    await().untilAsserted(() -> assertThat(ada.events(ReceiptMoved.class)).hasSize(3));
  }

  // ---- lost track

  @Test
  void whenNobodyKnowsWhatWasMissedEveryLiveSessionIsToldToSync() {
    Client ada = node.connect(ADA).liveAt(Map.of());
    Client bob = node.connect(BOB);
    missed.lostTrack();
    assertThat(ada.events()).containsExactly(new Resync());
    assertThat(bob.events()).as("its answer comes first").isEmpty();
    bob.liveAt(Map.of());
    assertThat(bob.events()).containsExactly(new Resync());
  }

  // ---- the feeds by shard

  @Test
  void aSessionIsReconciledWithTheFeedsThatRanAhead() {
    Client ada = node.connect(ADA).liveAt(Map.of(TALK_ID, 4L));
    Client bob = node.connect(BOB);
    store.add(TALK);
    commit(TALK_ID, 1, 5, 0);
    feeds.arrived(List.of(committed(TALK, 5, 0)));
    await().untilAsserted(() -> assertThat(ada.seqs(TALK_ID)).containsExactly(5L));
    bob.liveAt(Map.of(TALK_ID, 2L));
    feeds.reconcile(bob.session(), List.of(TALK_ID, GROUP_ID));
    await().untilAsserted(() -> assertThat(bob.seqs(TALK_ID)).containsExactly(3L, 4L, 5L));
    assertThat(ada.seqs(TALK_ID)).containsExactly(5L);
  }

  private static CommittedMessage committed(Conversation conversation, long seq, long rev) {
    return new CommittedMessage(
        conversation, LocalSessions.message(conversation.id(), seq, CLEO), rev);
  }

  @Test
  void gapsAreFilledAndMessagesOfSeveralConversationsGoToTheirShards() {
    Map<ConversationId, Long> cursors = new HashMap<>();
    List<Conversation> talks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Conversation talk = Conversation.direct(ConversationId.of(100 + i), ADA, BOB, Instant.EPOCH);
      store.add(talk);
      talks.add(talk);
      cursors.put(talk.id(), 0L);
      commit(talk.id(), 1, 2, 0);
    }
    Client ada = node.connect(ADA).liveAt(cursors);
    feeds.arrived(talks.stream().map(talk -> committed(talk, 1, 0)).toList());
    for (Conversation talk : talks) {
      await().untilAsserted(() -> assertThat(ada.seqs(talk.id())).containsExactly(1L));
    }
    Client bob = node.connect(BOB).liveAt(cursors);
    feeds.refill(talks.stream().map(talk -> new Session.Gap(talk.id(), 0)).toList());
    for (Conversation talk : talks) {
      await().untilAsserted(() -> assertThat(bob.seqs(talk.id())).contains(1L));
    }
    await().until(() -> feeds.backlog() == 0);
    assertThat(node.metrics.gauges()).containsEntry("feed_backlog", 0L);
  }

  @Test
  void whoLeavesGetsNothingMoreAndInCrowdsReceiptsGoToTheirOwnersOnly() {
    Client ada = inGroup(ADA, 0, 0);
    List<Client> crowd = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      crowd.add(inGroup(UserId.of("u" + i), 0, 0));
    }
    ReceiptMoved moved = new ReceiptMoved(GROUP_ID, ADA, ReceiptKind.READ, 1);
    feeds.receipt(GROUP, moved, null);
    await().untilAsserted(() -> assertThat(ada.events()).containsExactly(moved));
    assertThat(crowd.get(0).events()).isEmpty();
    feeds.leave(GROUP_ID, crowd.remove(0).session().home());
    ReceiptMoved later = new ReceiptMoved(GROUP_ID, ADA, ReceiptKind.READ, 2);
    feeds.receipt(GROUP, later, ada.session());
    await().untilAsserted(() -> assertThat(crowd.get(0).events()).containsExactly(later));
    assertThat(ada.events()).hasSize(1);
    feeds.leaveAsOf(GROUP_ID, ada.session().home(), 0);
    TypingChanged typing = new TypingChanged(GROUP_ID, BOB, true);
    feeds.ephemeral(GROUP, typing, null, BOB);
    await().untilAsserted(() -> assertThat(crowd.get(0).events()).contains(typing));
    assertThat(ada.events()).hasSize(1);
  }

  @Test
  void creationsAndChangesReachTheirShard() {
    Client ada = node.connect(ADA).liveAt(Map.of());
    Collection<UserId> founders = List.of(ADA, BOB);
    feeds.created(GROUP, founders);
    feeds.changed(GROUP, renamed(GROUP, 1, 0, "new"));
    await().untilAsserted(() -> assertThat(ada.story()).containsExactly("c0", "c1"));
  }
}
