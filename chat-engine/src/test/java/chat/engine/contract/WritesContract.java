package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import chat.engine.ConversationId;
import chat.engine.MessageId;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Mark;
import chat.engine.spi.MessageStore.Writes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node finds everything that was written since a mark. */
interface WritesContract extends StoreTests {

  private Mark mark() {
    return chat().store().writesSince(null).mark();
  }

  private Writes since(Mark mark) {
    return chat().anotherNode().writesSince(mark);
  }

  private void read(ConversationId conversation, UserId user, long seq) {
    chat()
        .conversations()
        .moveReceipts(List.of(new ReceiptMove(conversation, user, ReceiptKind.READ, seq)));
  }

  @Test
  default void askingWithoutAMarkGivesOneAndTellsNothing() {
    ConversationId group = chat().group(chat().user("ada"));
    Writes writes = chat().store().writesSince(null);

    assertThat(writes.complete()).isTrue();
    assertThat(writes.lastSeqs()).isEmpty();
    assertThat(writes.revs()).isEmpty();
    assertThat(writes.receipts()).isEmpty();
    assertThat(since(writes.mark()).revs()).doesNotContainKey(group);
  }

  @Test
  default void everyKindOfWriteIsTold() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId old = chat().group(ada, bob);
    ConversationId untouched = chat().group(ada);
    chat().send(old, ada, 2);
    Mark mark = mark();
    ConversationId group = chat().group(ada, bob);
    ConversationId direct = chat().direct(ada, bob).id();
    chat().send(old, ada, 3);
    chat().send(direct, bob, 1);
    chat().change(old, StoreFixture.renamed("a"), StoreFixture.renamed("b"));
    read(old, bob, 4);

    Writes writes = since(mark);
    assertThat(writes.complete()).isTrue();
    assertThat(writes.lastSeqs())
        .containsEntry(old, 5L)
        .containsEntry(direct, 1L)
        .doesNotContainKeys(group, untouched);
    assertThat(writes.revs())
        .containsEntry(old, 2L)
        .containsEntry(group, 0L)
        .containsEntry(direct, 0L)
        .doesNotContainKey(untouched);
    assertThat(writes.receipts()).containsEntry(old, Set.of(bob)).doesNotContainKey(direct);
  }

  @Test
  default void theNextMarkContinuesWhereThePreviousEnded() {
    UserId ada = chat().user("ada");
    ConversationId one = chat().group(ada);
    ConversationId other = chat().group(ada);
    Mark first = mark();
    chat().send(one, ada, 1);
    Writes writes = since(first);
    chat().send(other, ada, 1);

    assertThat(writes.lastSeqs()).containsEntry(one, 1L).doesNotContainKey(other);
    assertThat(since(writes.mark()).lastSeqs()).containsEntry(other, 1L).doesNotContainKey(one);
    assertThat(since(first).lastSeqs()).containsEntry(one, 1L).containsEntry(other, 1L);
  }

  @Test
  default void whatChangedNothingIsNotTold() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Draft draft = chat().drafts().text(group, ada, "once");
    chat().append(draft);
    read(group, bob, 1);
    Mark mark = mark();
    chat().append(chat().drafts().retryOf(draft));
    chat().append(chat().drafts().text(group, chat().user("eve"), "a stranger's"));
    chat().append(chat().drafts().draft(group, ada).replyTo(7).build());
    chat()
        .conversations()
        .change(group, 7, List.of(StoreFixture.renamed("x")), ada, chat().drafts().now());
    chat().conversations().createGroup(group, "again", Map.of(ada, Role.OWNER), Instant.EPOCH);
    read(group, bob, 1);
    read(group, bob, 2);
    read(group, chat().user("eve"), 1);

    Writes writes = since(mark);
    assertThat(writes.lastSeqs()).doesNotContainKey(group);
    assertThat(writes.revs()).doesNotContainKey(group);
    assertThat(writes.receipts()).doesNotContainKey(group);
  }

  @Test
  default void neitherIdsNorTimesMatter() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    for (long id : new long[] {1, Long.MAX_VALUE, Long.MAX_VALUE - 1, 2}) {
      Mark mark = mark();
      Draft draft = chat().drafts().draft(group, ada).id(MessageId.of(id)).build();
      long seq = chat().messages(group).size() + 1;
      chat().append(draft);
      assertThat(since(mark).lastSeqs()).as("after id " + id).containsEntry(group, seq);
    }
    Mark mark = mark();
    for (Instant time : List.of(Instant.EPOCH, Instant.parse("2100-01-01T00:00:00Z"))) {
      chat()
          .conversations()
          .change(group, chat().rev(group), List.of(StoreFixture.renamed("x")), ada, time);
    }
    assertThat(since(mark).revs()).containsEntry(group, 2L);
  }

  @Test
  default void manyConversationsOfOneBatchAreAllTold() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    List<ConversationId> groups =
        LongStream.range(0, 250).mapToObj(i -> chat().group(ada, bob)).toList();
    Mark mark = mark();
    List<Draft> batch = new ArrayList<>();
    for (ConversationId group : groups) {
      batch.add(chat().drafts().text(group, ada, "one"));
      batch.add(chat().drafts().text(group, ada, "two"));
    }
    chat().append(batch);
    chat()
        .conversations()
        .moveReceipts(
            groups.stream()
                .map(group -> new ReceiptMove(group, bob, ReceiptKind.RECEIVED, 2))
                .toList());

    Writes writes = since(mark);
    for (ConversationId group : groups) {
      assertThat(writes.lastSeqs()).containsEntry(group, 2L);
      assertThat(writes.receipts()).containsEntry(group, Set.of(bob));
    }
  }

  @Test
  default void theTimeOfTheStoreIsThePresentTime() {
    assertThat(chat().store().writesSince(null).storeTime())
        .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
  }

  @Test
  default void aMarkOfAnotherStoreIsRefused() {
    Mark foreign = new Mark() {};
    assertThatThrownBy(() -> chat().store().writesSince(foreign))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  default void theReceiptsOfMembersAreReadTogether() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId one = chat().group(ada, bob);
    ConversationId other = chat().group(ada);
    chat().send(one, ada, 3);
    read(one, bob, 2);
    chat()
        .conversations()
        .moveReceipts(List.of(new ReceiptMove(one, bob, ReceiptKind.RECEIVED, 3)));

    assertThat(
            chat()
                .conversations()
                .receipts(
                    Map.of(
                        one,
                        Set.of(bob, chat().user("eve")),
                        other,
                        Set.of(ada, bob),
                        chat().drafts().conversationId(),
                        Set.of(ada))))
        .containsExactlyInAnyOrder(
            new chat.engine.spi.ConversationStore.Receipt(one, bob, 2, 3),
            new chat.engine.spi.ConversationStore.Receipt(other, ada, 0, 0));
    assertThat(chat().conversations().receipts(Map.of())).isEmpty();
  }

  @Test
  @Tag(Together.TAG)
  default void whoeverAddsUpAllWritesEndsWithTheStateOfTheStore() throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    List<ConversationId> groups =
        LongStream.range(0, 5).mapToObj(i -> chat().group(ada, bob)).toList();
    MessageStore reader = chat().anotherNode();
    Mark start = reader.writesSince(null).mark();
    Map<ConversationId, Long> seqs = new HashMap<>();
    Map<ConversationId, Long> revs = new HashMap<>();
    Map<ConversationId, Set<UserId>> receipts = new HashMap<>();
    int writers = 3;
    AtomicInteger atWork = new AtomicInteger(writers);
    Together.run(
        writers + 1,
        task ->
            () -> {
              if (task == writers) {
                Mark mark = start;
                boolean last;
                do {
                  last = atWork.get() == 0;
                  Writes writes = reader.writesSince(mark);
                  mark = writes.mark();
                  writes.lastSeqs().forEach((id, seq) -> seqs.merge(id, seq, Math::max));
                  writes.revs().forEach((id, rev) -> revs.merge(id, rev, Math::max));
                  writes
                      .receipts()
                      .forEach(
                          (id, users) ->
                              receipts.computeIfAbsent(id, none -> new HashSet<>()).addAll(users));
                } while (!last);
              } else {
                try {
                  writeAtRandom(chat().anotherNode(), groups, ada, bob, task);
                } finally {
                  atWork.decrementAndGet();
                }
              }
              return true;
            });

    for (ConversationId group : groups) {
      assertThat(seqs.getOrDefault(group, 0L))
          .isEqualTo(chat().store().lastSeqs(List.of(group)).get(group));
      assertThat(revs.getOrDefault(group, 0L)).isEqualTo(chat().rev(group));
      boolean moved = chat().conversations().member(group, bob).orElseThrow().readSeq() > 0;
      assertThat(receipts.getOrDefault(group, Set.of())).isEqualTo(moved ? Set.of(bob) : Set.of());
    }
  }

  private void writeAtRandom(
      MessageStore node, List<ConversationId> groups, UserId ada, UserId bob, int seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 60; step++) {
      ConversationId group = groups.get(random.nextInt(groups.size()));
      switch (random.nextInt(6)) {
        case 0 ->
            node.conversations()
                .change(
                    group,
                    node.conversations().members(group).orElseThrow().rev(),
                    List.of(StoreFixture.renamed("name " + step)),
                    ada,
                    chat().drafts().now());
        case 1 ->
            node.conversations()
                .moveReceipts(
                    List.of(
                        new ReceiptMove(
                            group,
                            bob,
                            ReceiptKind.READ,
                            node.lastSeqs(List.of(group)).getOrDefault(group, 0L))));
        case 2 ->
            node.append(List.of(chat().drafts().text(group, ada, "waits")), Duration.ofSeconds(20));
        default -> {
          List<Draft> batch = new ArrayList<>();
          groups.forEach(each -> batch.add(chat().drafts().text(each, ada, "batch")));
          StoreFixture.appendWaiting(node, batch);
        }
      }
    }
  }
}
