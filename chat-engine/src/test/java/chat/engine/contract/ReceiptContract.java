package chat.engine.contract;

import static chat.engine.ReceiptKind.READ;
import static chat.engine.ReceiptKind.RECEIVED;
import static chat.engine.spi.ConversationStore.ReceiptOutcome.BEYOND_LAST;
import static chat.engine.spi.ConversationStore.ReceiptOutcome.MOVED;
import static chat.engine.spi.ConversationStore.ReceiptOutcome.NOT_MEMBER;
import static chat.engine.spi.ConversationStore.ReceiptOutcome.UNCHANGED;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.ReceiptOutcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Receipts move forward only, and a read is received. */
interface ReceiptContract extends StoreTests {

  @Test
  default void noMovesHaveNoOutcomes() {
    assertThat(chat().conversations().moveReceipts(List.of())).isEmpty();
  }

  @Test
  default void receivedMovesWithoutRead() {
    UserId ada = chat().user("ada");
    ConversationId group = group(ada, 5);

    assertThat(move(group, ada, RECEIVED, 3)).isEqualTo(MOVED);
    assertReceipts(group, ada, 0, 3);
  }

  @Test
  default void readMovesReceivedToo() {
    UserId ada = chat().user("ada");
    ConversationId group = group(ada, 5);

    assertThat(move(group, ada, READ, 3)).isEqualTo(MOVED);
    assertReceipts(group, ada, 3, 3);
    assertThat(move(group, ada, RECEIVED, 3)).isEqualTo(UNCHANGED);
  }

  @Test
  default void readBehindReceivedLeavesReceivedWhereItIs() {
    UserId ada = chat().user("ada");
    ConversationId group = group(ada, 5);
    move(group, ada, RECEIVED, 5);

    assertThat(move(group, ada, READ, 2)).isEqualTo(MOVED);
    assertReceipts(group, ada, 2, 5);
  }

  @Test
  default void aMoveToTheSameOrALowerSeqChangesNothing() {
    UserId ada = chat().user("ada");
    ConversationId group = group(ada, 5);
    move(group, ada, READ, 3);
    move(group, ada, RECEIVED, 4);

    assertThat(
            moves(
                new ReceiptMove(group, ada, READ, 3),
                new ReceiptMove(group, ada, READ, 1),
                new ReceiptMove(group, ada, READ, 0),
                new ReceiptMove(group, ada, RECEIVED, 4),
                new ReceiptMove(group, ada, RECEIVED, 1)))
        .containsOnly(UNCHANGED);
    assertReceipts(group, ada, 3, 4);
  }

  @Test
  default void aMoveBeyondTheLastMessageIsRefusedAndMovesNothing() {
    UserId ada = chat().user("ada");
    ConversationId group = group(ada, 5);

    assertThat(move(group, ada, READ, 6)).isEqualTo(BEYOND_LAST);
    assertThat(move(group, ada, RECEIVED, Long.MAX_VALUE)).isEqualTo(BEYOND_LAST);
    assertReceipts(group, ada, 0, 0);
    assertThat(move(group, ada, READ, 5)).isEqualTo(MOVED);
  }

  @Test
  default void whoIsNoMemberHasNoReceipts() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId group = group(ada, 5);
    ConversationId direct = chat().direct(ada, chat().user("bob")).id();
    ConversationId unknown = chat().drafts().conversationId();

    assertThat(
            moves(
                new ReceiptMove(group, eve, READ, 1),
                new ReceiptMove(group, eve, RECEIVED, 100),
                new ReceiptMove(direct, eve, READ, 0),
                new ReceiptMove(unknown, ada, READ, 1),
                new ReceiptMove(group, chat().user("Ada"), READ, 1)))
        .containsOnly(NOT_MEMBER);
    assertThat(chat().conversations().member(group, eve)).isEmpty();
  }

  @Test
  default void aRemovedMemberHasNoReceipts() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().send(group, ada, 1);
    chat().change(group, StoreFixture.removed(bob));

    assertThat(move(group, bob, READ, 1)).isEqualTo(NOT_MEMBER);
  }

  @Test
  default void eachMoveHasItsOutcomeAtItsIndexAndSeesThoseBeforeIt() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId direct = chat().direct(ada, bob).id();
    chat().send(group, ada, 9);
    chat().send(direct, ada, 2);

    assertThat(
            moves(
                new ReceiptMove(group, bob, READ, 5),
                new ReceiptMove(group, ada, READ, 9),
                new ReceiptMove(direct, bob, READ, 3),
                new ReceiptMove(group, bob, READ, 3),
                new ReceiptMove(group, bob, RECEIVED, 4),
                new ReceiptMove(direct, chat().user("eve"), READ, 1),
                new ReceiptMove(group, bob, RECEIVED, 7),
                new ReceiptMove(group, bob, READ, 7),
                new ReceiptMove(direct, bob, RECEIVED, 2)))
        .containsExactly(
            MOVED, MOVED, BEYOND_LAST, UNCHANGED, UNCHANGED, NOT_MEMBER, MOVED, MOVED, MOVED);
    assertReceipts(group, bob, 7, 7);
    assertReceipts(group, ada, 9, 9);
    assertReceipts(direct, bob, 0, 2);
    assertReceipts(direct, ada, 0, 0);
  }

  @Test
  @Tag(Together.TAG)
  default void receiptsThatManyMoveAtOnceEndAtTheFurthest() throws Exception {
    List<UserId> users = IntStream.range(0, 6).mapToObj(i -> chat().user("u" + i)).toList();
    List<ConversationId> groups =
        IntStream.range(0, 4)
            .mapToObj(i -> chat().group(users.get(0), users.subList(1, 6).toArray(UserId[]::new)))
            .toList();
    groups.forEach(group -> chat().send(group, users.get(0), 50));
    List<ReceiptMove> all = new ArrayList<>();
    groups.forEach(
        group ->
            users.forEach(
                user -> {
                  all.add(new ReceiptMove(group, user, READ, 40));
                  all.add(new ReceiptMove(group, user, RECEIVED, 50));
                }));

    Together.run(
        6,
        task ->
            () -> {
              Random random = new Random(task);
              for (int round = 0; round < 15; round++) {
                List<ReceiptMove> batch = new ArrayList<>(all);
                Collections.shuffle(batch, random);
                batch.replaceAll(
                    move ->
                        new ReceiptMove(
                            move.conversation(),
                            move.user(),
                            move.kind(),
                            random.nextInt((int) move.seq())));
                assertThat(chat().conversations().moveReceipts(batch))
                    .hasSize(batch.size())
                    .containsAnyOf(MOVED, UNCHANGED)
                    .doesNotContain(NOT_MEMBER, BEYOND_LAST);
                if (round == 7) {
                  chat().conversations().moveReceipts(all);
                }
              }
              return true;
            });

    groups.forEach(group -> users.forEach(user -> assertReceipts(group, user, 40, 50)));
  }

  // ---- in short

  private ConversationId group(UserId owner, int messages) {
    ConversationId group = chat().group(owner);
    chat().send(group, owner, messages);
    return group;
  }

  private List<ReceiptOutcome> moves(ReceiptMove... moves) {
    return chat().conversations().moveReceipts(List.of(moves));
  }

  private ReceiptOutcome move(
      ConversationId conversation, UserId user, ReceiptKind kind, long seq) {
    return moves(new ReceiptMove(conversation, user, kind, seq)).get(0);
  }

  private void assertReceipts(ConversationId conversation, UserId user, long read, long received) {
    Member member = chat().conversations().member(conversation, user).orElseThrow();
    assertThat(member.readSeq()).as("read of " + user).isEqualTo(read);
    assertThat(member.receivedSeq()).as("received of " + user).isEqualTo(received);
  }
}
