package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.AppendOutcome.WasDeleted;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Write;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Changes of the same messages on two nodes at the same time have one order that all agree on. */
interface ConcurrentMessageChangeContract extends StoreTests {
  int ROUNDS = 200;

  /** What a node does in a round. */
  interface Turn<T> {
    T take(MessageStore node, int round) throws Exception;
  }

  /** Both take their turn in a round at the same time, on different nodes. */
  private <T> List<List<T>> against(Turn<T> one, Turn<T> other) throws Exception {
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    CyclicBarrier together = new CyclicBarrier(2);
    return Together.run(
        2,
        task ->
            () -> {
              List<T> outcomes = new ArrayList<>();
              for (int round = 0; round < ROUNDS; round++) {
                together.await(30, TimeUnit.SECONDS);
                outcomes.add((task == 0 ? one : other).take(nodes.get(task), round));
              }
              return outcomes;
            });
  }

  private AppendOutcome append(MessageStore node, Write write) {
    return StoreFixture.appendWaiting(node, List.of(write)).get(0);
  }

  private static long rev(AppendOutcome outcome) {
    return ((Changed) outcome).change().rev();
  }

  private static List<Long> oneTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  @Tag(Together.TAG)
  default void anEditAgainstADeletionComesBeforeItOrNotAtAll() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, ROUNDS);

    List<List<AppendOutcome>> outcomes =
        against(
            (node, round) -> append(node, chat().drafts().edit(group, round + 1, ada, "edited")),
            (node, round) -> append(node, chat().drafts().deletion(group, round + 1, ada)));

    long changes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      AppendOutcome edit = outcomes.get(0).get(round);
      long deletion = rev(outcomes.get(1).get(round));
      changes += edit instanceof WasDeleted ? 1 : 2;
      if (!(edit instanceof WasDeleted)) {
        assertThat(rev(edit)).isLessThan(deletion);
      }
      Message message = chat().store().after(group, round, 1).get(0).message();
      assertThat(message.deleted()).isTrue();
      assertThat(message.text()).isEmpty();
      assertThat(message.rev()).isEqualTo(deletion);
    }
    assertThat(chat().conversations().changes(group, 0, 3 * ROUNDS))
        .extracting(ConversationChange::rev)
        .isEqualTo(oneTo(changes));
  }

  @Test
  @Tag(Together.TAG)
  default void ofTwoEditsTheOneOfTheHigherRevStays() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, ROUNDS);

    List<List<AppendOutcome>> outcomes =
        against(
            (node, round) -> append(node, chat().drafts().edit(group, round + 1, ada, "one")),
            (node, round) -> append(node, chat().drafts().edit(group, round + 1, ada, "other")));

    for (int round = 0; round < ROUNDS; round++) {
      long one = rev(outcomes.get(0).get(round));
      long other = rev(outcomes.get(1).get(round));
      Message message = chat().store().after(group, round, 1).get(0).message();
      assertThat(message.rev()).isEqualTo(Math.max(one, other));
      assertThat(message.text()).isEqualTo(one > other ? "one" : "other");
    }
    assertThat(chat().conversations().changes(group, 0, 3 * ROUNDS))
        .extracting(ConversationChange::rev)
        .isEqualTo(oneTo(2L * ROUNDS));
  }

  @Test
  @Tag(Together.TAG)
  default void anEditComesBeforeTheRemovalOfItsAuthorOrNotAtAll() throws Exception {
    UserId ada = chat().user("ada");
    List<UserId> authors = IntStream.range(0, ROUNDS).mapToObj(i -> chat().user("u" + i)).toList();
    ConversationId group = chat().group(ada, authors.toArray(UserId[]::new));
    chat().append(authors.stream().map(u -> chat().drafts().text(group, u, "text")).toList());

    List<List<Object>> outcomes =
        against(
            (node, round) ->
                append(node, chat().drafts().edit(group, round + 1, authors.get(round), "edited")),
            (node, round) -> {
              ConversationStore conversations = node.conversations();
              long rev = conversations.members(group).orElseThrow().rev();
              return conversations
                  .change(
                      group,
                      rev,
                      List.of(StoreFixture.removed(authors.get(round))),
                      ada,
                      chat().drafts().now())
                  .orElseThrow(() -> new AssertionError("an edit conflicts with a removal"));
            });

    long edits = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Object edit = outcomes.get(0).get(round);
      ConversationStore.Changed removal = (ConversationStore.Changed) outcomes.get(1).get(round);
      if (edit instanceof NotMember) {
        assertThat(chat().store().after(group, round, 1).get(0).message().text()).isEqualTo("text");
      } else {
        edits++;
        assertThat(rev((AppendOutcome) edit)).isLessThan(removal.changes().get(0).rev());
      }
    }
    assertThat(chat().conversations().changes(group, 0, 3 * ROUNDS))
        .extracting(ConversationChange::rev)
        .isEqualTo(oneTo(ROUNDS + edits));
  }

  @Test
  @Tag(Together.TAG)
  default void mixedBatchesToOverlappingConversationsLeaveNoGapAndLoseNothing() throws Exception {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = IntStream.range(0, 4).mapToObj(i -> chat().group(ada)).toList();
    groups.forEach(group -> chat().send(group, ada, 5));
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    Map<ConversationId, Map<Long, ConversationChange>> told = new ConcurrentHashMap<>();
    groups.forEach(group -> told.put(group, new ConcurrentHashMap<>()));
    Map<ConversationId, List<Long>> seqs = new ConcurrentHashMap<>();
    groups.forEach(group -> seqs.put(group, Collections.synchronizedList(new ArrayList<>())));

    Together.run(
        6,
        writer ->
            () -> {
              Random random = new Random(writer);
              for (int round = 0; round < 20; round++) {
                List<Write> batch = randomBatch(random, groups, ada, writer + "/" + round);
                List<AppendOutcome> outcomes =
                    StoreFixture.appendWaiting(nodes.get(writer % 2), batch);
                for (int i = 0; i < batch.size(); i++) {
                  ConversationId group = batch.get(i).conversation();
                  if (outcomes.get(i) instanceof Changed changed) {
                    assertThat(told.get(group).put(changed.change().rev(), changed.change()))
                        .as("another change of the same rev")
                        .isNull();
                  } else {
                    seqs.get(group).add(((Stored) outcomes.get(i)).seq());
                  }
                }
              }
              return true;
            });

    for (ConversationId group : groups) {
      List<ConversationChange> log = chat().conversations().changes(group, 0, 10_000);
      assertThat(log).extracting(ConversationChange::rev).isEqualTo(oneTo(log.size()));
      assertThat(told.get(group).keySet()).containsExactlyInAnyOrderElementsOf(oneTo(log.size()));
      assertThat(seqs.get(group))
          .containsExactlyInAnyOrderElementsOf(
              LongStream.rangeClosed(6, 5 + seqs.get(group).size()).boxed().toList());
      for (Message message : chat().messages(group)) {
        if (message.rev() > 0) {
          assertThat(told.get(group).get(message.rev()).message()).isEqualTo(message);
        }
      }
    }
  }

  /** Sends and edits; each edit says what no other does. */
  private List<Write> randomBatch(
      Random random, List<ConversationId> groups, UserId ada, String text) {
    List<Write> batch = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ConversationId group = groups.get(random.nextInt(groups.size()));
      batch.add(
          random.nextBoolean()
              ? chat().drafts().text(group, ada, "text")
              : chat().drafts().edit(group, 1 + random.nextInt(5), ada, text + "/" + i));
    }
    return batch;
  }
}
