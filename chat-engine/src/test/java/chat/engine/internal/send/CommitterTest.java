package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.ScriptedStore.BOB;
import static chat.engine.internal.send.ScriptedStore.EVE;
import static chat.engine.internal.send.ScriptedStore.has;
import static chat.engine.internal.send.ScriptedStore.locked;
import static chat.engine.internal.send.SendFixture.ack;
import static chat.engine.internal.send.SendFixture.pending;
import static chat.engine.internal.send.SendFixture.refusal;
import static chat.engine.internal.send.SendFixture.refused;
import static chat.engine.internal.send.SendFixture.unanswered;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CommitterTest {
  private final SendFixture fixture = new SendFixture();
  private final ScriptedStore store = fixture.store;

  private static NewMessage named(String id, String text) {
    return NewMessage.text(ClientMessageId.of(id), text);
  }

  private PendingSend ada(NewMessage message) {
    return pending(ADA, fixture.talk, message, PendingSend.Listener.NONE);
  }

  private List<Draft> capture(Runnable commit) {
    List<Draft> captured = new ArrayList<>();
    store.append =
        (drafts, wait) -> {
          captured.addAll(drafts);
          return store.real.append(drafts, wait);
        };
    commit.run();
    return captured;
  }

  // ---- what is stored

  @Test
  void aBatchIsStoredInItsOrderAcknowledgedAndPassedOn() {
    PendingSend one = fixture.send("one");
    PendingSend two = fixture.send("two");
    assertThat(fixture.commit(one, two)).isEmpty();
    assertThat(ack(one).seq()).isEqualTo(1);
    assertThat(ack(two).seq()).isEqualTo(2);
    assertThat(ack(one).duplicate()).isFalse();
    assertThat(fixture.fresh)
        .extracting(message -> message.message().text())
        .containsExactly("one", "two");
    assertThat(fixture.fresh.get(0).conversation().id()).isEqualTo(fixture.talk);
    assertThat(fixture.count("messages_committed")).isEqualTo(2);
    assertThat(fixture.count("commits")).isEqualTo(1);
    assertThat(ack(one).createdAt()).isEqualTo(SendFixture.NOW.truncatedTo(ChronoUnit.MILLIS));
    assertThat(store.calls)
        .containsExactly(new ScriptedStore.Call(List.of("one", "two"), Duration.ZERO));
  }

  @Test
  void theLockWaitIsHandedOn() {
    fixture.committer.commit(fixture.sends("one"), Duration.ofMillis(70));
    assertThat(store.calls.get(0).lockWait()).isEqualTo(Duration.ofMillis(70));
  }

  @Test
  void aDuplicateIsAnsweredAsTheFirstAndPublishedAgain() {
    PendingSend first = ada(named("m", "hello"));
    fixture.commit(first);
    fixture.fresh.clear();
    PendingSend again = ada(named("m", "hello"));
    fixture.commit(again);
    assertThat(ack(again).duplicate()).isTrue();
    assertThat(ack(again).messageId()).isEqualTo(ack(first).messageId());
    assertThat(ack(again).seq()).isEqualTo(1);
    assertThat(fixture.fresh).isEmpty();
    assertThat(fixture.duplicates)
        .extracting(message -> message.message().seq())
        .containsExactly(1L);
    assertThat(fixture.count("duplicates")).isEqualTo(1);
  }

  @Test
  void aMembershipThatTheStoreVerifiedOnceIsNotVerifiedAgain() {
    ConversationId group = ConversationId.of(5);
    store
        .real
        .conversations()
        .createGroup(
            group, "g", Map.of(ADA, Role.OWNER, BOB, Role.MEMBER), java.time.Instant.EPOCH);
    List<Draft> drafts =
        capture(
            () -> {
              fixture.commit(fixture.send(ADA, group, "1"));
              fixture.commit(fixture.send(ADA, group, "2"), fixture.send(BOB, group, "3"));
              fixture.commit(fixture.send("direct"));
            });
    assertThat(drafts)
        .extracting(Draft::verifiedRev)
        .containsExactly(Draft.UNVERIFIED, 0L, Draft.UNVERIFIED, 0L);
  }

  // ---- what the store refuses

  @Test
  void everySendIsRefusedForItsOwnReason() {
    fixture.commit(ada(named("m", "hello")));
    PendingSend conflict = ada(named("m", "other"));
    PendingSend reply = ada(named("r", "reply").withReplyTo(99));
    PendingSend nowhere = fixture.send(ADA, ConversationId.of(77), "nowhere");
    PendingSend stranger = fixture.send(EVE, fixture.talk, "stranger");
    PendingSend good = fixture.send("good");
    PendingSend system = fixture.send(UserId.SYSTEM, fixture.talk, "system");
    assertThat(fixture.commit(conflict, reply, nowhere, stranger, good, system)).isEmpty();
    refused(conflict, ErrorCode.CONFLICT, false);
    refused(reply, ErrorCode.BAD_REQUEST, false);
    refused(nowhere, ErrorCode.NOT_FOUND, false);
    refused(stranger, ErrorCode.NOT_FOUND, false);
    assertThat(ack(good).seq()).isEqualTo(2);
    assertThat(ack(system).seq()).isEqualTo(3);
    assertThat(store.calls.get(1).texts()).containsExactly("other", "reply", "good", "system");
  }

  @Test
  void whatIsOnlyRefusedIsNotPassedOnAndNotAskedOfTheStore() {
    boolean[] passed = {false};
    fixture.sink = (fresh, duplicates) -> passed[0] = true;
    fixture.commit(fixture.send(ADA, ConversationId.of(77), "nowhere"));
    assertThat(store.calls).isEmpty();
    fixture.commit(ada(named("r", "reply").withReplyTo(99)));
    assertThat(store.calls).hasSize(1);
    assertThat(passed[0]).isFalse();
  }

  @Test
  void aSendThatHasItsAnswerIsNotStored() {
    PendingSend expired = fixture.send("expired");
    expired.expiresAt(0);
    expired.expire(0);
    fixture.commit(expired);
    assertThat(store.calls).isEmpty();
    fixture.commit(expired, fixture.send("good"));
    assertThat(store.texts(fixture.talk)).containsExactly("good");
  }

  // ---- the store or the ids are away

  @Test
  void whenTheStoreIsAwayAllAreRefusedForCertainAndTheBreakerOpens() {
    store.append =
        (drafts, wait) -> {
          throw new StoreUnavailableException("away, on purpose", null);
        };
    PendingSend one = fixture.send("one");
    assertThat(fixture.commit(one)).isEmpty();
    refused(one, ErrorCode.UNAVAILABLE, false);
    assertThat(fixture.count("sends_failed")).isEqualTo(1);
    assertThat(fixture.breaker.allowsCalls()).isFalse();
    PendingSend two = fixture.send("two");
    fixture.commit(two);
    refused(two, ErrorCode.UNAVAILABLE, false);
    assertThat(store.calls).hasSize(1);
  }

  @Test
  void whenTheStoreIsBusySendsAreRefusedAndTheBreakerStaysClosed() {
    store.append =
        (drafts, wait) -> {
          throw new StoreBusyException("all connections are in use", null);
        };
    PendingSend one = fixture.send("one");
    fixture.commit(one);
    refused(one, ErrorCode.BUSY, false);
    assertThat(fixture.breaker.isHealthy()).isTrue();
    store.append = store.real::append;
    store.findFault = new StoreBusyException("all connections are in use", null);
    PendingSend two = fixture.send(ADA, fixture.other, "two");
    fixture.commit(two);
    refused(two, ErrorCode.BUSY, false);
    assertThat(fixture.breaker.isHealthy()).isTrue();
  }

  @Test
  void aConversationThatCannotBeReadRefusesItsSends() {
    store.findFault = new StoreUnavailableException("away, on purpose", null);
    PendingSend one = fixture.send("one");
    fixture.commit(one);
    refused(one, ErrorCode.UNAVAILABLE, false);
    assertThat(fixture.breaker.allowsCalls()).isFalse();
    SendFixture another = new SendFixture();
    another.store.findFault = new IllegalStateException("thrown on purpose");
    PendingSend two = another.send("two");
    another.commit(two);
    refused(two, ErrorCode.INTERNAL, false);
    assertThat(another.breaker.isHealthy()).isTrue();
  }

  @Test
  void withoutIdsSendsAreRefusedAndTheStoreIsNotBlamed() {
    fixture.idFault = new StoreUnavailableException("no lease, on purpose", null);
    PendingSend one = fixture.send("one");
    fixture.commit(one);
    refused(one, ErrorCode.UNAVAILABLE, false);
    fixture.idFault = new IllegalStateException("thrown on purpose");
    PendingSend two = fixture.send("two");
    fixture.commit(two);
    refused(two, ErrorCode.INTERNAL, false);
    assertThat(fixture.breaker.isHealthy()).isTrue();
    assertThat(store.calls).isEmpty();
  }

  @Test
  void aCommitTellsTheBreakerAndADuplicateDoesNot() {
    PendingSend first = ada(named("m", "hello"));
    fixture.commit(first);
    fixture.probed = java.util.concurrent.CompletableFuture.completedFuture("works");
    fixture.breaker.failed(new IllegalStateException("on purpose"));
    fixture.delay.end();
    fixture.commit(ada(named("m", "hello")));
    assertThat(fixture.breaker.isHealthy()).isFalse();
    fixture.commit(fixture.send("new"));
    assertThat(fixture.breaker.isHealthy()).isTrue();
  }

  // ---- locks

  @Test
  void whatIsLockedHasNoAnswerYet() {
    store.append =
        (drafts, wait) -> {
          List<AppendOutcome> outcomes = new ArrayList<>(store.real.append(drafts, wait));
          outcomes.set(0, new AppendOutcome.Locked());
          return outcomes;
        };
    PendingSend held = fixture.send(ADA, fixture.other, "held");
    PendingSend free = fixture.send("free");
    assertThat(fixture.commit(held, free)).containsExactly(held);
    unanswered(held);
    assertThat(held.isAttempting()).isFalse();
    assertThat(held.isInDoubt()).isFalse();
    assertThat(ack(free).seq()).isEqualTo(1);
  }

  // ---- doubt

  private void breakOff() {
    store.append =
        (drafts, wait) -> {
          store.real.append(drafts, wait);
          throw new StoreInDoubtException("broken off, on purpose", null);
        };
  }

  @Test
  void aCommitInDoubtHasNoAnswerYetAndTheNextAttemptTellsIt() {
    breakOff();
    PendingSend one = fixture.send("one");
    PendingSend two = fixture.send("two");
    assertThat(fixture.commit(one, two)).containsExactly(one, two);
    unanswered(one);
    assertThat(one.isInDoubt()).isTrue();
    assertThat(one.isAttempting()).isFalse();
    assertThat(fixture.count("commits_in_doubt")).isEqualTo(1);
    assertThat(fixture.breaker.allowsCalls()).isFalse();
    assertThat(fixture.commit(one, two)).containsExactly(one, two);
    assertThat(store.calls).hasSize(1); // not while the breaker is open

    fixture.probed = java.util.concurrent.CompletableFuture.completedFuture("works");
    fixture.delay.end();
    store.append = store.real::append;
    assertThat(fixture.commit(one, two)).isEmpty();
    assertThat(ack(one).seq()).isEqualTo(1);
    assertThat(ack(one).duplicate()).isFalse(); // the first attempt of this very send
    assertThat(ack(two).seq()).isEqualTo(2);
    assertThat(store.texts(fixture.talk)).containsExactly("one", "two");
    assertThat(fixture.duplicates).hasSize(2);
  }

  @Test
  void aDoubtOutlivesAStoreThatIsAwayOrBusyOrWithoutIds() {
    PendingSend doubted = fixture.send("doubted");
    doubted.attemptIsInDoubt(new IllegalStateException("broken off"));
    PendingSend behind = fixture.send("behind");
    store.append =
        (drafts, wait) -> {
          throw new StoreBusyException("busy, on purpose", null);
        };
    assertThat(fixture.commit(doubted, behind)).containsExactly(doubted);
    refused(behind, ErrorCode.BUSY, false);
    fixture.idFault = new IllegalStateException("no ids, on purpose");
    assertThat(fixture.commit(doubted)).containsExactly(doubted);
    fixture.idFault = new StoreUnavailableException("no lease, on purpose", null);
    assertThat(fixture.commit(doubted)).containsExactly(doubted);
    store.append =
        (drafts, wait) -> {
          throw new StoreUnavailableException("away, on purpose", null);
        };
    fixture.idFault = null;
    assertThat(fixture.commit(doubted)).containsExactly(doubted);
    assertThat(fixture.commit(doubted)).containsExactly(doubted); // the breaker is open
    unanswered(doubted);
  }

  @Test
  void aDoubtOutlivesTheHalvingOfItsBatch() {
    PendingSend doubted = fixture.send(ADA, fixture.other, "doubted");
    doubted.attemptIsInDoubt(new IllegalStateException("broken off"));
    store.append =
        (drafts, wait) -> {
          throw new IllegalStateException("thrown on purpose");
        };
    PendingSend poison = fixture.send("poison");
    assertThat(fixture.commit(poison, doubted)).isEmpty();
    refused(poison, ErrorCode.INTERNAL, false);
    refused(doubted, ErrorCode.UNAVAILABLE, true);
  }

  @Test
  void anErrorOfTheStoreIsADoubtAndTheBreakerStaysClosed() {
    store.append =
        (drafts, wait) -> {
          store.real.append(drafts, wait);
          throw new StackOverflowError("thrown on purpose");
        };
    PendingSend one = fixture.send("one");
    assertThat(fixture.commit(one)).containsExactly(one);
    assertThat(one.isInDoubt()).isTrue();
    assertThat(fixture.breaker.isHealthy()).isTrue();
  }

  // ---- after the commit nothing may claim that a message was not stored

  @Test
  void aSinkThatThrowsChangesNoAnswer() {
    fixture.sink =
        (fresh, duplicates) -> {
          throw new IllegalStateException("thrown on purpose");
        };
    PendingSend one = fixture.send("one");
    assertThat(fixture.commit(one)).isEmpty();
    assertThat(ack(one).seq()).isEqualTo(1);
    fixture.sink =
        (fresh, duplicates) -> {
          throw new AssertionError("thrown on purpose");
        };
    PendingSend two = fixture.send("two");
    fixture.commit(two);
    assertThat(ack(two).seq()).isEqualTo(2);
  }

  @Test
  void aStoreThatTellsTooFewOutcomesIsAskedAgain() {
    store.append = (drafts, wait) -> store.real.append(drafts, wait).subList(0, 1);
    PendingSend one = fixture.send("one");
    PendingSend two = fixture.send("two");
    assertThat(fixture.commit(one, two)).containsExactly(one, two);
    assertThat(two.isInDoubt()).isTrue();
    store.append = store.real::append;
    assertThat(fixture.commit(one, two)).isEmpty();
    assertThat(ack(two).seq()).isEqualTo(2);
    assertThat(ack(two).duplicate()).isFalse();
  }

  @Test
  void anAnswerThatCameBeforeTheCommitDoesNotKeepTheMessageFromItsReaders() {
    PendingSend slow = fixture.send("slow");
    slow.expiresAt(0);
    store.append =
        (drafts, wait) -> {
          slow.expire(Duration.ofSeconds(5).toNanos());
          return store.real.append(drafts, wait);
        };
    assertThat(fixture.commit(slow)).isEmpty();
    refused(slow, ErrorCode.UNAVAILABLE, true);
    assertThat(fixture.fresh).hasSize(1);
  }

  // ---- halving

  private void refusePoison() {
    store.append =
        (drafts, wait) -> {
          if (has(drafts, "poison")) {
            throw new IllegalStateException("thrown on purpose");
          }
          return store.real.append(drafts, wait);
        };
  }

  @Test
  void aMessageThatTheStoreCannotTakeFailsAlone() {
    refusePoison();
    List<PendingSend> sends = fixture.sends("1", "2", "poison", "3", "4");
    assertThat(fixture.committer.commit(sends, Committer.NO_WAIT)).isEmpty();
    refused(sends.get(2), ErrorCode.INTERNAL, false);
    assertThat(refusal(sends.get(2).result())).hasMessageContaining("refused the message");
    assertThat(store.texts(fixture.talk)).containsExactly("1", "2", "3", "4");
    assertThat(fixture.count("batches_halved")).isEqualTo(2);
    assertThat(fixture.count("sends_failed")).isEqualTo(1);
  }

  /** E10. */
  @Test
  void whatTheFirstHalfLeftLockedIsNotOvertakenByTheSecond() {
    PendingSend first = fixture.send("first");
    PendingSend elsewhere = fixture.send(ADA, fixture.other, "elsewhere");
    PendingSend second = fixture.send("second");
    PendingSend poison = fixture.send(ADA, fixture.other, "poison");
    store.append =
        (drafts, wait) -> {
          if (has(drafts, "poison")) {
            throw new IllegalStateException("thrown on purpose");
          }
          if (has(drafts, "first")) { // another transaction holds the conversation for a moment
            List<AppendOutcome> outcomes = new ArrayList<>();
            for (Draft draft : drafts) {
              outcomes.addAll(
                  draft.conversation().equals(fixture.talk)
                      ? locked(List.of(draft))
                      : store.real.append(List.of(draft), wait));
            }
            return outcomes;
          }
          return store.real.append(drafts, wait);
        };
    assertThat(fixture.commit(first, elsewhere, second, poison)).containsExactly(first, second);
    unanswered(second);
    refused(poison, ErrorCode.INTERNAL, false);
    assertThat(ack(elsewhere).seq()).isEqualTo(1);
    assertThat(store.texts(fixture.talk)).isEmpty();
  }

  @Test
  void whatTheFirstHalfLeftInDoubtIsNotOvertakenByTheSecond() {
    PendingSend first = fixture.send("first");
    PendingSend second = fixture.send("second");
    PendingSend unrelated = fixture.send(ADA, fixture.other, "unrelated");
    store.append =
        (drafts, wait) -> {
          if (drafts.size() == 3) {
            throw new IllegalStateException("thrown on purpose");
          }
          if (has(drafts, "first")) {
            throw new StackOverflowError("in doubt, on purpose");
          }
          return store.real.append(drafts, wait);
        };
    assertThat(fixture.commit(first, second, unrelated)).containsExactly(first, second);
    assertThat(first.isInDoubt()).isTrue();
    assertThat(second.isInDoubt()).isFalse();
    assertThat(ack(unrelated).seq()).isEqualTo(1);
  }

  @Test
  void whatTheSecondHalfLeftInDoubtIsTriedAgain() {
    PendingSend first = fixture.send("first");
    PendingSend second = fixture.send(ADA, fixture.other, "second");
    store.append =
        (drafts, wait) -> {
          if (drafts.size() == 2) {
            throw new IllegalStateException("thrown on purpose");
          }
          if (has(drafts, "second")) {
            throw new StackOverflowError("in doubt, on purpose");
          }
          return store.real.append(drafts, wait);
        };
    assertThat(fixture.commit(first, second)).containsExactly(second);
    assertThat(second.isInDoubt()).isTrue();
    assertThat(second.isAnswered()).isFalse();
    assertThat(ack(first).seq()).isEqualTo(1);
  }

  @Test
  void whenTheStoreGoesAwayInTheFirstHalfTheSecondIsNotTried() {
    PendingSend first = fixture.send("first");
    PendingSend second = fixture.send(ADA, fixture.other, "second");
    store.append =
        (drafts, wait) -> {
          if (drafts.size() == 2) {
            throw new IllegalStateException("thrown on purpose");
          }
          throw new StoreInDoubtException("broken off, on purpose", null);
        };
    assertThat(fixture.commit(first, second)).containsExactly(first);
    refused(second, ErrorCode.UNAVAILABLE, false);
    assertThat(store.calls).hasSize(2);
  }

  @Test
  void allAreRefusedTogetherAndOnlyThoseWithoutAnAnswerAreCounted() {
    PendingSend answered = fixture.send("answered");
    fixture.commit(answered);
    PendingSend open = fixture.send("open");
    fixture.committer.refuseAll(List.of(answered, open), CircuitBreaker.refusal());
    refused(open, ErrorCode.UNAVAILABLE, false);
    assertThat(fixture.count("sends_failed")).isEqualTo(1);
  }

  @Test
  void aMessageIsPassedOnWithTheMembershipItWasStoredUnder() {
    store.append =
        (drafts, wait) -> Collections.nCopies(drafts.size(), new AppendOutcome.Stored(7, 42));
    fixture.commit(fixture.send("one"));
    assertThat(fixture.fresh).extracting(CommittedMessage::membersRev).containsExactly(42L);
  }
}
