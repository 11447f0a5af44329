package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.MessageEdit;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Changed;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.MentionsStranger;
import chat.engine.spi.AppendOutcome.NotAllowed;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.AppendOutcome.Unchanged;
import chat.engine.spi.AppendOutcome.WasDeleted;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who can be mentioned, and how unread mentions are counted. */
interface MentionContract extends StoreTests {
  int RACES = 200;

  private Unread unread(ConversationId group, UserId user) {
    ConversationStore conversations = chat().anotherNode().conversations();
    ConversationStore.Membership membership =
        conversations.memberships(user, List.of(group)).get(0);
    UnreadRange range =
        new UnreadRange(group, membership.readSeq(), membership.lastSeq(), membership.rev());
    return conversations.unread(user, List.of(range)).get(group);
  }

  private Draft mentioning(ConversationId group, UserId sender, UserId... users) {
    return chat().drafts().draft(group, sender).mentions(users).build();
  }

  private Edit edit(ConversationId group, long seq, UserId actor, String text, UserId... users) {
    MessageEdit content = new MessageEdit(text, List.of(users), null);
    return new Edit(group, seq, actor, content, chat().drafts().now());
  }

  // ---- who can be mentioned

  @Test
  default void aMessageMentionsMembersOnly() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, bob);
    chat().group(eve, ada);

    assertThat(
            chat()
                .append(
                    List.of(
                        chat().drafts().text(group, ada, "before"),
                        mentioning(group, ada, bob, eve),
                        mentioning(group, UserId.SYSTEM, eve),
                        mentioning(group, ada, bob))))
        .containsExactly(
            new Stored(1, 0),
            new MentionsStranger(eve),
            new MentionsStranger(eve),
            new Stored(2, 0));
    assertThat(chat().messages(group).get(1).mentions()).containsExactly(bob);
  }

  @Test
  default void aStrangerLearnsNothingOfTheMembersByMentions() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada);

    assertThat(chat().append(mentioning(group, eve, ada))).isEqualTo(new NotMember());
    assertThat(chat().append(mentioning(group, eve, eve))).isEqualTo(new NotMember());
  }

  @Test
  default void aDraftVerifiedUnderThePresentRevHasItsMentionsCheckedAllTheSame() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada);
    Draft draft = chat().drafts().draft(group, ada).mentions(eve).verifiedRev(0).build();

    assertThat(chat().append(draft)).isEqualTo(new MentionsStranger(eve));
  }

  @Test
  default void aRetryIsADuplicateEvenIfTheMentionedUserHasLeft() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Draft draft = mentioning(group, ada, bob);
    chat().append(draft);
    chat().change(group, StoreFixture.removed(bob));

    assertThat(chat().append(chat().drafts().retryOf(draft))).isInstanceOf(Duplicate.class);
    assertThat(chat().append(mentioning(group, ada, bob))).isEqualTo(new MentionsStranger(bob));
  }

  @Test
  default void anEditMayKeepMentionsOfThoseWhoHaveLeftAndAddMembersOnly() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada, bob, cleo);
    chat().append(mentioning(group, ada, bob));
    chat().change(group, StoreFixture.removed(bob));

    assertThat(chat().append(edit(group, 1, ada, "a", bob, eve)))
        .isEqualTo(new MentionsStranger(eve));
    assertThat(chat().messages(group).get(0).rev()).isZero();
    assertThat(chat().append(edit(group, 1, ada, "b", bob, cleo))).isInstanceOf(Changed.class);
    assertThat(chat().append(edit(group, 1, ada, "b", bob, cleo))).isInstanceOf(Unchanged.class);
    assertThat(chat().append(edit(group, 1, ada, "c"))).isInstanceOf(Changed.class);
    assertThat(chat().append(edit(group, 1, ada, "d", bob))).isEqualTo(new MentionsStranger(bob));
    assertThat(chat().append(edit(group, 1, cleo, "e", eve))).isEqualTo(new NotAllowed());
    chat().append(chat().drafts().deletion(group, 1, ada));
    assertThat(chat().append(edit(group, 1, ada, "f", eve))).isEqualTo(new WasDeleted());
  }

  @Test
  default void anEditSeesTheMentionsOfTheEditsBeforeItInTheBatch() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId gone = chat().user("gone");
    ConversationId group = chat().group(ada, bob, gone);
    chat().append(mentioning(group, ada, bob, gone));
    chat().change(group, StoreFixture.removed(gone));

    assertThat(
            chat()
                .append(
                    List.of(
                        edit(group, 1, ada, "a"),
                        edit(group, 1, ada, "b", bob),
                        edit(group, 1, ada, "c", gone))))
        .satisfiesExactly(
            first -> assertThat(first).isInstanceOf(Changed.class),
            second -> assertThat(second).isInstanceOf(Changed.class),
            third -> assertThat(third).isEqualTo(new MentionsStranger(gone)));
    assertThat(unread(group, bob)).isEqualTo(new Unread(1, 1));
  }

  // ---- how they are counted

  @Test
  default void unreadMentionsAreThoseOfOthersAboveWhatWasRead() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId other = chat().group(ada, bob);
    chat()
        .append(
            List.of(
                mentioning(group, ada, bob),
                mentioning(group, ada),
                mentioning(group, ada, ada, bob),
                mentioning(group, bob, bob),
                mentioning(group, UserId.SYSTEM, bob),
                mentioning(other, ada, bob)));

    assertThat(unread(group, bob)).isEqualTo(new Unread(4, 3));
    assertThat(unread(group, ada)).isEqualTo(new Unread(2, 0));
    assertThat(unread(other, bob)).isEqualTo(new Unread(1, 1));
    chat().conversations().moveReceipts(List.of(new ReceiptMove(group, bob, ReceiptKind.READ, 1)));
    assertThat(unread(group, bob)).isEqualTo(new Unread(3, 2));
    chat().conversations().moveReceipts(List.of(new ReceiptMove(group, bob, ReceiptKind.READ, 5)));
    assertThat(unread(group, bob)).isEqualTo(Unread.NONE);
  }

  @Test
  default void anEditAddsAMentionAndTakesItBack() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    ConversationId group = chat().group(ada, bob, cleo);
    chat().append(mentioning(group, ada, bob));

    chat().append(edit(group, 1, ada, "a", cleo));
    assertThat(unread(group, bob)).isEqualTo(new Unread(1, 0));
    assertThat(unread(group, cleo)).isEqualTo(new Unread(1, 1));
    chat()
        .append(
            List.of(
                edit(group, 1, ada, "b", bob),
                edit(group, 1, ada, "c", cleo),
                edit(group, 1, ada, "d", cleo, bob)));
    assertThat(unread(group, bob)).isEqualTo(new Unread(1, 1));
    assertThat(unread(group, cleo)).isEqualTo(new Unread(1, 1));
  }

  @Test
  default void aDeletedMessageIsNeitherUnreadNorAMention() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().append(List.of(mentioning(group, ada, bob), mentioning(group, ada, bob)));

    chat().append(chat().drafts().deletion(group, 1, ada));

    assertThat(unread(group, bob)).isEqualTo(new Unread(1, 1));
    chat()
        .append(
            List.of(
                mentioning(group, ada, bob),
                chat().drafts().deletion(group, 3, ada),
                mentioning(group, ada, bob)));
    assertThat(unread(group, bob)).isEqualTo(new Unread(2, 2));
  }

  @Test
  default void whoComesBackFindsNoMentionFromBefore() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().append(mentioning(group, ada, bob));
    chat().change(group, StoreFixture.removed(bob));
    chat().change(group, StoreFixture.added(bob));

    assertThat(unread(group, bob)).isEqualTo(Unread.NONE);
    chat().append(mentioning(group, ada, bob));
    assertThat(unread(group, bob)).isEqualTo(new Unread(1, 1));
  }

  // ---- races

  private <A, B> List<List<Object>> race(
      java.util.function.BiFunction<MessageStore, Integer, A> one,
      java.util.function.BiFunction<MessageStore, Integer, B> other)
      throws Exception {
    List<MessageStore> nodes = List.of(chat().store(), chat().anotherNode());
    CyclicBarrier together = new CyclicBarrier(2);
    return Together.run(
        2,
        task ->
            () -> {
              List<Object> outcomes = new ArrayList<>();
              for (int round = 0; round < RACES; round++) {
                together.await(30, TimeUnit.SECONDS);
                outcomes.add((task == 0 ? one : other).apply(nodes.get(task), round));
              }
              return outcomes;
            });
  }

  @Test
  @Tag(Together.TAG)
  default void aMentionComesBeforeTheRemovalOfTheMentionedOrNotAtAll() throws Exception {
    UserId ada = chat().user("ada");
    List<UserId> users = IntStream.range(0, RACES).mapToObj(i -> chat().user("u" + i)).toList();
    ConversationId group = chat().group(ada, users.toArray(UserId[]::new));

    List<List<Object>> outcomes =
        race(
            (node, round) ->
                StoreFixture.appendWaiting(node, List.of(mentioning(group, ada, users.get(round))))
                    .get(0),
            (node, round) ->
                node.conversations()
                    .change(
                        group,
                        node.conversations().members(group).orElseThrow().rev(),
                        List.of(StoreFixture.removed(users.get(round))),
                        ada,
                        chat().drafts().now())
                    .orElseThrow());

    long stored = 0;
    for (int round = 0; round < RACES; round++) {
      long removal =
          ((ConversationStore.Changed) outcomes.get(1).get(round)).changes().get(0).rev();
      if (outcomes.get(0).get(round) instanceof Stored mention) {
        stored++;
        assertThat(mention.membersRev()).isLessThan(removal);
      } else {
        assertThat(outcomes.get(0).get(round)).isEqualTo(new MentionsStranger(users.get(round)));
      }
    }
    assertThat(chat().messages(group)).hasSize((int) stored);
  }

  @Test
  @Tag(Together.TAG)
  default void mentionsAreCountedExactlyWhileOneReadsAndOthersSendEditAndDelete() throws Exception {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);

    race(
        (node, round) -> {
          List<AppendOutcome> sent =
              StoreFixture.appendWaiting(node, List.of(mentioning(group, ada, bob)));
          long seq = ((Stored) sent.get(0)).seq();
          if (round % 4 == 1) {
            StoreFixture.appendWaiting(node, List.of(edit(group, seq, ada, "without")));
          } else if (round % 4 == 2) {
            StoreFixture.appendWaiting(node, List.of(chat().drafts().deletion(group, seq, ada)));
          }
          return sent;
        },
        (node, round) -> {
          long last = node.lastSeqs(List.of(group)).get(group);
          // Behind what was sent at the same time, so that something stays unread.
          return node.conversations()
              .moveReceipts(
                  List.of(new ReceiptMove(group, bob, ReceiptKind.READ, Math.max(0, last - 7))));
        });

    long read = chat().conversations().member(group, bob).orElseThrow().readSeq();
    List<chat.engine.Message> above =
        chat().messages(group).stream()
            .filter(message -> message.seq() > read && !message.deleted())
            .toList();
    long mentions = above.stream().filter(message -> message.mentions().contains(bob)).count();
    assertThat(mentions).isPositive().isLessThan(above.size());
    assertThat(unread(group, bob)).isEqualTo(new Unread(above.size(), mentions));
  }
}
