package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Conflict;
import chat.engine.spi.AppendOutcome.Duplicate;
import chat.engine.spi.AppendOutcome.NoSuchConversation;
import chat.engine.spi.AppendOutcome.NoSuchMessage;
import chat.engine.spi.AppendOutcome.NotMember;
import chat.engine.spi.AppendOutcome.Stored;
import chat.engine.spi.Draft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One append at a time: seqs, outcomes, duplicates, membership, and texts that come back as they
 * went in.
 */
interface AppendContract extends StoreTests {

  // ---- seqs

  @Test
  default void anEmptyBatchHasNoOutcomes() {
    assertThat(chat().append(List.of())).isEmpty();
  }

  @Test
  default void theFirstMessagesOfAConversationGetTheSeqs123InTheOrderOfTheList() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Draft> batch = texts(group, ada, 3);

    assertThat(chat().append(batch)).containsExactly(stored(1), stored(2), stored(3));
    assertThat(chat().messages(group)).isEqualTo(messages(batch, 1));
  }

  @Test
  default void aLaterBatchContinuesWhereTheEarlierEnded() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().send(group, ada, 2);

    assertThat(chat().append(texts(group, ada, 2))).containsExactly(stored(3), stored(4));
  }

  @Test
  default void seqsFollowTheListEvenWhereTheIdsDescend() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    MessageId low = chat().drafts().id();
    MessageId high = chat().drafts().id();
    Draft first = chat().drafts().draft(group, ada).id(high).build();
    Draft second = chat().drafts().draft(group, ada).id(low).build();

    assertThat(chat().append(List.of(first, second))).containsExactly(stored(1), stored(2));
    assertThat(chat().messages(group)).extracting(Message::id).containsExactly(high, low);
  }

  @Test
  default void eachConversationOfABatchHasSeqsOfItsOwn() {
    UserId ada = chat().user("ada");
    ConversationId one = chat().group(ada);
    ConversationId other = chat().group(ada);
    chat().send(other, ada, 4);
    List<Draft> batch =
        List.of(
            text(one, ada), text(other, ada), text(other, ada), text(one, ada), text(other, ada));

    assertThat(chat().append(batch))
        .containsExactly(stored(1), stored(5), stored(6), stored(2), stored(7));
    assertThat(chat().messages(one))
        .containsExactly(Drafts.stored(batch.get(0), 1), Drafts.stored(batch.get(3), 2));
  }

  @Test
  default void aBatchOf1024DraftsToAHundredConversationsIsStoredWhole() {
    UserId ada = chat().user("ada");
    List<ConversationId> groups = IntStream.range(0, 100).mapToObj(i -> chat().group(ada)).toList();
    List<Draft> batch =
        IntStream.range(0, 1024).mapToObj(i -> text(groups.get(i * 7 % 100), ada)).toList();

    List<AppendOutcome> outcomes = chat().append(batch);

    assertThat(outcomes).hasSize(1024);
    for (ConversationId group : groups) {
      List<Draft> ofGroup = batch.stream().filter(d -> d.conversation().equals(group)).toList();
      assertThat(chat().messages(group)).isEqualTo(messages(ofGroup, 1));
    }
    for (int i = 0; i < batch.size(); i++) {
      assertThat(outcomes.get(i)).isEqualTo(stored(seqIn(batch, i)));
    }
  }

  private static long seqIn(List<Draft> batch, int index) {
    ConversationId conversation = batch.get(index).conversation();
    return batch.subList(0, index + 1).stream()
        .filter(draft -> draft.conversation().equals(conversation))
        .count();
  }

  @Test
  default void aBatchOfOneConversationMayWaitForItsLock() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);

    assertThat(chat().store().append(texts(group, ada, 2), Duration.ofSeconds(5)))
        .containsExactly(stored(1), stored(2));
  }

  @Test
  default void whatWasAppendedIsReadOnAnotherNodeAtOnce() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<Message> sent = chat().send(group, ada, 3);

    assertThat(StoreFixture.after(chat().anotherNode(), group, 0, 10)).isEqualTo(sent);
  }

  // ---- outcomes

  @Test
  default void eachDraftHasItsOutcomeAtItsIndexAndARefusedOneTakesNoSeq() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada);
    Draft earlier = text(group, ada);
    chat().append(earlier);
    Draft conflicting =
        chat()
            .drafts()
            .draft(group, ada)
            .clientMessageId(earlier.clientMessageId().value())
            .text("something else")
            .build();

    List<AppendOutcome> outcomes =
        chat()
            .append(
                List.of(
                    text(group, eve),
                    text(group, ada),
                    chat().drafts().retryOf(earlier),
                    text(chat().drafts().conversationId(), ada),
                    conflicting,
                    text(group, UserId.SYSTEM),
                    text(group, eve),
                    text(group, ada)));

    assertThat(outcomes)
        .containsExactly(
            new NotMember(),
            stored(2),
            new Duplicate(Drafts.stored(earlier, 1), 0),
            new NoSuchConversation(),
            new Conflict(),
            stored(3),
            new NotMember(),
            stored(4));
    assertThat(chat().messages(group)).extracting(Message::seq).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  default void aBatchOfNothingButRefusedDraftsStoresNothing() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    UserId eve = chat().user("eve");

    assertThat(
            chat().append(List.of(text(group, eve), text(chat().drafts().conversationId(), ada))))
        .containsExactly(new NotMember(), new NoSuchConversation());
    assertThat(chat().messages(group)).isEmpty();
    assertThat(chat().store().lastSeqs(List.of(group))).containsEntry(group, 0L);
  }

  @Test
  default void theOutcomeTellsTheMembersRevOfTheCommit() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft early = text(group, ada);
    assertThat(chat().append(early)).isEqualTo(new Stored(1, 0));
    chat().change(group, StoreFixture.renamed("one"), StoreFixture.renamed("two"));

    assertThat(chat().append(text(group, ada))).isEqualTo(new Stored(2, 2));
    assertThat(chat().append(chat().drafts().retryOf(early)))
        .isEqualTo(new Duplicate(Drafts.stored(early, 1), 0));
  }

  // ---- duplicates

  @Test
  default void aRetryIsADuplicateOfTheFirstOnEveryNode() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada, chat().user("m1"), chat().user("m2"));
    Draft draft = rich(group, ada);
    chat().send(group, ada, 1);
    assertThat(chat().append(draft)).isEqualTo(stored(2));

    AppendOutcome expected = new Duplicate(Drafts.stored(draft, 2), 0);
    Draft retry = chat().drafts().retryOf(draft);
    assertThat(chat().append(retry)).isEqualTo(expected);
    assertThat(chat().anotherNode().append(List.of(retry), Duration.ZERO))
        .containsExactly(expected);
    assertThat(chat().messages(group)).hasSize(2);
  }

  @Test
  default void aRetryInTheSameBatchIsADuplicate() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada, chat().user("m1"), chat().user("m2"));
    Draft draft = rich(group, ada);
    Draft next = text(group, ada);

    Duplicate expected = new Duplicate(Drafts.stored(draft, 1), 0);
    assertThat(
            chat()
                .append(
                    List.of(
                        draft,
                        chat().drafts().retryOf(draft),
                        next,
                        chat().drafts().retryOf(draft))))
        .containsExactly(stored(1), expected, stored(2), expected);
    assertThat(chat().messages(group))
        .extracting(Message::id)
        .containsExactly(draft.id(), next.id());
  }

  @Test
  default void aRetryOfARefusedDraftIsRefusedAgainInTheSameBatch() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada);
    Draft refused = text(group, eve);

    assertThat(chat().append(List.of(refused, chat().drafts().retryOf(refused))))
        .containsExactly(new NotMember(), new NotMember());
  }

  @Test
  default void aRefusedDraftCanBeSentOnceItsSenderIsAMember() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada);
    Draft draft = text(group, bob);
    assertThat(chat().append(draft)).isEqualTo(new NotMember());
    chat().change(group, StoreFixture.added(bob));

    assertThat(chat().append(chat().drafts().retryOf(draft))).isEqualTo(new Stored(1, 1));
  }

  @Test
  default void aRetryIsRecognisedThousandsOfMessagesLater() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft draft = text(group, ada);
    chat().append(draft);
    for (int i = 0; i < 4; i++) {
      chat().send(group, ada, 750);
    }

    assertThat(chat().append(List.of(text(group, ada), chat().drafts().retryOf(draft))))
        .containsExactly(stored(3002), new Duplicate(Drafts.stored(draft, 1), 0));
  }

  @Test
  default void aRetryIsRecognisedEvenIfItsSenderWasRemovedMeanwhile() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    Draft draft = text(group, bob);
    chat().append(draft);
    chat().change(group, StoreFixture.removed(bob));

    assertThat(chat().append(List.of(chat().drafts().retryOf(draft), text(group, bob))))
        .containsExactly(new Duplicate(Drafts.stored(draft, 1), 0), new NotMember());
  }

  @Test
  default void otherContentUnderAUsedClientMessageIdIsAConflict() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft first = chat().drafts().draft(group, ada).clientMessageId("same").text("one").build();
    Draft second = chat().drafts().draft(group, ada).clientMessageId("same").text("two").build();

    assertThat(chat().append(first)).isEqualTo(stored(1));
    assertThat(chat().append(second)).isEqualTo(new Conflict());
    assertThat(chat().messages(group)).containsExactly(Drafts.stored(first, 1));
  }

  @Test
  default void otherContentUnderTheSameClientMessageIdInTheSameBatchIsAConflict() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft first = chat().drafts().draft(group, ada).clientMessageId("same").text("one").build();
    Draft second = chat().drafts().draft(group, ada).clientMessageId("same").text("two").build();

    assertThat(
            chat().append(List.of(first, second, chat().drafts().retryOf(first), text(group, ada))))
        .containsExactly(
            stored(1), new Conflict(), new Duplicate(Drafts.stored(first, 1), 0), stored(2));
  }

  @Test
  default void aReplyToAMessageThatIsNotThereIsRefusedAndTakesNoSeq() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft toItself = reply(group, ada, 1);
    Draft first = text(group, ada);
    Draft toTheFirst = reply(group, ada, 1);
    Draft toALaterOne = reply(group, ada, 3);

    assertThat(chat().append(List.of(toItself, first, toTheFirst, toALaterOne, text(group, ada))))
        .satisfiesExactly(
            outcome -> assertThat(outcome).isEqualTo(new NoSuchMessage()),
            outcome -> assertThat(outcome).isEqualTo(stored(1)),
            outcome -> assertThat(((Stored) outcome).seq()).isEqualTo(2),
            outcome -> assertThat(outcome).isEqualTo(new NoSuchMessage()),
            outcome -> assertThat(outcome).isEqualTo(stored(3)));
    assertThat(((Stored) chat().append(toALaterOne)).seq()).isEqualTo(4);
  }

  @Test
  default void whoIsNoMemberLearnsNothingFromAReply() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);

    assertThat(chat().append(reply(group, chat().user("eve"), 1))).isEqualTo(new NotMember());
  }

  private Draft reply(ConversationId conversation, UserId sender, long seq) {
    return chat().drafts().draft(conversation, sender).replyTo(seq).build();
  }

  @Test
  default void theSameClientMessageIdOfAnotherSenderOrConversationIsAnotherMessage() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId other = chat().group(ada, bob);

    assertThat(
            chat()
                .append(
                    List.of(
                        chat().drafts().draft(group, ada).clientMessageId("1").build(),
                        chat().drafts().draft(group, bob).clientMessageId("1").build(),
                        chat().drafts().draft(other, ada).clientMessageId("1").build(),
                        chat().drafts().draft(group, UserId.SYSTEM).clientMessageId("1").build())))
        .containsExactly(stored(1), stored(2), stored(1), stored(3));
  }

  @Test
  default void clientMessageIdsAreComparedCharacterForCharacter() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    List<String> ids =
        List.of("id", "ID", "id ", " id", "\u00e9", "e\u0301", "\u0131d", "id\\", "%");
    List<Draft> batch =
        ids.stream()
            .map(id -> chat().drafts().draft(group, ada).clientMessageId(id).text("same").build())
            .toList();

    assertThat(chat().append(batch))
        .isEqualTo(IntStream.rangeClosed(1, ids.size()).mapToObj(AppendContract::stored).toList());
  }

  // ---- membership

  @Test
  default void aStrangerIsNoMember() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId direct = chat().direct(ada, chat().user("bob")).id();

    assertThat(chat().append(text(group, chat().user("eve")))).isEqualTo(new NotMember());
    assertThat(chat().append(text(direct, chat().user("eve")))).isEqualTo(new NotMember());
  }

  @Test
  default void aSenderWhoDiffersFromAMemberInCaseIsNoMember() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);

    assertThat(chat().append(text(group, chat().user("Ada")))).isEqualTo(new NotMember());
    assertThat(chat().append(text(group, UserId.of(ada.value() + " ")))).isEqualTo(new NotMember());
  }

  @Test
  default void bothUsersOfADirectConversationAreItsMembers() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId direct = chat().direct(ada, bob).id();

    assertThat(chat().append(List.of(text(direct, ada), text(direct, bob))))
        .containsExactly(stored(1), stored(2));
  }

  @Test
  default void aSenderWhoWasVerifiedUnderThePresentRevIsAccepted() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    chat().change(group, StoreFixture.renamed("new"));

    assertThat(chat().append(chat().drafts().draft(group, ada).verifiedRev(1).build()))
        .isEqualTo(new Stored(1, 1));
  }

  @Test
  default void aSenderWhoWasVerifiedUnderAnEarlierRevIsLookedUp() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().change(group, StoreFixture.removed(bob));

    assertThat(
            chat()
                .append(
                    List.of(
                        chat().drafts().draft(group, bob).verifiedRev(0).build(),
                        chat().drafts().draft(group, ada).verifiedRev(0).build(),
                        chat().drafts().draft(group, bob).verifiedRev(2).build())))
        .containsExactly(new NotMember(), new Stored(1, 1), new NotMember());
  }

  @Test
  default void oneVerifiedSenderDoesNotVouchForAnotherInTheSameBatch() {
    UserId ada = chat().user("ada");
    UserId eve = chat().user("eve");
    ConversationId group = chat().group(ada);

    assertThat(
            chat()
                .append(
                    List.of(
                        chat().drafts().draft(group, ada).verifiedRev(0).build(),
                        text(group, eve))))
        .containsExactly(stored(1), new NotMember());
  }

  @Test
  default void aRemovedMemberMaySendAgainOnceAddedAgain() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    chat().change(group, StoreFixture.removed(bob));
    assertThat(chat().append(text(group, bob))).isEqualTo(new NotMember());
    chat().change(group, StoreFixture.added(bob));

    assertThat(chat().append(text(group, bob))).isEqualTo(new Stored(1, 2));
  }

  @Test
  default void theSystemSendsToEveryConversationAndIsIdempotentToo() {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    ConversationId direct = chat().direct(ada, chat().user("bob")).id();
    Draft toGroup = text(group, UserId.SYSTEM);
    Draft toDirect = text(direct, UserId.SYSTEM);

    assertThat(chat().append(List.of(toGroup, toDirect))).containsExactly(stored(1), stored(1));
    assertThat(chat().append(chat().drafts().retryOf(toGroup)))
        .isEqualTo(new Duplicate(Drafts.stored(toGroup, 1), 0));
    assertThat(chat().messages(direct)).containsExactly(Drafts.stored(toDirect, 1));
    assertThat(chat().append(text(chat().drafts().conversationId(), UserId.SYSTEM)))
        .isEqualTo(new NoSuchConversation());
  }

  // ---- what went in comes out

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        " ",
        "  leading and trailing  ",
        "line one\nline two\r\nline three\ttab",
        "\n",
        "'; DROP TABLE chat_messages; --",
        "\"quoted\" \\ back\\slash \\N {a,b} NULL %s ${x} ?",
        "gr\u00fc\u00df Gott, \u043f\u0440\u0438\u0432\u0435\u0442, \u4f60\u597d, \u0645\u0631\u062d\u0628\u0627",
        "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\udff4\udb40\udc67\udb40\udc62\udb40\udc7f \ud834\udd1e",
        "e\u0301 is not \u00e9",
        "\u2028\u2029\ufeff\uffff\u200b"
      })
  default void aTextComesBackCharacterForCharacter(String text) {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft draft = chat().drafts().draft(group, ada).text(text).attributes(text).build();
    chat().append(draft);

    assertThat(StoreFixture.after(chat().anotherNode(), group, 0, 1))
        .containsExactly(Drafts.stored(draft, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "\u00e9", "\u4f60", "\ud83d\ude00"})
  default void aTextOf16KiBComesBackWhole(String character) {
    UserId ada = chat().user("ada");
    ConversationId group = chat().group(ada);
    Draft draft =
        chat()
            .drafts()
            .draft(group, ada)
            .text(character.repeat(16_384 / character.length()))
            .build();
    chat().append(draft);

    assertThat(chat().messages(group)).containsExactly(Drafts.stored(draft, 1));
  }

  @Test
  default void everythingThatAMessageCanHaveComesBack() {
    UserId ada = chat().user("ada");
    List<UserId> oddNames =
        List.of(UserId.of("z"), UserId.of("a, \"b\"'\\"), UserId.of("\u00e9 \ud83d\ude00"));
    ConversationId group = chat().group(ada, chat().user("m1"), chat().user("m2"));
    chat().change(group, StoreFixture.added(oddNames.toArray(UserId[]::new)));
    Draft bare = text(group, ada);
    Draft full = rich(group, ada);
    Draft other = chat().drafts().draft(group, ada).replyTo(1).attributes("x".repeat(2048)).build();
    Draft mentioning =
        chat().drafts().draft(group, ada).mentions(oddNames.toArray(UserId[]::new)).build();
    List<Draft> batch = List.of(bare, full, other, mentioning);
    chat().append(batch);

    assertThat(chat().messages(group))
        .extracting(message -> message.withReplyPreview(null))
        .isEqualTo(messages(batch, 1));
    assertThat(chat().messages(group).get(0).replyTo()).isNull();
    assertThat(chat().messages(group).get(0).attributes()).isNull();
    assertThat(chat().messages(group).get(0).mentions()).isEmpty();
  }

  @Test
  default void theLongestNamesComeBack() {
    UserId ada =
        UserId.of(("\u4f60" + chat().user("ada")).concat("\u4f60".repeat(64)).substring(0, 64));
    ConversationId group = chat().group(ada);
    Draft draft =
        chat()
            .drafts()
            .draft(group, ada)
            .clientMessageId("\ud83d\ude00".repeat(32))
            .mentions(ada)
            .build();

    assertThat(chat().append(draft)).isEqualTo(stored(1));
    assertThat(chat().messages(group)).containsExactly(Drafts.stored(draft, 1));
    assertThat(chat().append(chat().drafts().retryOf(draft)))
        .isEqualTo(new Duplicate(Drafts.stored(draft, 1), 0));
  }

  // ---- in short

  private static AppendOutcome stored(long seq) {
    return new Stored(seq, 0);
  }

  private Draft text(ConversationId conversation, UserId sender) {
    return chat().drafts().draft(conversation, sender).build();
  }

  private Draft rich(ConversationId conversation, UserId sender) {
    return chat()
        .drafts()
        .draft(conversation, sender)
        .text("full \ud83d\ude00\nof everything")
        .mentions(chat().user("m1"), chat().user("m2"))
        .attributes("{\"k\": \"v\\n\"}")
        .build();
  }

  private List<Draft> texts(ConversationId conversation, UserId sender, int count) {
    List<Draft> drafts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      drafts.add(text(conversation, sender));
    }
    return drafts;
  }

  private static List<Message> messages(List<Draft> drafts, long firstSeq) {
    return IntStream.range(0, drafts.size())
        .mapToObj(i -> Drafts.stored(drafts.get(i), firstSeq + i))
        .toList();
  }
}
