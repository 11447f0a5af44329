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

/**
 * Invites, slow mode, forwards, former versions, what new members read, and for how long messages
 * are kept.
 */
final class RuleChecksTest {
  private static final String CLEO = "cleo#1";
  private static final long ELSEWHERE = 200;

  /** Ada says something, and bob hears it; cleo is connected, too. */
  private static Story talk() {
    return new Story()
        .open(ADA, "n0.1")
        .open(BOB, "n1.1")
        .open(CLEO, "n1.1")
        .sync(ADA, 0, 0)
        .sync(BOB, 0, 0)
        .syncNothing(CLEO)
        .send(ADA, "a1", 1)
        .told(BOB, 1, "ada", "a1");
  }

  private static Story storedTalk(Story story) {
    return story
        .settle()
        .stored(1, 0)
        .storedMember("ada", 0)
        .storedMember("bob", 0)
        .storedMessage(1, "ada", "a1", 0);
  }

  private static Story done(
      Story story, String session, Verb verb, long number, String text, String... subjects) {
    long op = story.call(session, verb, GROUP, number, List.of(subjects), text);
    return story.answer(op, session, Outcome.OK, 0, 0, false);
  }

  // ---- invites

  private static Story invited(long maxUses) {
    Story story = talk();
    long op = story.call(ADA, Verb.INVITE, GROUP, maxUses, List.of(), "");
    return story
        .add(at -> new Event.InviteMade(at, ADA, op, GROUP, "i1", maxUses))
        .answer(op, ADA, Outcome.OK, 0, 0, false);
  }

  /** Cleo joins, which is change 1 of the group, and all are told. */
  private static Story joined(Story story) {
    return done(story, CLEO, Verb.JOIN, 0, "i1", "cleo")
        .changed(ADA, 1, 1, Fact.Kind.ADDED, "cleo")
        .changed(BOB, 1, 1, Fact.Kind.ADDED, "cleo")
        .changed(CLEO, 1, 1, Fact.Kind.ADDED, "cleo");
  }

  private static Story storedJoining(Story story, long uses) {
    return storedTalk(story)
        .stored(1, 1)
        .storedMember("cleo", 1)
        .storedJoining(1, 1, "cleo")
        .fact(new Fact.Invite(GROUP, "i1", 1, uses));
  }

  @Test
  void aTruthfulJoiningPasses() {
    assertThat(storedJoining(joined(invited(1)), 1).broken()).isEmpty();
  }

  @Test
  void anAcknowledgedJoiningThatIsNotStoredBreaksPromise1() {
    Story story = storedTalk(done(invited(1), CLEO, Verb.JOIN, 0, "i1", "cleo"));
    assertThat(story.fact(new Fact.Invite(GROUP, "i1", 1, 0)).broken()).containsExactly(1);
  }

  @Test
  void aJoiningThatIsNotCountedBreaksPromise2() {
    assertThat(storedJoining(joined(invited(1)), 0).broken()).containsExactly(2);
  }

  @Test
  void aRetryThatIsCountedAgainBreaksPromise2() {
    Story story = done(joined(invited(1)), CLEO, Verb.JOIN, 0, "i1", "cleo");
    assertThat(storedJoining(story, 2).broken()).containsExactly(2);
  }

  @Test
  void moreUsersThanAnInviteIsForBreakPromise7() {
    Story story =
        done(joined(invited(1)), "dora#1", Verb.JOIN, 0, "i1", "dora")
            .changed(ADA, 2, 1, Fact.Kind.ADDED, "dora")
            .changed(BOB, 2, 1, Fact.Kind.ADDED, "dora")
            .changed(CLEO, 2, 1, Fact.Kind.ADDED, "dora");
    storedTalk(story)
        .stored(1, 2)
        .storedMember("cleo", 1)
        .storedMember("dora", 1)
        .storedJoining(1, 1, "cleo")
        .storedJoining(2, 1, "dora");
    assertThat(story.broken()).containsExactly(7);
  }

  @Test
  void aJoiningByARevokedInviteBreaksPromise7() {
    Story story = joined(done(invited(1), ADA, Verb.REVOKE, 0, "i1"));
    assertThat(storedJoining(story, 1).broken()).containsExactly(7);
  }

  @Test
  void aJoiningOfTheBannedBreaksPromise7() {
    Story story = joined(done(invited(1), ADA, Verb.BAN, 0, "", "cleo"));
    storedJoining(story, 1).storedChange(0, 1, Fact.Kind.BANNED, "cleo");
    assertThat(story.broken()).contains(7);
  }

  // ---- slow mode

  /** Bob sends twice in a group whose pace is 2 s. */
  private static Story twoSends(long millisBetween, boolean slow) {
    Story story =
        done(talk(), ADA, Verb.SLOW, 2, "")
            .changed(ADA, 1, 1, Fact.Kind.UPDATED)
            .changed(BOB, 1, 1, Fact.Kind.UPDATED)
            .send(BOB, "b1", 2)
            .told(ADA, 2, "bob", "b1")
            .send(BOB, "b2", 3)
            .told(ADA, 3, "bob", "b2");
    return storedTalk(story)
        .stored(3, 1)
        .storedMessage(2, "bob", "b1", 1)
        .storedMessage(3, "bob", "b2", 1)
        .storedChange(1, 1, Fact.Kind.UPDATED)
        .fact(new Fact.Setting(GROUP, 1, slow ? 2 : 0, "-"))
        .fact(new Fact.Sent(GROUP, 1, 1_000))
        .fact(new Fact.Sent(GROUP, 2, 1_500))
        .fact(new Fact.Sent(GROUP, 3, 1_500 + millisBetween));
  }

  @Test
  void sendsAtThePaceOfSlowModePass() {
    assertThat(twoSends(2_000, true).broken()).isEmpty();
  }

  @Test
  void twoSendsWithinThePaceBreakPromise7() {
    assertThat(twoSends(1_999, true).broken()).containsExactly(7);
    assertThat(twoSends(1_999, false).broken()).isEmpty();
  }

  @Test
  void anErasedUserWhoMadeTheGroupNeededNotWait() {
    Story story = new Story();
    long op = story.call("", Verb.ERASE, 0, 0, List.of("bob"), "erased-bob");
    story.answer(op, "", Outcome.OK, 0, 0, false);
    story
        .settle()
        .stored(2, 1)
        .storedMessage(1, "erased-bob", "x1", 1)
        .storedMessage(2, "erased-bob", "x2", 1)
        .storedChange(1, 0, Fact.Kind.UPDATED)
        .fact(new Fact.Setting(GROUP, 1, 2, "-"))
        .fact(new Fact.Sent(GROUP, 1, 1_000))
        .fact(new Fact.Sent(GROUP, 2, 1_001));
    assertThat(story.broken()).contains(7);
    long made = story.call(BOB, Verb.GROUP, 0, 0, List.of("ada"), "friends");
    assertThat(story.answer(made, BOB, Outcome.OK, GROUP, GROUP, false).broken()).doesNotContain(7);
  }

  @Test
  void theOwnerNeedNotWait() {
    Story story = twoSends(0, true).fact(new Fact.Member(GROUP, "bob", "O", 0, 0));
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void theEndOfSlowModeForgetsWhoSentLast() {
    Story story = done(talk(), ADA, Verb.SLOW, 2, "");
    updated(story, 1, 1).send(BOB, "b1", 2).told(ADA, 2, "bob", "b1");
    updated(updated(story, 2, 2), 3, 2).send(BOB, "b2", 3).told(ADA, 3, "bob", "b2");
    storedTalk(story)
        .stored(3, 3)
        .storedMessage(2, "bob", "b1", 1)
        .storedMessage(3, "bob", "b2", 3)
        .storedChange(1, 1, Fact.Kind.UPDATED)
        .storedChange(2, 2, Fact.Kind.UPDATED)
        .storedChange(3, 2, Fact.Kind.UPDATED)
        .fact(new Fact.Setting(GROUP, 1, 2, "-"))
        .fact(new Fact.Setting(GROUP, 2, 0, "-"))
        .fact(new Fact.Setting(GROUP, 3, 2, "-"))
        .fact(new Fact.Sent(GROUP, 2, 1_500))
        .fact(new Fact.Sent(GROUP, 3, 1_600));
    assertThat(story.broken()).isEmpty();
  }

  private static Story updated(Story story, long rev, long atSeq) {
    return story
        .changed(ADA, rev, atSeq, Fact.Kind.UPDATED)
        .changed(BOB, rev, atSeq, Fact.Kind.UPDATED);
  }

  // ---- former versions

  private static Story edited() {
    Story story = talk();
    for (long rev = 1; rev <= 2; rev++) {
      String text = "e" + rev;
      long now = rev;
      long op = story.call(ADA, Verb.EDIT, GROUP, 1, List.of(), text);
      story
          .answer(op, ADA, Outcome.OK, rev, rev, false)
          .changed(ADA, rev, 1, Fact.Kind.MESSAGE_EDITED)
          .add(at -> new Event.StateTold(at, ADA, GROUP, 1, now, text, "-"))
          .changed(BOB, rev, 1, Fact.Kind.MESSAGE_EDITED)
          .add(at -> new Event.StateTold(at, BOB, GROUP, 1, now, text, "-"));
    }
    return story;
  }

  private static Story storedEdits(Story story, String... before) {
    storedTalk(story)
        .stored(1, 2)
        .storedChangeOfMessage(1, 1, Fact.Kind.MESSAGE_EDITED)
        .storedChangeOfMessage(2, 1, Fact.Kind.MESSAGE_EDITED)
        .fact(new Fact.State(GROUP, 1, 2, "e2", "-"));
    for (int i = 0; i < before.length; i++) {
      story.fact(new Fact.Version(GROUP, 1, i + 1, before[i]));
    }
    return story;
  }

  private static Story versionsRead(Story story, String... texts) {
    long op = story.call(BOB, Verb.EDITS, GROUP, 1, List.of(), "");
    for (int i = 0; i < texts.length; i++) {
      long number = i + 1;
      String text = texts[i];
      story.add(at -> new Event.VersionTold(at, BOB, op, GROUP, 1, number, text));
    }
    return story.answer(op, BOB, Outcome.OK, 0, 0, false);
  }

  @Test
  void truthfulVersionsPass() {
    Story story = versionsRead(edited(), "a1", "e1", "e2");
    assertThat(storedEdits(story, "a1", "e1").broken()).isEmpty();
  }

  @Test
  void anEditThatIsNotAmongTheVersionsBreaksPromise1() {
    assertThat(storedEdits(edited(), "a1").broken()).containsExactly(1);
  }

  @Test
  void versionsInAnotherOrderBreakPromise1() {
    assertThat(storedEdits(edited(), "e1", "a1").broken()).containsExactly(1);
  }

  @Test
  void aVersionThatNobodyWroteBreaksPromise1() {
    assertThat(storedEdits(edited(), "a1", "e1", "x").broken()).containsExactly(1);
  }

  @Test
  void aReadOfTheVersionsThatLacksAnAcknowledgedEditBreaksPromise5() {
    Story story = versionsRead(edited(), "a1", "e1");
    assertThat(storedEdits(story, "a1", "e1").broken()).containsExactly(5);
  }

  @Test
  void aVersionOfADeletedMessageBreaksPromise11() {
    Story story = storedTalk(talk()).fact(new Fact.State(GROUP, 1, 0, "-", "-"));
    assertThat(story.broken()).isEmpty();
    assertThat(story.fact(new Fact.Version(GROUP, 1, 1, "a1")).broken()).containsExactly(11);
  }

  @Test
  void aReadOfTheVersionsAfterTheDeletionBreaksPromise11() {
    Story story = talk();
    long op = story.call(ADA, Verb.UNSEND, GROUP, 1, List.of(), "-");
    story.answer(op, ADA, Outcome.OK, 0, 0, false);
    storedTalk(versionsRead(story, "a1")).fact(new Fact.State(GROUP, 1, 0, "-", "-"));
    assertThat(story.broken()).containsExactly(11);
  }

  // ---- forwards

  /** Ada forwards what she said herself. */
  private static Story forwarded(long seen, String told) {
    Story story = talk();
    long op = story.call(ADA, Verb.SEND, GROUP, 1, List.of(String.valueOf(GROUP)), "a2");
    return story
        .answer(op, ADA, Outcome.OK, 2, id(2), false)
        .told(BOB, 2, "ada", "a2")
        .state(BOB, 2, 0, told, "-")
        .add(at -> new Event.ForwardTold(at, BOB, 0, GROUP, 2, seen, seen == 0 ? 0 : 1));
  }

  private static Story storedForward(Story story, long originSeq) {
    return storedTalk(story)
        .stored(2, 0)
        .storedMessage(2, "ada", "a2", 0)
        .fact(new Fact.State(GROUP, 1, 0, "a1", "-"))
        .fact(new Fact.State(GROUP, 2, 0, "a1", "-"))
        .fact(new Fact.Forward(GROUP, 2, GROUP, originSeq));
  }

  @Test
  void aTruthfulForwardPasses() {
    assertThat(storedForward(forwarded(GROUP, "a1"), 1).broken()).isEmpty();
  }

  @Test
  void aForwardWithAnotherOriginalBreaksPromise1() {
    assertThat(storedForward(forwarded(GROUP, "a1"), 2).broken()).containsExactly(1);
  }

  @Test
  void aForwardThatSaysSomethingElseBreaksPromise1() {
    Story story = storedForward(forwarded(GROUP, "a3").state(BOB, 2, 0, "a1", "-"), 1);
    assertThat(story.broken()).containsExactly(1);
  }

  @Test
  void aForwardOfAForwardThatWasDeletedLaterSaysWhatTheFirstOneSaid() {
    Story story = forwarded(GROUP, "a1");
    long op = story.call(ADA, Verb.SEND, GROUP, 2, List.of(String.valueOf(GROUP)), "a3");
    story.answer(op, ADA, Outcome.OK, 3, id(3), false).told(BOB, 3, "ada", "a3");
    storedTalk(story)
        .stored(3, 0)
        .storedMessage(2, "ada", "a2", 0)
        .storedMessage(3, "ada", "a3", 0)
        .fact(new Fact.State(GROUP, 1, 0, "a1", "-"))
        .fact(new Fact.State(GROUP, 2, 0, "-", "-"))
        .fact(new Fact.State(GROUP, 3, 0, "a1", "-"))
        .fact(new Fact.Forward(GROUP, 3, GROUP, 2));
    assertThat(story.broken()).doesNotContain(1);
  }

  @Test
  void aForwardOfWhatWasDeletedBreaksPromise5() {
    Story story = talk();
    long deletion = story.call(ADA, Verb.UNSEND, GROUP, 1, List.of(), "-");
    story.answer(deletion, ADA, Outcome.OK, 0, 0, false);
    long op = story.call(ADA, Verb.SEND, GROUP, 1, List.of(String.valueOf(GROUP)), "a2");
    story.answer(op, ADA, Outcome.OK, 2, id(2), false).told(BOB, 2, "ada", "a2");
    storedTalk(story)
        .stored(2, 0)
        .storedMessage(2, "ada", "a2", 0)
        .fact(new Fact.State(GROUP, 1, 0, "-", "-"))
        .fact(new Fact.State(GROUP, 2, 0, "a1", "-"))
        .fact(new Fact.Forward(GROUP, 2, GROUP, 1));
    assertThat(story.broken()).containsExactly(5);
  }

  @Test
  void anEventThatShowsAStrangerTheOriginalBreaksPromise7() {
    Story story = forwarded(ELSEWHERE, "a1");
    storedForward(story, 1).fact(new Fact.Conversation(ELSEWHERE, true, "other", 0, 0));
    assertThat(story.broken()).containsExactly(7);
  }

  @Test
  void anAnswerThatShowsAStrangerTheOriginalBreaksPromise7() {
    Story story = forwarded(0, "a1");
    long op = story.call(BOB, Verb.HISTORY, GROUP, 1, List.of(), "");
    story
        .add(at -> new Event.MessageTold(at, BOB, op, How.ANSWER, GROUP, 2, id(2), "ada", "a2"))
        .add(at -> new Event.ForwardTold(at, BOB, op, GROUP, 2, ELSEWHERE, 1))
        .answer(op, BOB, Outcome.OK, 0, 0, false);
    storedForward(story, 1).fact(new Fact.Conversation(ELSEWHERE, true, "other", 0, 0));
    assertThat(story.broken()).containsExactly(7);
  }

  // ---- what new members read

  /** Cleo is added to a group whose members read from their joining on, behind message 1. */
  private static Story addedLate() {
    return done(
            done(talk(), ADA, Verb.ACCESS, 0, "joined")
                .changed(ADA, 1, 1, Fact.Kind.UPDATED)
                .changed(BOB, 1, 1, Fact.Kind.UPDATED),
            ADA,
            Verb.ADD,
            0,
            "",
            "cleo")
        .changed(ADA, 2, 1, Fact.Kind.ADDED, "cleo")
        .changed(BOB, 2, 1, Fact.Kind.ADDED, "cleo")
        .changed(CLEO, 2, 1, Fact.Kind.ADDED, "cleo");
  }

  private static Story storedAddition(Story story, long rev) {
    return storedTalk(story)
        .stored(1, rev)
        .storedMember("cleo", 1)
        .storedChange(1, 1, Fact.Kind.UPDATED)
        .storedChange(2, 1, Fact.Kind.ADDED, "cleo")
        .fact(new Fact.Setting(GROUP, 1, -1, "J"));
  }

  @Test
  void whoReadsNothingFromBeforePasses() {
    assertThat(storedAddition(addedLate().history(CLEO, 0, "ada", "a1"), 2).broken()).isEmpty();
  }

  @Test
  void anAnswerWithWhatWasSentBeforeBreaksPromise7() {
    assertThat(storedAddition(addedLate().history(CLEO, 0, "ada", "a1", 1), 2).broken())
        .containsExactly(7);
  }

  @Test
  void whatWasSentBeforeIsReadWhenTheGroupIsOpenedAgain() {
    Story story =
        done(addedLate(), ADA, Verb.ACCESS, 0, "all")
            .changed(ADA, 3, 1, Fact.Kind.UPDATED)
            .changed(BOB, 3, 1, Fact.Kind.UPDATED)
            .changed(CLEO, 3, 1, Fact.Kind.UPDATED)
            .history(CLEO, 0, "ada", "a1", 1);
    storedAddition(story, 3)
        .storedChange(3, 1, Fact.Kind.UPDATED)
        .fact(new Fact.Setting(GROUP, 3, -1, "A"));
    assertThat(story.broken()).isEmpty();
  }

  /** Ada reacts to message 1; cleo is told, or not. */
  private static Story reactionToMessageFromBefore(boolean cleoIsTold) {
    Story story =
        addedLate()
            .reacted(ADA, How.LIVE, 3, "A", "ada", true, 1)
            .reacted(BOB, How.LIVE, 3, "A", "ada", true, 1);
    if (cleoIsTold) {
      story.reacted(CLEO, How.LIVE, 3, "A", "ada", true, 1);
    }
    return storedAddition(story, 3)
        .storedChangeOfMessage(3, 1, Fact.Kind.MESSAGE_REACTED)
        .fact(new Fact.State(GROUP, 1, 3, "a1", "A=1"))
        .fact(new Fact.Reaction(GROUP, 1, "ada", "A", 3, true));
  }

  @Test
  void aChangeOfWhatWasSentBeforeIsNotTold() {
    assertThat(reactionToMessageFromBefore(false).broken()).isEmpty();
    assertThat(reactionToMessageFromBefore(true).broken()).containsExactly(7);
  }

  /** Ada adds cleo, reacts to message 1 and sets the group; only then is cleo told anything. */
  private static Story setBeforeCleoIsTold(String access) {
    Story story =
        done(talk(), ADA, Verb.ADD, 0, "", "cleo")
            .changed(ADA, 1, 1, Fact.Kind.ADDED, "cleo")
            .changed(BOB, 1, 1, Fact.Kind.ADDED, "cleo")
            .reacted(ADA, How.LIVE, 2, "A", "ada", true, 1)
            .reacted(BOB, How.LIVE, 2, "A", "ada", true, 1);
    done(story, ADA, Verb.ACCESS, 0, "joined")
        .changed(ADA, 3, 1, Fact.Kind.UPDATED)
        .changed(BOB, 3, 1, Fact.Kind.UPDATED)
        .changed(CLEO, 1, 1, Fact.Kind.ADDED, "cleo")
        .changed(CLEO, 3, 1, Fact.Kind.UPDATED);
    return storedTalk(story)
        .stored(1, 3)
        .storedMember("cleo", 1)
        .storedChange(1, 1, Fact.Kind.ADDED, "cleo")
        .storedChangeOfMessage(2, 1, Fact.Kind.MESSAGE_REACTED)
        .storedChange(3, 1, Fact.Kind.UPDATED)
        .fact(new Fact.Setting(GROUP, 3, -1, access))
        .fact(new Fact.State(GROUP, 1, 2, "a1", "A=1"))
        .fact(new Fact.Reaction(GROUP, 1, "ada", "A", 2, true));
  }

  @Test
  void aSettingThatComesBeforeAnEarlierChangeIsToldHidesThatChange() {
    assertThat(setBeforeCleoIsTold("J").broken()).isEmpty();
    assertThat(setBeforeCleoIsTold("A").broken()).contains(4);
  }

  // ---- messages that are kept for a time

  /** Ada lets messages be kept for 6 s, and message 1 expires after some seconds. */
  private static Story expired(int seconds) {
    return done(talk(), ADA, Verb.RETAIN, 6, "")
        .changed(ADA, 1, 1, Fact.Kind.RETENTION_SET)
        .changed(BOB, 1, 1, Fact.Kind.RETENTION_SET)
        .wait(seconds)
        .changed(ADA, 2, 1, Fact.Kind.EXPIRED)
        .changed(BOB, 2, 1, Fact.Kind.EXPIRED);
  }

  private static Story storedExpiry(Story story) {
    return story
        .settle()
        .stored(1, 2, 2)
        .storedMember("ada", 0)
        .storedMember("bob", 0)
        .storedChange(1, 1, Fact.Kind.RETENTION_SET)
        .fact(new Fact.Change(GROUP, 2, 1, Fact.Kind.EXPIRED, List.of(), "", 2));
  }

  @Test
  void aTruthfulExpiryPasses() {
    assertThat(storedExpiry(expired(7)).broken()).isEmpty();
  }

  @Test
  void aSendThatIsRepeatedAfterItsMessageHasExpiredIsANewOne() {
    Story story =
        expired(7)
            .send(ADA, "a2", 2)
            .told(BOB, 2, "ada", "a2")
            .send(ADA, "a1", 3)
            .told(BOB, 3, "ada", "a1");
    storedExpiry(story)
        .stored(3, 2, 2)
        .storedMessage(2, "ada", "a2", 0)
        .storedMessage(3, "ada", "a1", 0);
    assertThat(story.broken()).isEmpty();
  }

  @Test
  void aMessageThatExpiresTooEarlyBreaksPromise1() {
    assertThat(storedExpiry(expired(3)).broken()).containsExactly(1);
  }

  @Test
  void anAnswerWithAnExpiredMessageBreaksPromise11() {
    assertThat(storedExpiry(expired(7).history(BOB, 0, "ada", "a1", 1)).broken())
        .containsExactly(11);
  }

  @Test
  void anAnswerWithAMessageThatWasToExpireLongAgoBreaksPromise11() {
    Story story =
        done(talk(), ADA, Verb.RETAIN, 6, "")
            .changed(ADA, 1, 1, Fact.Kind.RETENTION_SET)
            .changed(BOB, 1, 1, Fact.Kind.RETENTION_SET)
            .wait(40)
            .history(BOB, 0, "ada", "a1", 1);
    storedTalk(story).stored(1, 1).storedChange(1, 1, Fact.Kind.RETENTION_SET);
    assertThat(story.broken()).containsExactly(11);
  }

  @Test
  void aMessageThatIsGoneThoughNothingExpiredBreaksPromise1() {
    Story story = talk().settle().stored(1, 0).storedMember("ada", 0).storedMember("bob", 0);
    assertThat(story.broken()).contains(1);
  }
}
