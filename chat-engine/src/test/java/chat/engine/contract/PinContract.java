package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationChange;
import chat.engine.ConversationChange.Kind;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.PinnedMessage;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Blocked;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.NotAllowed;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Silenced;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.AppendOutcome.TooManyPins;
import chat.engine.spi.AppendOutcome.UnchangedPin;
import chat.engine.spi.AppendOutcome.WasDeleted;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Pin;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Messages are pinned and unpinned: who may, in which order, and what a deletion leaves. */
interface PinContract extends StoreTests {
  int PIN_RACES = 200;

  private Pin pin(ConversationId group, long seq, UserId actor) {
    return chat().drafts().pin(group, seq, actor);
  }

  private Pin unpin(ConversationId group, long seq, UserId actor) {
    return chat().drafts().unpin(group, seq, actor);
  }

  private ConversationChange changed(Write write) {
    AppendOutcome outcome = chat().append(write);
    assertThat(outcome).isInstanceOf(Changed.class);
    return ((Changed) outcome).change();
  }

  private List<Long> pinned(ConversationId group) {
    return chat().anotherNode().pinned(List.of(group)).getOrDefault(group, List.of());
  }

  /** By the count that tells whether to look for pins at all, and as a user finds them. */
  private void assertPinned(ConversationId group, UserId member, Long... seqs) {
    assertThat(pinned(group)).containsExactly(seqs);
    assertThat(chat().conversations().memberships(member, List.of(group)))
        .extracting(Membership::pins)
        .containsExactly(seqs.length);
    assertThat(chat().store().pins(group, Long.MAX_VALUE, 1_000))
        .extracting(pin -> pin.message().seq())
        .containsExactly(seqs);
  }

  @Test
  default void aPinIsInTheLogAndLeavesTheMessageAsItIs() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Message> sent = chat().send(group, ada, 3);
    Pin first = pin(group, 2, ada);
    Pin second = pin(group, 1, ada);
    long membersRev = chat().conversations().members(group).orElseThrow().rev();

    ConversationChange change = changed(first);
    changed(second);

    assertThat(change).isEqualTo(ConversationChange.ofPin(group, 1, 3, ada, 2, true, first.at()));
    MessageStore other = chat().anotherNode();
    assertThat(other.conversations().changes(group, 0, 9))
        .containsExactly(change, ConversationChange.ofPin(group, 2, 3, ada, 1, true, second.at()));
    assertThat(other.pins(group, Long.MAX_VALUE, 9))
        .containsExactly(
            new PinnedMessage(sent.get(0), ada, second.at(), 2),
            new PinnedMessage(sent.get(1), ada, first.at(), 1));
    assertThat(other.pins(group, Long.MAX_VALUE, 1)).hasSize(1);
    assertThat(other.pins(group, 2, 9))
        .containsExactly(new PinnedMessage(sent.get(1), ada, first.at(), 1));
    assertThat(StoreFixture.after(other, group, 0, 9)).isEqualTo(sent);
    assertThat(other.changed(List.of(new MessageStore.ChangedAfter(group, 0, 9, 9))).get(group))
        .isEmpty();
    assertThat(chat().conversations().members(group).orElseThrow().rev()).isEqualTo(membersRev);
    assertPinned(group, ada, 1L, 2L);
  }

  @Test
  default void aPinnedMessageIsReadAsItIsNow() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    changed(pin(group, 1, ada));
    changed(chat().drafts().edit(group, 1, ada, "now"));
    assertThat(chat().store().pins(group, Long.MAX_VALUE, 9).get(0).message().text())
        .isEqualTo("now");
  }

  @Test
  default void repeatingAPinStoresNothing() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);

    assertThat(chat().append(unpin(group, 1, ada))).isEqualTo(new UnchangedPin(0));
    changed(pin(group, 1, ada));
    changed(pin(group, 2, ada));
    assertThat(chat().append(pin(group, 1, ada))).isEqualTo(new UnchangedPin(1));
    assertPinned(group, ada, 2L, 1L);
    assertThat(changed(unpin(group, 2, ada)).kind()).isEqualTo(Kind.UNPINNED);
    assertThat(chat().append(unpin(group, 2, ada))).isEqualTo(new UnchangedPin(0));
    assertPinned(group, ada, 1L);
    changed(unpin(group, 1, ada));
    assertPinned(group, ada);
    assertThat(chat().conversations().changes(group, 0, 9)).hasSize(4);
    changed(pin(group, 2, ada));
    assertPinned(group, ada, 2L);
  }

  @Test
  default void onlyThoseWhoMayPinAndOnlyWhatIsThere() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    ConversationId none = chat().drafts().conversationId();

    assertThat(chat().append(pin(group, 1, chat().user("eve")))).isEqualTo(new NotMember());
    assertThat(chat().append(pin(none, 1, ada))).isEqualTo(new AppendOutcome.NoSuchConversation());
    for (long seq : new long[] {Long.MIN_VALUE, -1, 0, 2, Long.MAX_VALUE}) {
      assertThat(chat().append(pin(group, seq, ada)))
          .as("seq " + seq)
          .isEqualTo(new AppendOutcome.NoSuchMessage());
      assertThat(chat().append(unpin(group, seq, ada)))
          .isEqualTo(new AppendOutcome.NoSuchMessage());
    }
    assertThat(chat().append(pin(group, 1, bob))).isEqualTo(new NotAllowed());
    changed(pin(group, 1, ada));
    assertThat(chat().append(unpin(group, 1, bob))).isEqualTo(new NotAllowed());
    Instant until = Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.MILLIS);
    chat().change(group, Change.silenced(ada, until));
    assertThat(chat().append(unpin(group, 1, ada))).isEqualTo(new Silenced(until));
    assertThat(changed(unpin(group, 1, UserId.SYSTEM)).actor()).isEqualTo(UserId.SYSTEM);
    changed(pin(group, 1, UserId.SYSTEM));
    assertThat(chat().store().pins(group, Long.MAX_VALUE, 9))
        .extracting(PinnedMessage::by)
        .containsExactly(UserId.SYSTEM);
  }

  @Test
  default void whereOneHasBlockedTheOtherNothingIsPinned() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId talk =
        chat()
            .conversations()
            .openDirect(chat().drafts().conversationId(), ada, bob, Instant.now())
            .id();
    chat().send(talk, ada, 1);
    Pin byBob = new Pin(talk, 1, bob, true, Set.of(Role.values()), pin(talk, 1, bob).at());
    assertThat(chat().append(byBob)).isInstanceOf(Changed.class);
    chat().store().blocks().block(ada, bob, Instant.now());
    Pin end = new Pin(talk, 1, bob, false, Set.of(Role.values()), byBob.at());
    assertThat(chat().append(end)).isEqualTo(new Blocked(false));
    assertThat(chat().append(chat().drafts().reaction(talk, 1, bob, ReactionContract.THUMB)))
        .isEqualTo(new Blocked(false));
    assertPinned(talk, ada, 1L);
  }

  @Test
  default void aDeletionEndsThePin() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 3);
    changed(pin(group, 1, ada));
    changed(pin(group, 2, ada));

    changed(chat().drafts().deletion(group, 1, ada));
    changed(chat().drafts().deletion(group, 3, ada));

    assertPinned(group, ada, 2L);
    assertThat(chat().append(pin(group, 1, ada))).isEqualTo(new WasDeleted());
    assertThat(chat().append(unpin(group, 1, ada))).isEqualTo(new UnchangedPin(0));
    assertThat(chat().conversations().changes(group, 0, 9))
        .extracting(ConversationChange::kind)
        .containsExactly(Kind.PINNED, Kind.PINNED, Kind.MESSAGE_DELETED, Kind.MESSAGE_DELETED);
  }

  @Test
  default void theWritesOfABatchSeeOneAnother() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId other = chat().group(ada);
    chat().send(group, ada, 3);
    chat().send(other, ada, 1);
    changed(pin(group, 2, ada));

    List<AppendOutcome> outcomes =
        chat()
            .store()
            .append(
                List.of(
                    pin(group, 1, ada),
                    pin(other, 1, ada),
                    chat().drafts().deletion(group, 1, ada),
                    unpin(group, 2, ada),
                    pin(group, 2, ada),
                    pin(group, 3, ada),
                    unpin(group, 3, ada),
                    chat().drafts().text(group, ada, "4"),
                    pin(group, 4, ada),
                    pin(group, 4, ada),
                    chat().drafts().text(group, ada, "5"),
                    chat().drafts().deletion(group, 4, ada)),
                Duration.ZERO);

    assertThat(outcomes.get(9)).isEqualTo(new UnchangedPin(8));
    assertThat(outcomes.get(10)).isInstanceOf(Stored.class);
    assertThat(outcomes.stream().filter(Changed.class::isInstance)).hasSize(9);
    assertPinned(group, ada, 2L);
    assertPinned(other, ada, 1L);
    assertThat(chat().store().pins(group, Long.MAX_VALUE, 9).get(0).rev()).isEqualTo(5);
    assertThat(pinned(chat().drafts().conversationId())).isEmpty();
  }

  @Test
  default void aConversationHasABoundedNumberOfPins() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    int most = PinnedMessage.MAX_PER_CONVERSATION;
    chat().send(group, ada, most + 1);
    List<AppendOutcome> outcomes =
        chat()
            .store()
            .append(
                IntStream.rangeClosed(1, most + 1)
                    .<Write>mapToObj(seq -> pin(group, seq, ada))
                    .toList(),
                Duration.ZERO);
    assertThat(outcomes.subList(0, most)).allMatch(Changed.class::isInstance);
    assertThat(outcomes.get(most)).isEqualTo(new TooManyPins(most));
    assertThat(chat().append(pin(group, most + 1, ada))).isEqualTo(new TooManyPins(most));
    assertThat(chat().append(pin(group, 1, ada))).isEqualTo(new UnchangedPin(1));
    changed(chat().drafts().deletion(group, 1, ada));
    changed(pin(group, most + 1, ada));
    assertThat(pinned(group)).hasSize(most).startsWith((long) most + 1).doesNotContain(1L);
  }

  @Test
  default void aDeletedConversationHasNoPins() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 1);
    changed(pin(group, 1, ada));
    chat().conversations().delete(group, ada, Instant.now());
    assertThat(chat().store().pinned(List.of(group))).isEqualTo(Map.of());
    assertThat(chat().store().pins(group, Long.MAX_VALUE, 9)).isEmpty();
  }

  @Test
  @Tag(Together.TAG)
  default void aPinAgainstADeletionComesBeforeItOrNotAtAllAndLeavesNothing() throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().change(group, Change.roleSet(List.of(bob), Role.ADMIN));
    chat().send(group, ada, PIN_RACES);
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    CyclicBarrier together = new CyclicBarrier(2);

    List<List<AppendOutcome>> outcomes =
        Together.run(
            2,
            task ->
                () -> {
                  List<AppendOutcome> own = new ArrayList<>();
                  for (int seq = 1; seq <= PIN_RACES; seq++) {
                    Write write =
                        task == 0
                            ? pin(group, seq, bob)
                            : chat().drafts().deletion(group, seq, ada);
                    together.await(30, TimeUnit.SECONDS);
                    own.add(StoreFixture.appendWaiting(nodes.get(task), List.of(write)).get(0));
                  }
                  return own;
                });

    for (int round = 0; round < PIN_RACES; round++) {
      AppendOutcome pin = outcomes.get(0).get(round);
      long deletion = ((Changed) outcomes.get(1).get(round)).change().rev();
      if (!(pin instanceof WasDeleted)) {
        assertThat(((Changed) pin).change().rev()).isLessThan(deletion);
      }
    }
    assertPinned(group, ada);
    List<ConversationChange> log = chat().conversations().changes(group, 0, 100_000);
    assertThat(log)
        .extracting(ConversationChange::rev)
        .isEqualTo(LongStream.rangeClosed(1, log.size()).boxed().toList());
  }
}
