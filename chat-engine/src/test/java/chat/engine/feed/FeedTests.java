package chat.engine.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.ErrorCode;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.running.TwoNodeTest;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.feed.FeedStore;
import chat.engine.testing.Wrapped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
abstract class FeedTests extends TwoNodeTest {
  private static final String FEED = "feed";
  private static final int NO_OTHER_MACHINE = 65_535;

  /** Notes what it was given. */
  private static final class Recorder implements FeedConsumer {
    private final List<String> ids = new CopyOnWriteArrayList<>();
    private final List<FeedEntry> entries = new CopyOnWriteArrayList<>();
    private final List<FeedBatch> batches = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<?> accept(FeedBatch batch) {
      batches.add(batch);
      entries.addAll(batch.entries());
      batch.entries().forEach(entry -> ids.add(entry.id()));
      return CompletableFuture.completedFuture(null);
    }

    List<String> ids(ConversationId conversation) {
      return ids.stream().filter(id -> id.startsWith(conversation + ":")).toList();
    }
  }

  private static List<String> ids(ConversationId conversation, String... places) {
    return List.of(places).stream().map(place -> conversation + ":" + place).toList();
  }

  private ConversationId group(UserId... members) {
    return get(north.asUser(ADA).createGroup("a group", Set.of(members))).id();
  }

  private static void send(ChatEngine node, ConversationId group, String text) {
    get(node.asUser(ADA).send(group, NewMessage.text(text)));
  }

  private static Feed open(ChatEngine node, FeedConsumer consumer) {
    return get(node.feed(FEED, consumer));
  }

  @Test
  final void whatIsSentAndChangedOnAnyNodeComesInItsOrder() {
    ConversationId group = group(BOB);
    send(north, group, "before the feed");
    Recorder recorder = new Recorder();
    open(north, recorder);
    send(south, group, "two");
    get(south.asUser(ADA).react(group, 2, Emoji.of("👍"), true));
    get(north.asUser(ADA).renameGroup(group, "another name"));
    send(north, group, "three");
    get(north.asUser(ADA).editMessage(group, 2, MessageEdit.text("TWO")));
    get(south.asUser(ADA).deleteMessage(group, 3));
    await()
        .untilAsserted(
            () ->
                assertThat(recorder.ids(group))
                    .isEqualTo(ids(group, "m:2", "c:1", "c:2", "m:3", "c:3", "c:4")));
    assertThat(recorder.batches).allMatch(batch -> batch.attempt() == 1);
    assertThat(recorder.batches)
        .extracting(FeedBatch::conversation)
        .extracting(Conversation::id)
        .containsOnly(group);
  }

  @Test
  final void theDeletionOfAConversationIsTheLastOfIt() {
    ConversationId group = group(BOB);
    Recorder recorder = new Recorder();
    open(south, recorder);
    send(north, group, "one");
    await().until(() -> recorder.ids(group).size() == 1);
    get(north.asApplication().delete(group));
    await().until(() -> recorder.ids(group).equals(ids(group, "m:1", "c:1")));
    assertThat(recorder.batches.get(recorder.batches.size() - 1).conversation()).isNull();
  }

  @Test
  final void theDeletionOfAConversationComesAlsoIfMessagesBeforeItDidNot() {
    ConversationId group = group(BOB);
    Recorder before = new Recorder();
    Feed feed = open(south, before);
    send(north, group, "one");
    await().until(() -> before.ids(group).size() == 1);
    feed.close();
    send(north, group, "nobody follows");
    get(north.asApplication().delete(group));
    Recorder after = new Recorder();
    open(south, after);
    await().until(() -> after.ids(group).equals(ids(group, "c:1")));
  }

  @Test
  final void oneNodeDeliversAndAnotherTakesOverWhenItIsClosed() {
    ConversationId group = group(BOB);
    Recorder first = new Recorder();
    Recorder second = new Recorder();
    Feed onNorth = open(north, first);
    await().until(() -> onNorth.state().active());
    Feed onSouth = open(south, second);
    for (int i = 1; i <= 10; i++) {
      send(i % 2 == 0 ? north : south, group, "m" + i);
    }
    await().until(() -> first.ids(group).size() == 10);
    onNorth.close();
    assertThat(onNorth.state().active()).isFalse();
    send(north, group, "nobody follows");
    await().until(() -> second.ids(group).equals(ids(group, "m:11")));
    assertThat(onSouth.state().active()).isTrue();
    assertThat(first.ids(group)).hasSize(10);
  }

  /**
   * A store for a node that dies: then its feeds fail, so it neither keeps its lease nor ends it.
   */
  private MessageStore mortal(AtomicBoolean dead) {
    MessageStore real = openStore();
    FeedStore feeds =
        Wrapped.of(
            FeedStore.class,
            real.feeds().orElseThrow(),
            (method, arguments, call) -> {
              if (dead.get()) {
                throw new StoreUnavailableException("dead", null);
              }
              return call.call();
            });
    return Wrapped.of(
        MessageStore.class,
        real,
        (method, arguments, call) -> method.equals("feeds") ? Optional.of(feeds) : call.call());
  }

  @Tag("thorough")
  @Test
  final void theFeedOfANodeThatDiedIsTakenOverWithinTenSeconds() {
    ConversationId group = group(BOB);
    AtomicBoolean dead = new AtomicBoolean();
    Feed onMortal =
        open(
            node(
                mortal(dead),
                network.join(),
                settings -> settings.ids(SonyflakeIdGenerator.fixed(NO_OTHER_MACHINE))),
            new Recorder());
    await().until(() -> onMortal.state().active());
    Recorder recorder = new Recorder();
    Feed onNorth = open(north, recorder);
    dead.set(true);
    long died = System.nanoTime();
    send(south, group, "nobody follows");
    await().until(() -> recorder.ids(group).equals(ids(group, "m:1")));
    assertThat(onNorth.state().active()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - died))
        .as("ten seconds, and as much again for a machine that is busy with other tests")
        .isLessThan(Duration.ofSeconds(20));
  }

  @Test
  final void whatFailsComesAgainAndHoldsNobodyElseUp() {
    ConversationId bad = group(BOB);
    ConversationId good = group(BOB);
    Recorder recorder = new Recorder();
    AtomicBoolean broken = new AtomicBoolean(true);
    AtomicInteger attempts = new AtomicInteger();
    Feed feed =
        open(
            north,
            batch -> {
              if (batch.conversationId().equals(bad) && broken.get()) {
                attempts.set(batch.attempt());
                if (batch.attempt() == 1) {
                  throw new IllegalStateException("on purpose");
                }
                return CompletableFuture.failedFuture(new IllegalStateException("on purpose"));
              }
              return recorder.accept(batch);
            });
    send(north, bad, "one");
    send(north, good, "one");
    await().until(() -> recorder.ids(good).size() == 1);
    await().until(() -> attempts.get() >= 2);
    assertThat(feed.state().failing()).isEqualTo(1);
    send(north, bad, "two");
    send(north, good, "two");
    await().until(() -> recorder.ids(good).size() == 2);
    broken.set(false);
    await().until(() -> recorder.ids(bad).equals(ids(bad, "m:1", "m:2")));
    await().until(() -> feed.state().equals(new Feed.State(true, 0, 0, 0, Duration.ZERO)));
  }

  @Test
  final void whatIsDoneOfABatchDoesNotComeAgainAndTheRestComesSoon() {
    ConversationId group = group(BOB);
    List<String> done = new CopyOnWriteArrayList<>();
    List<Integer> attempts = new CopyOnWriteArrayList<>();
    Feed feed =
        open(
            north,
            batch -> {
              done.add(batch.entries().get(0).id());
              attempts.add(batch.attempt());
              return batch.entries().size() == 1
                  ? CompletableFuture.completedFuture(null)
                  : CompletableFuture.failedFuture(
                      new PartlyDone(1, new IllegalStateException("on purpose")));
            });
    List<CompletableFuture<?>> sends = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sends.add(north.asUser(ADA).send(group, NewMessage.text("message " + i)));
    }
    sends.forEach(send -> get(send));
    get(north.asUser(ADA).editMessage(group, 1, MessageEdit.text("one")));
    await().until(() -> done.size() >= 5 && feed.state().waiting() == 0);
    assertThat(done).isEqualTo(ids(group, "m:1", "m:2", "m:3", "m:4", "c:1"));
    assertThat(attempts).allMatch(attempt -> attempt <= 2);
  }

  @Test
  final void aConsumerHasOneBatchOfAConversationAndNotMoreThanItTakesInHand() {
    List<ConversationId> groups = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      groups.add(group(BOB));
    }
    Map<ConversationId, CompletableFuture<Void>> inHand = new ConcurrentHashMap<>();
    AtomicInteger most = new AtomicInteger();
    AtomicBoolean twice = new AtomicBoolean();
    List<String> done = new CopyOnWriteArrayList<>();
    get(
        north.feed(
            FEED,
            FeedOptions.DEFAULT.concurrency(3),
            batch -> {
              CompletableFuture<Void> end = new CompletableFuture<>();
              if (inHand.put(batch.conversationId(), end) != null) {
                twice.set(true);
              }
              most.accumulateAndGet(inHand.size(), Math::max);
              return end.thenRun(() -> batch.entries().forEach(entry -> done.add(entry.id())));
            }));
    for (int i = 0; i < 4; i++) {
      for (ConversationId group : groups) {
        send(i % 2 == 0 ? north : south, group, "m" + i);
      }
    }
    await().until(() -> inHand.size() == 3);
    while (done.size() < 20) {
      for (ConversationId busy : Set.copyOf(inHand.keySet())) {
        CompletableFuture<Void> end = inHand.remove(busy);
        if (end != null) {
          end.complete(null);
        }
      }
    }
    assertThat(twice).isFalse();
    assertThat(most).hasValue(3);
    assertThat(done).doesNotHaveDuplicates().hasSize(20);
  }

  @Test
  final void aConsumerThatBlocksHoldsOnlyItsConversationUp() throws Exception {
    ConversationId stuck = group(BOB);
    ConversationId other = group(BOB);
    CountDownLatch release = new CountDownLatch(1);
    Recorder recorder = new Recorder();
    open(
        north,
        batch -> {
          if (batch.conversationId().equals(stuck)) {
            release.await();
          }
          return recorder.accept(batch);
        });
    send(north, stuck, "one");
    send(north, other, "one");
    send(north, other, "two");
    await().until(() -> recorder.ids(other).size() == 2);
    assertThat(recorder.ids(stuck)).isEmpty();
    release.countDown();
    await().until(() -> recorder.ids(stuck).size() == 1);
  }

  @Test
  final void aFeedStartsWhereItIsToldAndCanBeReplayed() {
    ConversationId group = group(BOB);
    send(north, group, "one");
    get(north.asUser(ADA).renameGroup(group, "another name"));
    send(north, group, "two");
    Recorder all = new Recorder();
    Feed feed =
        get(north.feed(FEED, FeedOptions.DEFAULT.start(FeedOptions.Start.beginning()), all));
    await().until(() -> all.ids(group).equals(ids(group, "m:1", "c:1", "m:2")));
    get(south.asApplication().replayFeed(FEED, Instant.now().minus(Duration.ofHours(1))));
    await()
        .until(() -> all.ids(group).equals(ids(group, "m:1", "c:1", "m:2", "m:1", "c:1", "m:2")));
    get(feed.replay(Instant.now().minus(Duration.ofHours(1))));
    await().until(() -> all.ids(group).size() == 9);
    get(feed.forget());
    assertRefused(feed.replay(Instant.now()), ErrorCode.NOT_FOUND);
    Recorder later = new Recorder();
    open(north, later);
    send(north, group, "three");
    await().until(() -> later.ids(group).equals(ids(group, "m:3")));
  }

  @Test
  final void anApplicationSeesWhichFeedsThereAre() {
    assertThat(get(north.asApplication().feeds())).isEmpty();
    assertRefused(north.asApplication().replayFeed(FEED, Instant.now()), ErrorCode.NOT_FOUND);
    open(north, new Recorder());
    assertThat(get(south.asApplication().feeds())).containsExactly(FEED);
  }

  @Test
  final void namesAreCheckedAndAnEngineOpensAFeedOnce() {
    Recorder recorder = new Recorder();
    for (String name : List.of("", "a b", "ä", "a".repeat(65), "a\n")) {
      assertRefused(north.feed(name, recorder), ErrorCode.BAD_REQUEST);
    }
    Feed feed = open(north, recorder);
    assertThat(feed.name()).isEqualTo(FEED);
    assertRefused(north.feed(FEED, recorder), ErrorCode.CONFLICT);
    feed.close();
    feed.close();
    open(north, recorder);
    north.close();
    assertRefused(north.feed("other", recorder), ErrorCode.UNAVAILABLE);
  }

  /** Nodes come and go, the consumer fails at random, and everything is delivered, in order. */
  @Test
  final void nothingIsLostWhileNodesComeAndGo() throws Exception {
    Random random = new Random(7);
    List<ConversationId> groups = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      groups.add(group(BOB));
    }
    Map<ConversationId, List<Long>> seen = new ConcurrentHashMap<>();
    FeedConsumer consumer =
        batch -> {
          List<Long> seqs =
              seen.computeIfAbsent(batch.conversationId(), id -> new CopyOnWriteArrayList<>());
          if (random.nextInt(20) == 0) {
            throw new IllegalStateException("on purpose");
          }
          batch.messages().forEach(message -> seqs.add(message.seq()));
          return CompletableFuture.completedFuture(null);
        };
    AtomicBoolean stop = new AtomicBoolean();
    Map<ConversationId, Integer> sent = new HashMap<>();
    Thread sender =
        new Thread(
            () -> {
              for (int i = 0; i < 1_500 || !stop.get(); i++) {
                ConversationId group = groups.get(i % groups.size());
                send(i % 3 == 0 ? south : north, group, "m" + i);
                sent.merge(group, 1, Integer::sum);
              }
            });
    Feed first = open(north, consumer);
    sender.start();
    for (int i = 0; i < 3; i++) {
      Feed second = open(south, consumer);
      Thread.sleep(150);
      first.close();
      await().until(() -> second.state().active());
      first = open(north, consumer);
      Thread.sleep(150);
      second.close();
    }
    stop.set(true);
    sender.join();
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(
            () ->
                assertThat(groups)
                    .allSatisfy(
                        group ->
                            assertThat(Set.copyOf(seen.getOrDefault(group, List.of())))
                                .hasSize(sent.get(group))));
    for (ConversationId group : groups) { // what comes again begins at a cursor, and goes up
      List<Long> seqs = seen.get(group);
      long highest = 0;
      for (long seq : seqs) {
        assertThat(seq).isLessThanOrEqualTo(highest + 1);
        highest = Math.max(highest, seq);
      }
      assertThat(seqs.stream().max(Comparator.naturalOrder())).hasValue((long) sent.get(group));
    }
  }
}
