package chat.engine.examples.faultcheck.check;

import static chat.engine.examples.faultcheck.check.Story.ADA;
import static chat.engine.examples.faultcheck.check.Story.BOB;
import static chat.engine.examples.faultcheck.check.Story.GROUP;
import static chat.engine.examples.faultcheck.check.Story.id;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChecksTest {

  /** Ada and bob are connected to two nodes; ada says something, and bob hears it. */
  private static Story talk() {
    return connected().send(ADA, "a1", 1).told(BOB, 1, "ada", "a1");
  }

  private static Story connected() {
    return new Story().open(ADA, "n0.1").open(BOB, "n1.1").sync(ADA, 0, 0).sync(BOB, 0, 0);
  }

  private static Story storedTalk(Story story) {
    return story
        .stored(1, 0)
        .storedMember("ada", 0)
        .storedMember("bob", 0)
        .storedMessage(1, "ada", "a1", 0);
  }

  @Test
  void aTruthfulHistoryPasses() {
    Story story =
        storedTalk(
            talk()
                .presence(ADA, How.ANSWER, "bob", true)
                .roster(BOB, "ada", "bob")
                .history(BOB, 0, "ada", "a1", 1)
                .settle());
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void aTruthfulRemovalPasses() {
    Story story =
        talk()
            .done(ADA, Verb.REMOVE, 0, "bob")
            .changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob")
            .changed(BOB, 1, 1, Fact.Kind.REMOVED, "bob")
            .send(ADA, "a2", 2)
            .settle()
            .stored(2, 1)
            .storedMember("ada", 0)
            .storedMessage(1, "ada", "a1", 0)
            .storedMessage(2, "ada", "a2", 1)
            .storedChange(1, 1, Fact.Kind.REMOVED, "bob");
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void aConversationThatTakesNoSendsAfterTheFaultsBreaksAvailability() {
    Story story = storedTalk(talk().settle());
    long op = story.call("", Verb.PROBE, GROUP, 0, List.of(), "probe");
    story.answer(op, "", Outcome.REFUSED, 0, 0, false);
    assertThat(story.broken()).containsExactly(0);
  }

  @Test
  void anAcknowledgedMessageThatIsNotStoredBreaksPromise1() {
    Story story =
        connected()
            .send(ADA, "a1", 1)
            .settle()
            .stored(0, 0)
            .storedMember("ada", 0)
            .storedMember("bob", 0);
    assertThat(story.broken()).containsExactly(1);
  }

  @Test
  void anAcknowledgedReceiptThatIsNotStoredBreaksPromise1() {
    assertThat(storedTalk(talk().done(BOB, Verb.READ, 1).settle()).broken()).containsExactly(1);
  }

  @Test
  void anAcknowledgedChangeThatIsNotStoredBreaksPromise1() {
    Story story = storedTalk(talk().done(ADA, Verb.ADD, 0, "cleo").settle());
    assertThat(story.broken()).containsExactly(1);
  }

  @Test
  void aSendThatIsStoredTwiceBreaksPromise2() {
    Story story =
        storedTalk(talk().told(BOB, 2, "ada", "a1").told(ADA, 2, "ada", "a1").settle())
            .storedMessage(2, "ada", "a1", 0);
    assertThat(story.stored(2, 0).broken()).containsExactly(2);
  }

  @Test
  void twoAnswersThatBothClaimToBeTheFirstBreakPromise2() {
    assertThat(storedTalk(talk().send(ADA, "a1", 1).settle()).broken()).containsExactly(2);
  }

  @Test
  void aSendThatWasSurelyRefusedButIsStoredBreaksPromise2() {
    Story story = connected();
    long op = story.call(ADA, Verb.SEND, GROUP, 0, List.of(), "a1");
    story.answer(op, ADA, Outcome.REFUSED, 0, 0, false);
    story.told(ADA, 1, "ada", "a1").told(BOB, 1, "ada", "a1").settle();
    assertThat(storedTalk(story).broken()).containsExactly(2);
  }

  @Test
  void aMessageThatDiffersFromWhatIsStoredBreaksPromise3() {
    assertThat(
            storedTalk(connected().send(ADA, "a1", 1).told(BOB, 1, "ada", "other").settle())
                .broken())
        .containsExactly(3);
  }

  @Test
  void aGapInTheSeqsBreaksPromise3() {
    Story story =
        connected()
            .send(ADA, "a2", 2)
            .settle()
            .stored(2, 0)
            .storedMember("ada", 0)
            .storedMessage(2, "ada", "a2", 0);
    assertThat(story.broken()).contains(3);
  }

  @Test
  void aMessageWithALowerSeqThanOneThatWasAcknowledgedBeforeItBeganBreaksPromise3() {
    Story story =
        connected()
            .send(ADA, "a1", 2)
            .send(BOB, "b1", 1)
            .told(ADA, 1, "bob", "b1")
            .told(BOB, 2, "ada", "a1")
            .settle()
            .stored(2, 0)
            .storedMember("ada", 0)
            .storedMember("bob", 0)
            .storedMessage(1, "bob", "b1", 0)
            .storedMessage(2, "ada", "a1", 0);
    assertThat(story.broken()).containsExactly(3);
  }

  @Test
  void aMessageThatNeverComesBreaksPromise4() {
    assertThat(storedTalk(connected().send(ADA, "a1", 1).settle()).broken()).containsExactly(4);
  }

  @Test
  void aMessageMayBeLateWhileAFaultLasts() {
    Story story = connected().fault(true).send(ADA, "a1", 1).wait(60).close(BOB).fault(false);
    assertThat(storedTalk(story.settle()).broken()).isEmpty();
  }

  @Test
  void aMessageThatComesTwiceBreaksPromise4() {
    assertThat(storedTalk(talk().told(BOB, 1, "ada", "a1").settle()).broken()).containsExactly(4);
  }

  @Test
  void aMessageThatItsOwnSessionIsToldBreaksPromise4() {
    assertThat(storedTalk(talk().told(ADA, 1, "ada", "a1").settle()).broken()).contains(4);
  }

  @Test
  void aMessageBetweenResyncAndSyncBreaksPromise4() {
    Story story =
        connected()
            .add(at -> new Event.ResyncTold(at, BOB))
            .send(ADA, "a1", 1)
            .told(BOB, 1, "ada", "a1");
    assertThat(storedTalk(story.settle()).broken()).containsExactly(4);
  }

  @Test
  void messagesInTheWrongOrderBreakPromise4() {
    Story story =
        connected()
            .send(ADA, "a1", 1)
            .send(ADA, "a2", 2)
            .told(BOB, 2, "ada", "a2")
            .told(BOB, 1, "ada", "a1");
    story = storedTalk(story.settle()).storedMessage(2, "ada", "a2", 0).stored(2, 0);
    assertThat(story.broken()).containsExactly(4);
  }

  @Test
  void aReadThatDoesNotShowWhatWasAcknowledgedBreaksPromise5() {
    assertThat(storedTalk(talk().history(BOB, 0, "ada", "a1").settle()).broken())
        .containsExactly(5);
  }

  @Test
  void aSyncThatDoesNotShowWhatWasAcknowledgedBreaksPromise5() {
    assertThat(storedTalk(talk().sync(ADA, 0, 0).told(ADA, 1, "ada", "a1").settle()).broken())
        .contains(5);
  }

  @Test
  void aReceiptThatGoesBackBreaksPromise6() {
    Story story = talk().receipt(ADA, "bob", 1).receipt(ADA, "bob", 0);
    assertThat(storedTalk(story.settle()).broken()).containsExactly(6);
  }

  @Test
  void aWrongUnreadCountBreaksPromise6() {
    Story story = talk().settle();
    story.add(at -> new Event.Position(at, BOB, 0, GROUP, true, "friends", 1, 0, 0, 7, 0));
    assertThat(storedTalk(story).broken()).containsExactly(6);
  }

  @Test
  void aMessageAfterTheRemovalOfItsReaderBreaksPromise7() {
    Story story =
        talk()
            .done(ADA, Verb.REMOVE, 0, "bob")
            .changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob")
            .send(ADA, "a2", 2)
            .told(BOB, 2, "ada", "a2")
            .changed(BOB, 1, 1, Fact.Kind.REMOVED, "bob")
            .settle()
            .stored(2, 1)
            .storedMember("ada", 0)
            .storedMessage(1, "ada", "a1", 0)
            .storedMessage(2, "ada", "a2", 1)
            .storedChange(1, 1, Fact.Kind.REMOVED, "bob");
    assertThat(story.broken()).contains(7);
  }

  @Test
  void anythingAfterTheNewsOfTheRemovalBreaksPromise7() {
    Story story =
        talk()
            .done(ADA, Verb.REMOVE, 0, "bob")
            .changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob")
            .changed(BOB, 1, 1, Fact.Kind.REMOVED, "bob")
            .receipt(BOB, "ada", 1)
            .settle();
    assertThat(storedRemoval(story).broken()).containsExactly(7);
  }

  private static Story storedRemoval(Story story) {
    return story
        .stored(1, 1)
        .storedMember("ada", 0)
        .storedMessage(1, "ada", "a1", 0)
        .storedChange(1, 1, Fact.Kind.REMOVED, "bob");
  }

  @Test
  void typingThatBeganAfterTheRemovalBreaksPromise7() {
    Story story =
        talk().done(ADA, Verb.REMOVE, 0, "bob").changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob");
    story.call(ADA, Verb.TYPING, GROUP, 1, List.of(), "");
    story
        .add(at -> new Event.TypingTold(at, BOB, GROUP, "ada", true))
        .changed(BOB, 1, 1, Fact.Kind.REMOVED, "bob")
        .settle();
    assertThat(storedRemoval(story).broken()).containsExactly(7);
  }

  @Test
  void aReadOfTheRemovedBreaksPromise7() {
    Story story =
        talk()
            .done(ADA, Verb.REMOVE, 0, "bob")
            .changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob")
            .changed(BOB, 1, 1, Fact.Kind.REMOVED, "bob")
            .history(BOB, 0, "ada", "a1", 1)
            .settle();
    assertThat(storedRemoval(story).broken()).containsExactly(7);
  }

  @Test
  void aMessageToAStrangerBreaksPromise7() {
    Story story =
        talk().open("eve#1", "n0.1").syncNothing("eve#1").told("eve#1", 1, "ada", "a1").settle();
    assertThat(storedTalk(story).broken()).contains(7);
  }

  @Test
  void aMessageStoredUnderAnotherMembershipBreaksPromise7() {
    Story story = talk().settle().stored(1, 0).storedMember("ada", 0).storedMember("bob", 0);
    assertThat(story.storedMessage(1, "ada", "a1", 3).broken()).containsExactly(7);
  }

  @Test
  void aProcessThatEndsByItselfBreaksPromise8() {
    assertThat(storedTalk(talk().add(at -> new Event.Died(at, "n0.1", 3)).settle()).broken())
        .containsExactly(8);
  }

  @Test
  void aQueueThatDoesNotEmptyBreaksPromise8() {
    Story story =
        talk()
            .wait(18)
            .add(at -> new Event.Measured(at, "n0.1", List.of("sessions=2", "feed_backlog=1")))
            .wait(-17)
            .settle();
    assertThat(storedTalk(story).broken()).containsExactly(8);
  }

  @Test
  void anIdThatComesTwiceBreaksPromise9() {
    Story story = storedTalk(talk().settle()).fact(new Fact.Conversation(id(1), false, "-", 0, 0));
    assertThat(story.broken()).containsExactly(9);
  }

  @Test
  void twoNodesWithOneMachineIdBreakPromise9() {
    Story story =
        connected()
            .send(ADA, "a1", 1)
            .told(BOB, 1, "ada", "a1")
            .send(BOB, "b1", 2)
            .told(ADA, 2, "bob", "b1")
            .send(ADA, "a2", 3)
            .told(BOB, 3, "ada", "a2")
            .settle();
    story =
        storedTalk(story)
            .storedMessage(2, "bob", "b1", 0)
            .storedMessage(3, "ada", "a2", 0)
            .stored(3, 0);
    assertThat(story.broken()).containsExactly(9);
  }

  @Test
  void aChangeThatAClientNeverLearnsOfBreaksPromise10() {
    Story story =
        talk()
            .done(ADA, Verb.ADD, 0, "cleo")
            .changed(ADA, 1, 1, Fact.Kind.ADDED, "cleo")
            .settle()
            .stored(1, 1)
            .storedMember("ada", 0)
            .storedMember("bob", 0)
            .storedMember("cleo", 1)
            .storedMessage(1, "ada", "a1", 0)
            .storedChange(1, 1, Fact.Kind.ADDED, "cleo");
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void aNameThatAClientDoesNotKnowBreaksPromise10() {
    Story story =
        talk()
            .settle()
            .fact(new Fact.Conversation(GROUP, true, "enemies", 1, 0))
            .storedMember("ada", 0)
            .storedMember("bob", 0)
            .storedMessage(1, "ada", "a1", 0);
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void aReceiptThatAClientNeverLearnsOfBreaksPromise10() {
    Story story =
        talk()
            .roster(ADA, "ada", "bob")
            .done(BOB, Verb.READ, 1)
            .settle()
            .stored(1, 0)
            .storedMember("ada", 0)
            .storedMember("bob", 1)
            .storedMessage(1, "ada", "a1", 0);
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void aListOfMembersThatArrivesAfterANewerChangeDoesNotUndoIt() {
    assertThat(removalToldBefore(0).broken()).isEmpty();
  }

  @Test
  void aListThatClaimsToContainARemovalAndNamesTheRemovedBreaksPromise10() {
    assertThat(removalToldBefore(1).broken()).containsExactly(10);
  }

  /** Ada hears that bob was removed, then gets the list with bob as of the rev. */
  private static Story removalToldBefore(long rev) {
    return talk()
        .done(ADA, Verb.REMOVE, 0, "bob")
        .changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob")
        .changed(BOB, 1, 1, Fact.Kind.REMOVED, "bob")
        .rosterAt(rev, ADA, "ada", "bob")
        .settle()
        .stored(1, 1)
        .storedMember("ada", 0)
        .storedMessage(1, "ada", "a1", 0)
        .storedChange(1, 1, Fact.Kind.REMOVED, "bob");
  }

  private static Story edited(Story story, String session, long rev, String content) {
    return story
        .changed(session, rev, 1, Fact.Kind.MESSAGE_EDITED)
        .add(at -> new Event.StateTold(at, session, GROUP, 1, rev, content, "-"));
  }

  /** Ada edits her message; the group and the message end at the given rev. */
  private static Story edit(Story story, long rev, String content) {
    long op = story.call(ADA, Verb.EDIT, GROUP, 1, List.of(), content);
    return story.answer(op, ADA, Outcome.OK, rev, rev, false);
  }

  private static Story storedEdit(Story story, long rev, String content) {
    return story
        .settle()
        .stored(1, rev)
        .storedMember("ada", 0)
        .storedMember("bob", 0)
        .storedMessage(1, "ada", "a1", 0)
        .storedChange(1, 1, Fact.Kind.MESSAGE_EDITED)
        .fact(new Fact.State(GROUP, 1, rev, content, "-"))
        .fact(new Fact.Version(GROUP, 1, 1, "a1"));
  }

  @Test
  void aTruthfulEditPasses() {
    Story story = edited(edited(edit(talk(), 1, "e1"), ADA, 1, "e1"), BOB, 1, "e1");
    assertThat(storedEdit(story, 1, "e1").broken()).isEmpty();
  }

  /** Both were connected when there was no conversation of the two. */
  private static Story editInANewDirectConversation(boolean bobIsToldTheMessage) {
    Story story = new Story().open(ADA, "n0.1").open(BOB, "n1.1").syncNothing(ADA).syncNothing(BOB);
    story.send(ADA, "a1", 1);
    if (bobIsToldTheMessage) {
      story.told(BOB, 1, "ada", "a1");
    }
    Story edited = edited(edited(edit(story, 1, "e1"), ADA, 1, "e1"), BOB, 1, "e1");
    return storedEdit(edited, 1, "e1").storedDirect(1, 1);
  }

  @Test
  void whoWroteAllOfADirectConversationIsToldItsChanges() {
    assertThat(editInANewDirectConversation(true).broken()).isEmpty();
  }

  @Test
  void aChangeOfAMessageThatWasNotToldBreaksPromise4() {
    assertThat(editInANewDirectConversation(false).broken()).contains(4);
  }

  @Test
  void anAcknowledgedEditThatIsNotStoredBreaksPromise1() {
    Story story = edited(edited(edit(talk(), 1, "e1"), ADA, 1, "e2"), BOB, 1, "e2");
    assertThat(storedEdit(story, 1, "e2").broken()).containsExactly(1);
  }

  @Test
  void anEditThatAClientNeverLearnsOfBreaksPromise10() {
    Story story =
        edited(edit(talk(), 1, "e1"), ADA, 1, "e1")
            .changed(BOB, 1, 1, Fact.Kind.MESSAGE_EDITED)
            .add(at -> new Event.StateTold(at, BOB, GROUP, 1, 0, "a1", "-"));
    assertThat(storedEdit(story, 1, "e1").broken()).containsExactly(10);
  }

  /** Ada reacts to message 1, which is change 1 of the group; bob hears of it, or does not. */
  private static Story reaction(boolean bobIsTold) {
    Story story = talk().state(BOB, 1, 0, "a1", "-").state(ADA, 1, 0, "a1", "-");
    long op = story.call(ADA, Verb.REACT, GROUP, 1, List.of(), "A+");
    story.reacted(ADA, How.ANSWER, 1, "A", "ada", true, 1);
    story.answer(op, ADA, Outcome.OK, 1, 1, false);
    return bobIsTold ? story.reacted(BOB, How.LIVE, 1, "A", "ada", true, 1) : story;
  }

  /** The end of a talk with reactions to message 1. */
  private static Story storedReactions(Story story, long rev, String reactions) {
    storedTalk(story.settle()).stored(1, rev).fact(new Fact.State(GROUP, 1, rev, "a1", reactions));
    for (long change = 1; change <= rev; change++) {
      story.storedChange(change, 1, Fact.Kind.MESSAGE_REACTED);
    }
    return story;
  }

  private static Fact reactionOf(String user, String emoji, long rev, boolean active) {
    return new Fact.Reaction(GROUP, 1, user, emoji, rev, active);
  }

  @Test
  void aTruthfulReactionPasses() {
    Story story = storedReactions(reaction(true), 1, "A=1").fact(reactionOf("ada", "A", 1, true));
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void aReactionThatAnotherHasTakenThePlaceOfNeedNotBeTold() {
    Story story =
        reaction(true)
            .reacted(ADA, How.LIVE, 3, "A", "bob", false, 1)
            .reacted(BOB, How.LIVE, 3, "A", "bob", false, 1);
    storedReactions(story, 3, "A=1")
        .fact(reactionOf("ada", "A", 1, true))
        .fact(reactionOf("bob", "A", 3, false));
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void anAcknowledgedReactionThatIsNotStoredBreaksPromise1() {
    Story story = storedReactions(reaction(true), 1, "-").fact(reactionOf("ada", "A", 1, false));
    assertThat(story.broken()).contains(1);
  }

  @Test
  void aReactionThatAClientNeverLearnsOfBreaksPromise10() {
    Story story = storedReactions(reaction(false), 1, "A=1").fact(reactionOf("ada", "A", 1, true));
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void aReactionThatIsLeftOutOfTheStreamBreaksPromise4() {
    Story story =
        reaction(false)
            .reacted(ADA, How.LIVE, 2, "B", "bob", true, 1)
            .reacted(BOB, How.LIVE, 2, "B", "bob", true, 1);
    storedReactions(story, 2, "A=1;B=1")
        .fact(reactionOf("ada", "A", 1, true))
        .fact(reactionOf("bob", "B", 2, true));
    assertThat(story.broken()).contains(4);
  }

  @Test
  void aWrongCountOfReactionsBreaksPromise10() {
    Story story = reaction(false).reacted(BOB, How.LIVE, 1, "A", "ada", true, 2);
    storedReactions(story, 1, "A=1").fact(reactionOf("ada", "A", 1, true));
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void aCountThatIsNotThatOfThoseWhoReactBreaksPromise10() {
    Story story =
        storedReactions(talk(), 1, "A=2")
            .fact(reactionOf("ada", "A", 1, true))
            .fact(reactionOf("bob", "A", 2, false));
    assertThat(story.broken()).contains(10);
  }

  @Test
  void anOwnReactionThatAClientTakesForAnothersBreaksPromise10() {
    Story story = reaction(true).state(ADA, 1, 1, "a1", "A=1-");
    storedReactions(story, 1, "A=1").fact(reactionOf("ada", "A", 1, true));
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void anEventDoesNotSayWhatItsReaderReactsWith() {
    Story story =
        reaction(true)
            .add(at -> new Event.StatesForgotten(at, ADA, GROUP, 0))
            .state(ADA, 1, 1, "a1", "A=1?");
    storedReactions(story, 1, "A=1").fact(reactionOf("ada", "A", 1, true));
    assertThat(story.broken()).isEmpty();
  }

  /** Bob has pinned the group on another device. */
  private static Story pinned(boolean isTold) {
    Story story = talk();
    long op = 1_000;
    story
        .add(
            at ->
                new Event.Called(
                    at, op, "", "bob", Verb.PREFERENCES, GROUP, 0, List.of(), "pinned=on"))
        .answer(op, "", Outcome.OK, 1, 1, false);
    return isTold
        ? story.add(at -> new Event.PreferencesTold(at, BOB, 0, GROUP, 1, -1, -1, true, -1))
        : story;
  }

  private static Fact pinnedByBob(long version, boolean pinned) {
    return new Fact.Preferences(GROUP, "bob", version, -1, -1, pinned, -1);
  }

  @Test
  void truthfulPreferencesPass() {
    assertThat(storedTalk(pinned(true).settle()).fact(pinnedByBob(1, true)).broken()).isEmpty();
  }

  @Test
  void preferencesThatTheOtherDeviceNeverLearnsOfBreakPromise10() {
    assertThat(storedTalk(pinned(false).settle()).fact(pinnedByBob(1, true)).broken())
        .containsExactly(10);
  }

  @Test
  void preferencesThatDifferFromWhatIsStoredBreakPromise10() {
    assertThat(storedTalk(pinned(true).settle()).fact(pinnedByBob(1, false)).broken())
        .containsExactly(10);
  }

  @Test
  void theNextMessageTakesAConversationOutOfTheArchive() {
    Story story =
        talk()
            .add(at -> new Event.PreferencesTold(at, BOB, 0, GROUP, 1, -1, 0, false, -1))
            .settle()
            .fact(new Fact.Preferences(GROUP, "bob", 1, -1, -1, false, -1));
    assertThat(storedTalk(story).broken()).isEmpty();
  }

  @Test
  void acknowledgedPreferencesThatAreNotStoredBreakPromise1() {
    Story story = talk();
    long op = story.call(BOB, Verb.PREFERENCES, GROUP, 0, List.of(), "pinned=on");
    story.answer(op, BOB, Outcome.OK, 1, 1, false);
    assertThat(storedTalk(story.settle()).fact(pinnedByBob(0, false)).broken()).containsExactly(1);
  }

  /** The last sync of bob, with one unread message that mentions him. */
  private static Story unread(long unread, long mentions) {
    Story story = talk().settle();
    story.add(
        at -> new Event.Position(at, BOB, 0, GROUP, true, "friends", 1, 0, 0, unread, mentions));
    return storedTalk(story).fact(new Fact.Mentions(GROUP, 1, List.of("bob")));
  }

  @Test
  void aTruthfulCountOfMentionsPasses() {
    assertThat(unread(1, 1).broken()).isEmpty();
  }

  @Test
  void aWrongCountOfMentionsBreaksPromise6() {
    assertThat(unread(1, 0).broken()).containsExactly(6);
  }

  @Test
  void aMarkAsUnreadThatIsNotCountedBreaksPromise6() {
    Story story = talk().settle();
    story.add(at -> new Event.Position(at, BOB, 0, GROUP, true, "friends", 1, 0, 1, 0, 0));
    story
        .stored(1, 0)
        .storedMember("ada", 0)
        .storedMember("bob", 1)
        .storedMessage(1, "ada", "a1", 0)
        .fact(new Fact.Preferences(GROUP, "bob", 0, -1, -1, false, 1));
    assertThat(story.broken()).contains(6);
  }

  /** Ada bans bob, and all hear of it. */
  private static Story ban() {
    return talk()
        .done(ADA, Verb.BAN, 0, "bob")
        .changed(ADA, 1, 1, Fact.Kind.REMOVED, "bob")
        .changed(ADA, 2, 1, Fact.Kind.BANNED, "bob")
        .changed(BOB, 1, 1, Fact.Kind.REMOVED, "bob");
  }

  private static Story storedBan(Story story) {
    return story
        .stored(1, 2)
        .storedMember("ada", 0)
        .storedMessage(1, "ada", "a1", 0)
        .storedChange(1, 1, Fact.Kind.REMOVED, "bob")
        .storedChange(2, 1, Fact.Kind.BANNED, "bob");
  }

  @Test
  void aTruthfulBanPasses() {
    Story story = storedBan(ban().settle()).fact(new Fact.Ban(GROUP, "bob"));
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void anAcknowledgedBanThatIsNotStoredBreaksPromise1() {
    assertThat(storedTalk(talk().done(ADA, Verb.BAN, 0, "bob").settle()).broken())
        .containsExactly(1);
  }

  @Test
  void anAdditionOfTheBannedBreaksPromise7() {
    Story story =
        ban()
            .done(ADA, Verb.ADD, 0, "bob")
            .changed(ADA, 3, 1, Fact.Kind.ADDED, "bob")
            .changed(BOB, 3, 1, Fact.Kind.ADDED, "bob");
    storedBan(story.settle())
        .stored(1, 3)
        .storedMember("bob", 1)
        .storedChange(3, 1, Fact.Kind.ADDED, "bob");
    assertThat(story.broken()).containsExactly(7);
  }

  @Test
  void anAdditionAfterTheEndOfABanPasses() {
    Story story =
        ban()
            .done(ADA, Verb.UNBAN, 0, "bob")
            .changed(ADA, 3, 1, Fact.Kind.UNBANNED, "bob")
            .done(ADA, Verb.ADD, 0, "bob")
            .changed(ADA, 4, 1, Fact.Kind.ADDED, "bob")
            .changed(BOB, 4, 1, Fact.Kind.ADDED, "bob");
    storedBan(story.settle())
        .stored(1, 4)
        .storedMember("bob", 1)
        .storedChange(3, 1, Fact.Kind.UNBANNED, "bob")
        .storedChange(4, 1, Fact.Kind.ADDED, "bob");
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void aMemberWhoIsBannedBreaksPromise7() {
    assertThat(storedTalk(talk().settle()).fact(new Fact.Ban(GROUP, "bob")).broken())
        .containsExactly(7);
  }

  @Test
  void aReadOfTheBannedBreaksPromise7() {
    assertThat(storedBan(ban().history(BOB, 0, "ada", "a1", 1).settle()).broken())
        .containsExactly(7);
  }

  /** Ada silences bob, who sends in spite of it, or after it. */
  private static Story silence(boolean ended) {
    Story story =
        talk()
            .done(ADA, Verb.SILENCE, 0, "bob")
            .changed(ADA, 1, 1, Fact.Kind.SILENCED, "bob")
            .changed(BOB, 1, 1, Fact.Kind.SILENCED, "bob");
    if (ended) {
      story.call(ADA, Verb.SILENCE, GROUP, 0, List.of("bob"), "-");
    }
    return story
        .send(BOB, "b1", 2)
        .told(ADA, 2, "bob", "b1")
        .settle()
        .stored(2, 1)
        .storedMember("ada", 0)
        .storedMember("bob", 0)
        .storedMessage(1, "ada", "a1", 0)
        .storedMessage(2, "bob", "b1", 1)
        .storedChange(1, 1, Fact.Kind.SILENCED, "bob");
  }

  @Test
  void aSendOfTheSilencedBreaksPromise7() {
    assertThat(silence(false).broken()).containsExactly(7);
  }

  @Test
  void aSendAfterTheEndOfASilencePasses() {
    assertThat(silence(true).broken()).isEmpty();
  }

  /** What bob sends gets seq 2. */
  private static Story storedBlock(Story story) {
    return storedTalk(story.settle()).stored(2, 0).storedMessage(2, "bob", "b1", 0);
  }

  @Test
  void aSendAfterABlockBreaksPromise7() {
    Story story = talk().done(ADA, Verb.BLOCK, 0, "bob").send(BOB, "b1", 2);
    assertThat(storedBlock(story.told(ADA, 2, "bob", "b1")).broken()).containsExactly(7);
  }

  @Test
  void aMessageThatReachesTheBlockerBreaksPromise7() {
    Story story = talk().done(ADA, Verb.BLOCK, 0, "bob");
    long op = story.call(BOB, Verb.SEND, GROUP, 0, List.of(), "b1");
    story.answer(op, BOB, Outcome.IN_DOUBT, 0, 0, false).told(ADA, 2, "bob", "b1");
    assertThat(storedBlock(story.told(BOB, 2, "bob", "b1")).broken()).containsExactly(7);
  }

  @Test
  void aSendAfterTheEndOfABlockPasses() {
    Story story = talk().done(ADA, Verb.BLOCK, 0, "bob").done(ADA, Verb.UNBLOCK, 0, "bob");
    assertThat(storedBlock(story.send(BOB, "b1", 2).told(ADA, 2, "bob", "b1")).broken()).isEmpty();
  }

  @Test
  void aSendThatABlockRefusesWithAnotherCodeBreaksPromise7() {
    Story story = talk().done(ADA, Verb.BLOCK, 0, "bob");
    long op = story.call(BOB, Verb.SEND, GROUP, 0, List.of(), "b1");
    story
        .add(
            at ->
                new Event.Answered(
                    at, op, BOB, Outcome.REFUSED, 0, 0, false, "NOT_FOUND false no such thing"))
        .settle();
    assertThat(storedTalk(story).broken()).containsExactly(7);
  }

  @Test
  void presenceOfTheBlockedBreaksPromise12() {
    assertThat(blockedPresence(true).broken()).containsExactly(12);
    assertThat(blockedPresence(false).broken()).isEmpty();
  }

  private static Story blockedPresence(boolean online) {
    Story story = talk().presence(BOB, How.ANSWER, "ada", online).settle();
    return storedTalk(story).fact(new Fact.Block(0, "ada", "bob"));
  }

  @Test
  void wrongPresenceAtTheEndBreaksPromise12() {
    Story story =
        talk()
            .presence(ADA, How.ANSWER, "bob", true)
            .presence(ADA, How.LIVE, "bob", false)
            .settle();
    assertThat(storedTalk(story).broken()).containsExactly(12);
  }

  // ---- deletions

  private static Story deleted(Story story) {
    return story
        .done(ADA, Verb.DELETE, 0)
        .changed(ADA, 1, 1, Fact.Kind.DELETED)
        .changed(BOB, 1, 1, Fact.Kind.DELETED);
  }

  @Test
  void aTruthfulDeletionPasses() {
    assertThat(deleted(talk()).settle().storedDeletion(1, 1).broken()).isEmpty();
  }

  @Test
  void attributesAreAChangeLikeAnyOther() {
    Story story =
        storedTalk(
                talk()
                    .done(ADA, Verb.ATTRIBUTES, 0)
                    .changed(ADA, 1, 1, Fact.Kind.ATTRIBUTES_SET)
                    .changed(BOB, 1, 1, Fact.Kind.ATTRIBUTES_SET)
                    .settle())
            .stored(1, 1)
            .storedChange(1, 1, Fact.Kind.ATTRIBUTES_SET);
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void aDeletionThatWasAcknowledgedAndIsNotStoredIsFound() {
    assertThat(storedTalk(talk().done(ADA, Verb.DELETE, 0).settle()).broken()).containsExactly(1);
  }

  @Test
  void aSendThatIsAnsweredAfterTheDeletionIsFound() {
    Story story = deleted(talk()).send(ADA, "a2", 2).settle().storedDeletion(1, 1);
    assertThat(story.broken()).containsExactly(1);
  }

  @Test
  void whatIsToldAfterTheDeletionIsFound() {
    Story story = deleted(talk()).told(BOB, 2, "ada", "a2").settle().storedDeletion(1, 1);
    assertThat(story.broken()).containsExactly(7);
  }

  @Test
  void whoIsNeverToldOfTheDeletionIsFound() {
    Story story =
        talk()
            .done(ADA, Verb.DELETE, 0)
            .changed(ADA, 1, 1, Fact.Kind.DELETED)
            .settle()
            .storedDeletion(1, 1);
    assertThat(story.broken()).containsExactly(10);
  }

  @Test
  void messagesOfADeletedConversationThatStayAreFound() {
    Story story = deleted(talk()).settle().storedDeletion(1, 1).storedMessage(1, "ada", "a1", 0);
    assertThat(story.broken()).containsExactly(11);
  }
}
