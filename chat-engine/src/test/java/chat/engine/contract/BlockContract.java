package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.PreferencesEdit;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Blocked;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.MemberEdit;
import chat.engine.spi.ConversationStore.PreferencesOutcome;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A block keeps two users apart in their direct conversation, and nowhere else. */
interface BlockContract extends StoreTests {
  private BlockStore blocks() {
    return chat().store().blocks();
  }

  private boolean block(UserId user, UserId other) {
    return blocks().block(user, other, chat().drafts().now());
  }

  private AppendOutcome send(ConversationId id, UserId sender) {
    return chat().append(chat().drafts().text(id, sender, "hello"));
  }

  /** As an engine sends in a direct conversation, whose members are known: by the shortest way. */
  private Draft verified(ConversationId talk, UserId sender) {
    return chat().drafts().draft(talk, sender).text("hello").verifiedRev(0).build();
  }

  private Optional<Conversation> open(UserId one, UserId other) {
    return chat()
        .conversations()
        .openDirectUnlessBlocked(
            chat().drafts().conversationId(), one, other, chat().drafts().now());
  }

  private ReceiptOutcome read(ConversationId id, UserId user) {
    return chat()
        .conversations()
        .moveReceipts(List.of(new ReceiptMove(id, user, ReceiptKind.READ, 1)))
        .get(0);
  }

  private boolean isBlocked(ConversationId id) {
    Map<ConversationId, Found> found = chat().conversations().find(List.of(id));
    return found.get(id).blocked();
  }

  @Test
  default void whoIsBlockedByWhomIsKnownToBothSidesOfTheStore() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    assertThat(block(ada, bob)).isTrue();
    assertThat(block(ada, bob)).as("again").isFalse();
    assertThat(block(cleo, ada)).isTrue();

    BlockStore node = chat().anotherNode().blocks();
    assertThat(node.hasBlocked(ada, bob)).isTrue();
    assertThat(node.hasBlocked(bob, ada)).isFalse();
    assertThat(node.between(ada, Set.of(bob, cleo, chat().user("eve"))))
        .containsExactlyInAnyOrder(bob, cleo);
    assertThat(node.between(bob, Set.of(ada, cleo))).containsExactly(ada);
    assertThat(node.between(bob, Set.of())).isEmpty();
    assertThat(node.between(Set.of(bob, ada, chat().user("eve"))))
        .isEqualTo(Map.of(ada, Set.of(bob, cleo), bob, Set.of(ada)));
    assertThat(blocks().unblock(ada, bob)).isTrue();
    assertThat(blocks().unblock(ada, bob)).isFalse();
    assertThat(blocks().unblock(ada, cleo)).as("it is cleo who blocked").isFalse();
    assertThat(node.between(ada, Set.of(bob, cleo))).containsExactly(cleo);
  }

  @Test
  default void thoseWhomOneHasBlockedComeInPages() {
    UserId ada = chat().user("ada");
    List<UserId> others =
        List.of(chat().user("b"), chat().user("c"), chat().user("\uFB00"), chat().user("😀"));
    others.forEach(other -> block(ada, other));
    block(others.get(0), ada);
    assertThat(blocks().blockedBy(ada, null, 3)).isEqualTo(others.subList(0, 3));
    assertThat(blocks().blockedBy(ada, others.get(1), 3)).isEqualTo(others.subList(2, 4));
    assertThat(blocks().blockedBy(ada, others.get(3), 3)).isEmpty();
    assertThat(blocks().blockedBy(chat().user("eve"), null, 3)).isEmpty();
  }

  @Test
  default void neitherCanWriteInTheirConversationUntilTheBlockEnds() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId talk = chat().direct(ada, bob).id();
    Draft before = chat().drafts().text(talk, bob, "before");
    assertThat(chat().append(before)).isInstanceOf(Stored.class);
    block(ada, bob);

    assertThat(isBlocked(talk)).isTrue();
    assertThat(send(talk, bob)).isEqualTo(new Blocked(false));
    assertThat(chat().append(verified(talk, bob))).isEqualTo(new Blocked(false));
    assertThat(send(talk, ada)).isEqualTo(new Blocked(true));
    assertThat(chat().append(verified(talk, ada))).isEqualTo(new Blocked(true));
    assertThat(chat().append(chat().drafts().edit(talk, 1, bob, "after")))
        .isEqualTo(new Blocked(false));
    assertThat(chat().append(chat().drafts().reaction(talk, 1, bob, ReactionContract.THUMB)))
        .isEqualTo(new Blocked(false));
    assertThat(chat().append(chat().drafts().reaction(talk, 1, ada, ReactionContract.THUMB)))
        .isEqualTo(new Blocked(true));
    assertThat(read(talk, bob)).isEqualTo(ReceiptOutcome.BLOCKED_BY_PEER);
    assertThat(read(talk, ada)).isEqualTo(ReceiptOutcome.BLOCKED_BY_MEMBER);
    assertThat(chat().append(before)).as("what became of it").isInstanceOf(Duplicate.class);
    assertThat(send(talk, chat().user("eve"))).isInstanceOf(AppendOutcome.NotMember.class);
    assertThat(send(talk, UserId.SYSTEM)).isEqualTo(new Stored(2, 0));
    assertThat(
            chat()
                .conversations()
                .setPreferences(
                    List.of(new MemberEdit(talk, bob, PreferencesEdit.NOTHING.pinned(true)))))
        .allMatch(PreferencesOutcome.Done.class::isInstance);
    assertThat(chat().append(chat().drafts().deletion(talk, 1, bob)))
        .isInstanceOf(AppendOutcome.Changed.class);

    blocks().unblock(ada, bob);
    assertThat(isBlocked(talk)).isFalse();
    assertThat(send(talk, bob)).isEqualTo(new Stored(3, 0));
    assertThat(read(talk, ada)).isEqualTo(ReceiptOutcome.MOVED);
  }

  @Test
  default void aBlockHoldsUntilBothHaveEndedTheirs() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId talk = chat().direct(ada, bob).id();
    block(ada, bob);
    block(bob, ada);
    assertThat(send(talk, bob)).isEqualTo(new Blocked(true));
    blocks().unblock(ada, bob);
    assertThat(send(talk, ada)).isEqualTo(new Blocked(false));
    blocks().unblock(bob, ada);
    assertThat(send(talk, ada)).isEqualTo(new Stored(1, 0));
  }

  @Test
  default void othersInTheSameBatchAndGroupsAreNotConcerned() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    ConversationId talk = chat().direct(ada, bob).id();
    ConversationId other = chat().direct(ada, cleo).id();
    ConversationId group = chat().group(ada, bob);
    block(ada, bob);
    List<AppendOutcome> outcomes =
        chat()
            .append(
                List.of(
                    chat().drafts().text(talk, bob, "1"),
                    chat().drafts().text(other, cleo, "2"),
                    chat().drafts().text(group, bob, "3"),
                    chat().drafts().text(talk, UserId.SYSTEM, "4")));
    assertThat(outcomes)
        .containsExactly(new Blocked(false), new Stored(1, 0), new Stored(1, 0), new Stored(1, 0));
    assertThat(read(group, bob)).isEqualTo(ReceiptOutcome.MOVED);
  }

  @Test
  default void noConversationBeginsBetweenThemExceptByTheApplication() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    block(ada, bob);
    assertThat(open(bob, ada)).isEmpty();
    assertThat(open(ada, bob)).isEmpty();
    Conversation talk = chat().direct(bob, ada);
    assertThat(isBlocked(talk.id())).isTrue();
    assertThat(open(bob, ada)).contains(talk);
    assertThat(send(talk.id(), bob)).isEqualTo(new Blocked(false));
    blocks().unblock(ada, bob);
    assertThat(send(talk.id(), bob)).isEqualTo(new Stored(1, 0));

    block(bob, ada);
    chat().conversations().delete(talk.id(), UserId.SYSTEM, chat().drafts().now());
    assertThat(open(ada, bob)).as("deleted, and still blocked").isEmpty();
  }

  /** Whatever is stored was stored before the block; from its return on nothing is. */
  @Test
  @Tag(Together.TAG)
  default void nothingIsStoredAfterABlockThatSendsRaceWith() throws Exception {
    MessageStore other = chat().anotherNode();
    for (int round = 0; round < 150; round++) {
      UserId ada = chat().user("ada" + round);
      UserId bob = chat().user("bob" + round);
      boolean begun = round % 3 > 0;
      ConversationId talk = begun ? chat().direct(ada, bob).id() : null;
      CyclicBarrier start = new CyclicBarrier(2);
      long[] atBlock = new long[1];
      List<ConversationId> opened =
          Together.run(
              2,
              task ->
                  () -> {
                    start.await();
                    if (task == 0) {
                      block(ada, bob);
                      if (talk != null) {
                        atBlock[0] = chat().store().lastSeqs(List.of(talk)).get(talk);
                      }
                      return talk;
                    }
                    ConversationId id = talk;
                    if (id == null) {
                      id =
                          other
                              .conversations()
                              .openDirectUnlessBlocked(
                                  chat().drafts().conversationId(), bob, ada, chat().drafts().now())
                              .map(Conversation::id)
                              .orElse(null);
                    }
                    for (int i = 0; id != null && i < 5; i++) {
                      StoreFixture.appendWaiting(other, List.of(verified(id, bob)));
                    }
                    return id;
                  });
      ConversationId id = opened.get(1);
      if (id != null) {
        assertThat(isBlocked(id)).as("round %d", round).isTrue();
        assertThat(chat().append(verified(id, bob))).isEqualTo(new Blocked(false));
        if (begun) {
          assertThat(chat().store().lastSeqs(List.of(id)).get(id))
              .as("round %d", round)
              .isEqualTo(atBlock[0]);
        }
      }
    }
  }

  /** However blocks and their ends of both sides cross, the flag says what the rows say. */
  @Test
  @Tag(Together.TAG)
  default void blocksOfBothSidesThatCrossEndAsTheyAreWritten() throws Exception {
    MessageStore other = chat().anotherNode();
    for (int round = 0; round < 60; round++) {
      UserId ada = chat().user("ada" + round);
      UserId bob = chat().user("bob" + round);
      ConversationId talk = chat().direct(ada, bob).id();
      int rounds = round;
      Together.run(
          2,
          task ->
              () -> {
                BlockStore node = task == 0 ? blocks() : other.blocks();
                UserId user = task == 0 ? ada : bob;
                UserId peer = task == 0 ? bob : ada;
                node.block(user, peer, chat().drafts().now());
                if ((rounds + task) % 2 == 0) {
                  node.unblock(user, peer);
                }
                return true;
              });
      boolean blocked = blocks().hasBlocked(ada, bob) || blocks().hasBlocked(bob, ada);
      assertThat(isBlocked(talk)).as("round %d", round).isEqualTo(blocked);
      assertThat(send(talk, ada) instanceof Blocked).isEqualTo(blocked);
    }
  }
}
