package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.GroupUpdate;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Silenced;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.AppendOutcome.TooSoon;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sends on one node against changes of who may send on another have one order. */
interface ConcurrentLivingGroupContract extends StoreTests {
  int ROUNDS = 200;

  /** What a node does in a round. */
  interface Turn<T> {
    T take(MessageStore node, int round) throws Exception;
  }

  /** Both take their turn in a round at the same time, on different nodes. */
  private <T> List<List<T>> against(Turn<? extends T> one, Turn<? extends T> other)
      throws Exception {
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

  private AppendOutcome append(MessageStore node, Draft draft) {
    return StoreFixture.appendWaiting(node, List.of(draft)).get(0);
  }

  private Changed change(MessageStore node, ConversationId group, UserId actor, Change change) {
    long rev = node.conversations().members(group).orElseThrow().rev();
    return node.conversations()
        .change(group, rev, List.of(change), actor, chat().drafts().now())
        .orElseThrow(() -> new AssertionError("a send conflicts with a change"));
  }

  /** Takes the sender as verified as an engine does: if the store said so of their last send. */
  private AppendOutcome sendVerified(
      MessageStore node, ConversationId group, UserId sender, AtomicLong verified) {
    AppendOutcome outcome =
        append(node, chat().drafts().draft(group, sender).verifiedRev(verified.get()).build());
    if (outcome instanceof Stored sent && sent.verifies()) {
      verified.set(sent.membersRev());
    }
    return outcome;
  }

  private ConversationId groupOf(UserId ada, List<UserId> members) {
    return chat().group(ada, members.toArray(UserId[]::new));
  }

  private List<UserId> users() {
    return IntStream.range(0, ROUNDS).mapToObj(i -> chat().user("u" + i)).toList();
  }

  @Test
  @Tag(Together.TAG)
  default void aSendComesBeforeTheSilenceOrNotAtAll() throws Exception {
    UserId ada = chat().user("ada");
    List<UserId> users = users();
    ConversationId group = groupOf(ada, users);
    Instant end = chat().drafts().now().plusSeconds(3_600);

    List<List<Object>> outcomes =
        against(
            (node, round) -> append(node, chat().drafts().text(group, users.get(round), "text")),
            (node, round) -> change(node, group, ada, Change.silenced(users.get(round), end)));

    long stored = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Changed silence = (Changed) outcomes.get(1).get(round);
      if (outcomes.get(0).get(round) instanceof Stored sent) {
        stored++;
        assertThat(sent.membersRev()).isLessThan(silence.changes().get(0).rev());
        assertThat(sent.seq()).isLessThanOrEqualTo(silence.changes().get(0).atSeq());
      } else {
        assertThat(outcomes.get(0).get(round)).isEqualTo(new Silenced(end));
      }
    }
    assertThat(chat().messages(group)).hasSize((int) stored);
  }

  @Test
  @Tag(Together.TAG)
  default void aSendComesBeforeLeavingOrNotAtAll() throws Exception {
    UserId ada = chat().user("ada");
    List<UserId> users = users();
    ConversationId group = groupOf(ada, users);

    List<List<Object>> outcomes =
        against(
            (node, round) -> append(node, chat().drafts().text(group, users.get(round), "text")),
            (node, round) ->
                change(node, group, users.get(round), StoreFixture.removed(users.get(round))));

    for (int round = 0; round < ROUNDS; round++) {
      Changed left = (Changed) outcomes.get(1).get(round);
      if (outcomes.get(0).get(round) instanceof Stored sent) {
        assertThat(sent.membersRev()).isLessThan(left.changes().get(0).rev());
        assertThat(sent.seq()).isLessThanOrEqualTo(left.changes().get(0).atSeq());
      } else {
        assertThat(outcomes.get(0).get(round)).isInstanceOf(NotMember.class);
      }
    }
  }

  @Test
  @Tag(Together.TAG)
  default void ofTwoDevicesInSlowModeExactlyOneSends() throws Exception {
    List<UserId> users = users();
    ConversationId group = groupOf(chat().user("ada"), users);
    chat().change(group, Change.updated(GroupUpdate.of().withSlowMode(Duration.ofSeconds(30))));

    List<List<AppendOutcome>> outcomes =
        against(
            (node, round) -> append(node, chat().drafts().text(group, users.get(round), "one")),
            (node, round) -> append(node, chat().drafts().text(group, users.get(round), "other")));

    for (int round = 0; round < ROUNDS; round++) {
      List<AppendOutcome> both = List.of(outcomes.get(0).get(round), outcomes.get(1).get(round));
      assertThat(both).filteredOn(Stored.class::isInstance).hasSize(1);
      assertThat(both).filteredOn(TooSoon.class::isInstance).hasSize(1);
    }
    assertThat(chat().messages(group)).hasSize(ROUNDS);
  }

  /** Slow mode is switched on while a verified sender sends as fast as they can. */
  @Test
  @Tag(Together.TAG)
  default void nobodySendsTwiceUnderSlowMode() throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    AtomicLong verified = new AtomicLong(Draft.UNVERIFIED);

    List<List<Object>> outcomes =
        against(
            (node, round) -> sendVerified(node, group, bob, verified),
            (node, round) ->
                change(
                    node,
                    group,
                    ada,
                    Change.updated(
                        GroupUpdate.of()
                            .withSlowMode(Duration.ofSeconds(round % 2 == 0 ? 30 : 0)))));

    List<Long> slowRevs =
        outcomes.get(1).stream()
            .map(made -> ((Changed) made).changes().get(0))
            .filter(change -> !change.settings().slowMode().isZero())
            .map(change -> change.rev())
            .toList();
    for (Object outcome : outcomes.get(0)) {
      if (outcome instanceof Stored sent) {
        assertThat(sent.verifies()).isEqualTo(!slowRevs.contains(sent.membersRev()));
      } else {
        assertThat(outcome).isInstanceOf(TooSoon.class);
      }
    }
  }
}
