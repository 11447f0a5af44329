package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many threads, two nodes, the same conversations: what is promised must hold at every moment. */
interface ConcurrentAppendContract extends StoreTests {
  int WRITERS = 8;

  @Test
  @Tag(Together.TAG)
  default void batchesOfManyThreadsToOverlappingConversationsLeaveNoGapAndLoseNothing()
      throws Exception {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = groups(ada, 5);
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    Map<ConversationId, Map<Long, Message>> acknowledged = new ConcurrentHashMap<>();
    groups.forEach(group -> acknowledged.put(group, new ConcurrentHashMap<>()));

    Together.run(
        WRITERS,
        writer ->
            () -> {
              Random random = new Random(writer);
              for (int round = 0; round < 20; round++) {
                List<Draft> batch = randomBatch(random, groups, ada, 12);
                List<AppendOutcome> outcomes =
                    StoreFixture.appendWaiting(nodes.get(writer % 2), batch);
                for (int i = 0; i < batch.size(); i++) {
                  Message message = Drafts.stored(batch.get(i), seq(outcomes.get(i)));
                  Message before =
                      acknowledged.get(message.conversation()).put(message.seq(), message);
                  assertThat(before).as("another message of the same seq").isNull();
                }
              }
              return true;
            });

    int total = 0;
    for (ConversationId group : groups) {
      List<Message> stored = chat().messages(group);
      assertThat(stored).extracting(Message::seq).isEqualTo(oneTo(stored.size()));
      assertThat(stored.stream().collect(Collectors.toMap(Message::seq, message -> message)))
          .isEqualTo(acknowledged.get(group));
      total += stored.size();
    }
    assertThat(total).isEqualTo(WRITERS * 20 * 12);
  }

  @Test
  @Tag(Together.TAG)
  default void theDraftsOfABatchKeepTheirOrderInEachConversationWhateverOthersDo()
      throws Exception {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = groups(ada, 2);
    Together.run(
        WRITERS,
        writer ->
            () -> {
              for (int round = 0; round < 10; round++) {
                List<Draft> batch = randomBatch(new Random(round), groups, ada, 20);
                List<AppendOutcome> outcomes = StoreFixture.appendWaiting(chat().store(), batch);
                for (ConversationId group : groups) {
                  List<Long> seqs =
                      IntStream.range(0, batch.size())
                          .filter(i -> batch.get(i).conversation().equals(group))
                          .mapToObj(i -> seq(outcomes.get(i)))
                          .toList();
                  assertThat(seqs).isSorted();
                }
              }
              return true;
            });
  }

  @Test
  @Tag(Together.TAG)
  default void aReaderWhoSeesASeqSeesAllBelowItWhileOthersWrite() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    MessageStore otherNode = chat().anotherNode();
    AtomicInteger writing = new AtomicInteger(4);

    Together.run(
        6,
        task ->
            () -> {
              if (task < 4) {
                try {
                  appendOneByOne(group, ada, 40);
                } finally {
                  writing.decrementAndGet();
                }
              } else {
                watch(task == 4 ? chat().store() : otherNode, group, writing);
              }
              return true;
            });

    assertThat(chat().messages(group)).hasSize(160);
  }

  private void appendOneByOne(ConversationId group, UserId sender, int count) {
    for (int i = 0; i < count; i++) {
      Draft draft = chat().drafts().draft(group, sender).build();
      List<AppendOutcome> outcomes = StoreFixture.appendWaiting(chat().store(), List.of(draft));
      long seq = seq(outcomes.get(0));
      assertThat(StoreFixture.after(chat().store(), group, seq - 1, 1))
          .as("read right after the append")
          .containsExactly(Drafts.stored(draft, seq));
    }
  }

  private static void watch(MessageStore node, ConversationId group, AtomicInteger writing) {
    List<Message> seen = List.of();
    do {
      long last = node.lastSeqs(List.of(group)).get(group);
      List<Message> now = StoreFixture.after(node, group, 0, Integer.MAX_VALUE);
      assertThat(now).extracting(Message::seq).isEqualTo(oneTo(now.size()));
      assertThat(now).hasSizeGreaterThanOrEqualTo((int) Math.max(last, seen.size()));
      assertThat(now.subList(0, seen.size())).isEqualTo(seen);
      seen = now;
    } while (writing.get() > 0);
  }

  @Test
  @Tag(Together.TAG)
  default void aRetryThatRacesItsFirstAttemptIsStoredOnce() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    for (int round = 1; round <= 10; round++) {
      Draft draft = chat().drafts().draft(group, ada).build();
      List<AppendOutcome> outcomes =
          Together.run(
              WRITERS,
              writer -> {
                Draft attempt = chat().drafts().retryOf(draft);
                return () ->
                    StoreFixture.appendWaiting(nodes.get(writer % 2), List.of(attempt)).get(0);
              });

      assertThat(outcomes)
          .filteredOn(Stored.class::isInstance)
          .containsExactly(new Stored(round, 0));
      Message first = StoreFixture.after(chat().store(), group, round - 1, 1).get(0);
      assertThat(outcomes)
          .filteredOn(outcome -> !(outcome instanceof Stored))
          .hasSize(WRITERS - 1)
          .containsOnly(new Duplicate(first, 0));
    }
    assertThat(chat().messages(group)).hasSize(10);
  }

  @Test
  @Tag(Together.TAG)
  default void nothingOfARemovedMemberIsStoredBehindTheirRemoval() throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    MessageStore otherNode = chat().anotherNode();
    for (int round = 0; round < 10; round++) {
      AtomicBoolean removed = new AtomicBoolean();
      long revBefore = chat().rev(group);
      long removalPoint = lastSeq(group) + 5;
      List<ConversationChange> removal = Collections.synchronizedList(new ArrayList<>());
      Together.run(
          4,
          task ->
              () -> {
                if (task == 0) {
                  try {
                    while (lastSeq(group) < removalPoint
                        && !Thread.currentThread().isInterrupted()) {
                      Thread.onSpinWait();
                    }
                    removal.addAll(chat().change(group, StoreFixture.removed(bob)));
                  } finally {
                    removed.set(true);
                  }
                } else {
                  sendUntilRefused(
                      otherNode, group, bob, task == 1 ? Draft.UNVERIFIED : revBefore, removed);
                }
                return true;
              });

      assertThat(removal).hasSize(1);
      List<Message> stored = chat().messages(group);
      assertThat(stored).extracting(Message::seq).isEqualTo(oneTo(stored.size()));
      assertThat(stored).hasSize((int) removal.get(0).atSeq());
      chat().change(group, StoreFixture.added(bob));
    }
  }

  private long lastSeq(ConversationId group) {
    return chat().store().lastSeqs(List.of(group)).get(group);
  }

  private void sendUntilRefused(
      MessageStore node,
      ConversationId group,
      UserId sender,
      long verifiedRev,
      AtomicBoolean removed) {
    while (true) {
      boolean last = removed.get();
      Draft draft = chat().drafts().draft(group, sender).verifiedRev(verifiedRev).build();
      AppendOutcome outcome = StoreFixture.appendWaiting(node, List.of(draft)).get(0);
      if (outcome instanceof NotMember) {
        return;
      }
      assertThat(outcome).isInstanceOf(Stored.class);
      assertThat(last).as("stored although removed before").isFalse();
    }
  }

  @Test
  @Tag(Together.TAG)
  default void membershipsAreReadInOneSnapshotWhileBatchesCommit() throws Exception {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = groups(ada, 4);
    AtomicBoolean writing = new AtomicBoolean(true);
    Together.run(
        3,
        task ->
            () -> {
              if (task == 0) {
                try {
                  for (int round = 0; round < 60; round++) {
                    List<Draft> batch =
                        groups.stream()
                            .map(group -> chat().drafts().draft(group, ada).build())
                            .toList();
                    assertThat(chat().append(batch)).hasOnlyElementsOfType(Stored.class);
                  }
                } finally {
                  writing.set(false);
                }
              } else {
                do {
                  List<Membership> all = chat().conversations().memberships(ada);
                  assertThat(all).hasSize(4);
                  assertThat(all.stream().map(Membership::lastSeq).distinct())
                      .as("last seqs of conversations that only ever change together")
                      .hasSize(1);
                } while (writing.get());
              }
              return true;
            });
  }

  @Test
  @Tag(Together.TAG)
  default void batchesInOppositeOrdersNeverBlockEachOtherForEver() throws Exception {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = groups(ada, 16);
    List<ConversationId> reversed = new ArrayList<>(groups);
    Collections.reverse(reversed);
    Together.run(
        4,
        writer ->
            () -> {
              for (int round = 0; round < 20; round++) {
                List<Draft> batch =
                    (writer % 2 == 0 ? groups : reversed)
                        .stream().map(group -> chat().drafts().draft(group, ada).build()).toList();
                assertThat(StoreFixture.appendWaiting(chat().store(), batch))
                    .hasOnlyElementsOfType(Stored.class);
              }
              return true;
            });

    assertThat(chat().store().lastSeqs(groups).values()).hasSize(16).containsOnly(80L);
  }

  @Test
  @Tag(Together.TAG)
  default void aBatchThatDoesNotWaitLosesNothingOfWhatIsNotLocked() throws Exception {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = groups(ada, WRITERS);
    List<List<AppendOutcome>> outcomes =
        Together.run(
            WRITERS,
            writer ->
                () -> {
                  Draft own = chat().drafts().draft(groups.get(writer), ada).build();
                  return chat().store().append(List.of(own), Duration.ZERO);
                });

    assertThat(outcomes).containsOnly(List.of(new Stored(1, 0)));
  }

  // ---- in short

  private List<ConversationId> groups(UserId owner, int count) {
    return IntStream.range(0, count).mapToObj(i -> chat().group(owner)).toList();
  }

  private List<Draft> randomBatch(
      Random random, List<ConversationId> groups, UserId sender, int size) {
    return IntStream.range(0, size)
        .mapToObj(
            i -> chat().drafts().draft(groups.get(random.nextInt(groups.size())), sender).build())
        .toList();
  }

  private static long seq(AppendOutcome outcome) {
    assertThat(outcome).isInstanceOf(Stored.class);
    return ((Stored) outcome).seq();
  }

  private static List<Long> oneTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }
}
