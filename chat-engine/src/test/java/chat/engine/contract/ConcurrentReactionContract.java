package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.ReactionCount;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.UnchangedReaction;
import chat.engine.spi.AppendOutcome.WasDeleted;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reactions on two nodes at the same time have one order, and the counts are exact. */
interface ConcurrentReactionContract extends StoreTests {
  int RACES = 200;

  /** What a node does in a round. */
  interface Move<T> {
    T make(MessageStore node, int round) throws Exception;
  }

  /** Both move in a round at the same time, on different nodes. */
  private <T> List<List<T>> race(Move<T> one, Move<T> other) throws Exception {
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    CyclicBarrier together = new CyclicBarrier(2);
    return Together.run(
        2,
        task ->
            () -> {
              List<T> outcomes = new ArrayList<>();
              for (int round = 0; round < RACES; round++) {
                together.await(30, TimeUnit.SECONDS);
                outcomes.add((task == 0 ? one : other).make(nodes.get(task), round));
              }
              return outcomes;
            });
  }

  private AppendOutcome append(MessageStore node, Write write) {
    return StoreFixture.appendWaiting(node, List.of(write)).get(0);
  }

  private Message message(ConversationId group, int round) {
    return chat().store().after(group, round, 1).get(0).message();
  }

  private void assertNoGapInTheLog(ConversationId group) {
    List<ConversationChange> log = chat().conversations().changes(group, 0, 100_000);
    assertThat(log)
        .extracting(ConversationChange::rev)
        .isEqualTo(LongStream.rangeClosed(1, log.size()).boxed().toList());
  }

  @Test
  @Tag(Together.TAG)
  default void aReactionAgainstADeletionComesBeforeItOrNotAtAllAndLeavesNothing() throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, RACES);

    List<List<AppendOutcome>> outcomes =
        race(
            (node, round) ->
                append(
                    node, chat().drafts().reaction(group, round + 1, bob, ReactionContract.THUMB)),
            (node, round) -> append(node, chat().drafts().deletion(group, round + 1, ada)));

    for (int round = 0; round < RACES; round++) {
      AppendOutcome reaction = outcomes.get(0).get(round);
      long deletion = ((Changed) outcomes.get(1).get(round)).change().rev();
      if (!(reaction instanceof WasDeleted)) {
        assertThat(((Changed) reaction).change().rev()).isLessThan(deletion);
      }
      Message message = message(group, round);
      assertThat(message.deleted()).isTrue();
      assertThat(message.reactions()).isEmpty();
      assertThat(message.rev()).isEqualTo(deletion);
      assertThat(chat().store().reactions(new MessagePlace(group, round + 1), null, null, 9))
          .isEmpty();
    }
    assertNoGapInTheLog(group);
  }

  @Test
  @Tag(Together.TAG)
  default void ofOnAndOffByTheSameUserTheHigherRevStays() throws Exception {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, RACES);
    Emoji emoji = ReactionContract.HEART;

    List<List<AppendOutcome>> outcomes =
        race(
            (node, round) -> append(node, chat().drafts().reaction(group, round + 1, ada, emoji)),
            (node, round) -> append(node, chat().drafts().takenBack(group, round + 1, ada, emoji)));

    for (int round = 0; round < RACES; round++) {
      Changed on = (Changed) outcomes.get(0).get(round);
      AppendOutcome off = outcomes.get(1).get(round);
      boolean stays = off instanceof UnchangedReaction;
      if (!stays) {
        assertThat(((Changed) off).change().rev()).isGreaterThan(on.change().rev());
      }
      assertThat(message(group, round).reactions())
          .isEqualTo(stays ? List.of(new ReactionCount(emoji, 1, null)) : List.of());
      assertThat(chat().store().reactions(new MessagePlace(group, round + 1), null, null, 9))
          .hasSize(stays ? 1 : 0);
    }
    assertNoGapInTheLog(group);
  }

  @Test
  @Tag(Together.TAG)
  default void aReactionComesBeforeTheRemovalOfItsUserOrNotAtAll() throws Exception {
    UserId ada = chat().user("ada");
    List<UserId> users = IntStream.range(0, RACES).mapToObj(i -> chat().user("u" + i)).toList();
    ConversationId group = chat().group(ada, users.toArray(UserId[]::new));
    chat().send(group, ada, RACES);

    List<List<Object>> outcomes =
        race(
            (node, round) ->
                append(
                    node,
                    chat()
                        .drafts()
                        .reaction(group, round + 1, users.get(round), ReactionContract.THUMB)),
            (node, round) -> {
              ConversationStore conversations = node.conversations();
              long rev = conversations.members(group).orElseThrow().rev();
              return conversations
                  .change(
                      group,
                      rev,
                      List.of(StoreFixture.removed(users.get(round))),
                      round % 2 == 0 ? ada : users.get(round),
                      chat().drafts().now())
                  .orElseThrow(() -> new AssertionError("a reaction conflicts with a removal"));
            });

    for (int round = 0; round < RACES; round++) {
      Object reaction = outcomes.get(0).get(round);
      ConversationStore.Changed removal = (ConversationStore.Changed) outcomes.get(1).get(round);
      boolean came = reaction instanceof Changed;
      if (came) {
        assertThat(((Changed) reaction).change().rev()).isLessThan(removal.changes().get(0).rev());
      } else {
        assertThat(reaction).isEqualTo(new NotMember());
      }
      assertThat(message(group, round).reactions()).hasSize(came ? 1 : 0);
    }
    assertNoGapInTheLog(group);
  }

  @Test
  @Tag(Together.TAG)
  default void theCountsAreThoseOfTheRowsHoweverManyReactAtOnce() throws Exception {
    UserId ada = chat().user("ada");
    List<UserId> users = IntStream.range(0, 12).mapToObj(i -> chat().user("u" + i)).toList();
    ConversationId group = chat().group(ada, users.toArray(UserId[]::new));
    chat().send(group, ada, 3);
    List<Emoji> emoji =
        List.of(ReactionContract.THUMB, ReactionContract.HEART, ReactionContract.FAMILY);
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());

    Together.run(
        6,
        writer ->
            () -> {
              Random random = new Random(writer);
              for (int round = 0; round < 25; round++) {
                List<Write> batch = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                  long seq = 1 + random.nextInt(3);
                  UserId user = users.get(random.nextInt(users.size()));
                  Emoji one = emoji.get(random.nextInt(3));
                  batch.add(
                      random.nextInt(3) > 0
                          ? chat().drafts().reaction(group, seq, user, one)
                          : chat().drafts().takenBack(group, seq, user, one));
                }
                assertThat(StoreFixture.appendWaiting(nodes.get(writer % 2), batch))
                    .allMatch(o -> o instanceof Changed || o instanceof UnchangedReaction);
              }
              return true;
            });

    for (int seq = 1; seq <= 3; seq++) {
      Map<Emoji, Long> counted = new HashMap<>();
      chat()
          .store()
          .reactions(new MessagePlace(group, seq), null, null, 99)
          .forEach(user -> user.emoji().forEach(one -> counted.merge(one, 1L, Long::sum)));
      Map<Emoji, Long> told = new HashMap<>();
      message(group, seq - 1).reactions().forEach(one -> told.put(one.emoji(), one.count()));
      assertThat(told).isEqualTo(counted);
    }
    assertNoGapInTheLog(group);
  }
}
