package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.ScriptedStore.BOB;
import static chat.engine.internal.send.ScriptedStore.has;
import static chat.engine.internal.send.ScriptedStore.locked;
import static chat.engine.internal.send.SendFixture.refused;
import static chat.engine.internal.send.SendFixture.unanswered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.StoreInDoubtException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lanes, retries and bounds together, over a store that the test scripts. */
@Timeout(60)
final class CommitPipelineTest {
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(10);

  private final SendFixture fixture = new SendFixture();
  private final ScriptedStore store = fixture.store;
  private final CommitPipeline pipeline = pipeline(EngineOptions.defaults());
  private final List<CommitPipeline> others = new ArrayList<>();

  private CommitPipeline pipeline(EngineOptions options) {
    return new CommitPipeline(
        fixture.committer,
        fixture.breaker,
        options.with(Limit.SEND_TIMEOUT, SEND_TIMEOUT),
        fixture.metrics,
        fixture.nanos::get);
  }

  private CommitPipeline small(int capacity) {
    CommitPipeline made =
        pipeline(
            EngineOptions.defaults()
                .with(Limit.LANES, 1)
                .with(Limit.LANE_CAPACITY, capacity)
                .with(Limit.MAX_BATCH, 1));
    others.add(made);
    return made;
  }

  @AfterEach
  void close() {
    pipeline.close();
    others.forEach(CommitPipeline::close);
  }

  private PendingSend submit(CommitPipeline to, UserId sender, ConversationId talk, String text) {
    PendingSend send = fixture.send(sender, talk, text);
    if (to.enter(send)) {
      to.submit(send);
    }
    return send;
  }

  private PendingSend submit(String text) {
    return submit(pipeline, ADA, fixture.talk, text);
  }

  private static long seq(PendingSend send) {
    return send.result().join().seq();
  }

  private static void awaitDespiteInterrupts(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        latch.await();
        done = true;
      } catch (InterruptedException endOfEngine) {
        // goes on
      }
    }
  }

  /** Appends wait for the latch; the second latch tells that one does. */
  private CountDownLatch hold(CountDownLatch until) {
    CountDownLatch begun = new CountDownLatch(1);
    store.append =
        (drafts, wait) -> {
          begun.countDown();
          awaitDespiteInterrupts(until);
          return store.real.append(drafts, wait);
        };
    return begun;
  }

  private void waitUntilNothingIsPending() {
    await().untilAsserted(() -> assertThat(pipeline.pending()).isZero());
  }

  // ---- lanes

  @Test
  void whatQueuesUpDuringACommitIsTheNextBatch() {
    CountDownLatch until = new CountDownLatch(1);
    CountDownLatch begun = hold(until);
    List<PendingSend> sends = new ArrayList<>(List.of(submit("0")));
    awaitDespiteInterrupts(begun);
    for (int i = 1; i < 20; i++) {
      sends.add(submit("" + i));
    }
    assertThat(pipeline.pending()).isEqualTo(20);
    assertThat(fixture.count("sends_pending")).isEqualTo(20);
    until.countDown();
    for (int i = 0; i < 20; i++) {
      assertThat(seq(sends.get(i))).isEqualTo(i + 1);
    }
    assertThat(store.calls).hasSize(2);
    waitUntilNothingIsPending();
  }

  @Test
  void aFullLaneIsBusyAndLaterHasRoomAgain() {
    CommitPipeline small = small(4);
    CountDownLatch until = new CountDownLatch(1);
    CountDownLatch begun = hold(until);
    PendingSend first = submit(small, ADA, fixture.talk, "first");
    awaitDespiteInterrupts(begun);
    PendingSend second = submit(small, ADA, fixture.other, "second");
    PendingSend third = submit(small, ADA, fixture.other, "third");
    PendingSend fourth = submit(small, BOB, fixture.talk, "fourth");
    ConversationId free = store.direct(3, ADA, UserId.of("cleo"));
    PendingSend tooMany = submit(small, ADA, free, "too many");
    refused(tooMany, ErrorCode.BUSY, false);
    assertThat(fixture.count("sends_failed")).isEqualTo(1);
    until.countDown();
    assertThat(List.of(seq(first), seq(fourth), seq(second), seq(third)))
        .containsExactly(1L, 2L, 1L, 2L);
    await().until(() -> small.pending() == 0);
    assertThat(seq(submit(small, ADA, free, "now"))).isEqualTo(1);
  }

  @Test
  void aLaneBoundsItsBytesToo() {
    CountDownLatch until = new CountDownLatch(1);
    hold(until);
    String large = "x".repeat(4 << 20); // 8 MiB in memory
    List<PendingSend> sends = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      sends.add(submit(large));
    }
    assertThat(sends.stream().filter(PendingSend::isAnswered)).hasSize(2);
    refused(sends.get(8), ErrorCode.BUSY, false);
    until.countDown();
    assertThat(seq(sends.get(0))).isEqualTo(1);
    waitUntilNothingIsPending();
    assertThat(seq(submit(large))).isEqualTo(8);
    CountDownLatch again = new CountDownLatch(1);
    hold(again);
    List<PendingSend> next = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      next.add(submit(large));
    }
    assertThat(next).as("what was refused takes no room").noneMatch(PendingSend::isAnswered);
    again.countDown();
  }

  @Test
  void oneConversationMayUseHalfOfALane() {
    CommitPipeline small = small(4);
    CountDownLatch until = new CountDownLatch(1);
    hold(until);
    submit(small, ADA, fixture.talk, "1");
    submit(small, ADA, fixture.talk, "2");
    PendingSend third = submit(small, ADA, fixture.talk, "3");
    refused(third, ErrorCode.BUSY, false);
    assertThat(SendFixture.refusal(third.result()))
        .hasMessageContaining("conversation " + fixture.talk);
    unanswered(submit(small, ADA, fixture.other, "4"));
    until.countDown();
  }

  @Test
  void pendingCountsWhatFollowsTheCommit() {
    CountDownLatch until = new CountDownLatch(1);
    fixture.sink = (fresh, duplicates) -> awaitDespiteInterrupts(until);
    PendingSend send = submit("one");
    assertThat(seq(send)).isEqualTo(1);
    assertThat(fixture.count("sends_pending")).isZero();
    assertThat(pipeline.pending()).isEqualTo(1);
    until.countDown();
    waitUntilNothingIsPending();
  }

  @Test
  void aCommitterThatFailsRefusesTheBatchAndTheLaneGoesOn() {
    store.findFault = new AssertionError("thrown on purpose");
    PendingSend refused = submit("refused");
    await().until(refused::isAnswered);
    refused(refused, ErrorCode.INTERNAL, false);
    String large = "x".repeat(4 << 20); // 8 MiB in memory
    for (int i = 0; i < 10; i++) {
      PendingSend next = submit(large);
      await().until(next::isAnswered);
      refused(next, ErrorCode.INTERNAL, false); // and not busy: the lane has its room back
    }
    store.findFault = null;
    assertThat(seq(submit("goes on"))).isEqualTo(1);
    waitUntilNothingIsPending();
  }

  @Test
  void whileTheBreakerIsOpenSendsAreRefusedAtOnceAndQueuedOnesToo() {
    CountDownLatch until = new CountDownLatch(1);
    CountDownLatch begun = hold(until);
    CommitPipeline small = small(100);
    submit(small, ADA, fixture.talk, "first");
    awaitDespiteInterrupts(begun);
    PendingSend queued = submit(small, ADA, fixture.other, "queued");
    fixture.breaker.failed(new IllegalStateException("on purpose"));
    refused(submit("refused"), ErrorCode.UNAVAILABLE, false);
    unanswered(queued);
    until.countDown();
    await().until(queued::isAnswered);
    refused(queued, ErrorCode.UNAVAILABLE, false);
  }

  @Test
  void onceItRefusesNewSendsTheOldOnesGoOn() {
    CountDownLatch until = new CountDownLatch(1);
    CountDownLatch begun = hold(until);
    PendingSend old = submit("old");
    awaitDespiteInterrupts(begun);
    PendingSend entered = fixture.send("entered");
    pipeline.enter(entered);
    pipeline.refuse();
    refused(submit("new"), ErrorCode.UNAVAILABLE, false);
    pipeline.submit(entered);
    until.countDown();
    assertThat(seq(old)).isEqualTo(1);
    assertThat(seq(entered)).isEqualTo(2);
  }

  // ---- time

  @Test
  void whatIsOverdueInTheQueueIsRefusedForCertainAndNotStored() {
    CommitPipeline small = small(100);
    CountDownLatch until = new CountDownLatch(1);
    CountDownLatch begun = hold(until);
    PendingSend attempted = submit(small, ADA, fixture.talk, "attempted");
    awaitDespiteInterrupts(begun);
    PendingSend queued = submit(small, ADA, fixture.talk, "queued");
    fixture.nanos.addAndGet(SEND_TIMEOUT.toNanos() - 1);
    small.expire();
    unanswered(queued);
    fixture.nanos.addAndGet(1);
    small.expire();
    refused(queued, ErrorCode.BUSY, false);
    unanswered(attempted);
    fixture.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    small.expire();
    refused(attempted, ErrorCode.UNAVAILABLE, true);
    assertThat(fixture.count("sends_failed")).isEqualTo(2);
    assertThat(small.pending()).isEqualTo(2); // still in the hands of the lane
    until.countDown();
    await().until(() -> small.pending() == 0);
    assertThat(store.texts(fixture.talk)).containsExactly("attempted");
    assertThat(fixture.fresh).hasSize(1); // its readers get it all the same
  }

  @Test
  void theTimeOfASendBeginsAnewWhenItIsSubmitted() {
    PendingSend send = fixture.send("slow hook");
    pipeline.enter(send);
    pipeline.allowTime(send, Duration.ofSeconds(5));
    fixture.nanos.addAndGet(SEND_TIMEOUT.toNanos() + Duration.ofSeconds(5).toNanos() - 1);
    pipeline.expire();
    unanswered(send);
    CountDownLatch until = new CountDownLatch(1);
    CountDownLatch begun = hold(until);
    pipeline.submit(send);
    awaitDespiteInterrupts(begun);
    fixture.nanos.addAndGet(SEND_TIMEOUT.toNanos() - 1);
    pipeline.expire();
    unanswered(send);
    until.countDown();
    assertThat(seq(send)).isEqualTo(1);
  }

  // ---- locks

  private AtomicBoolean lock(ConversationId conversation) {
    AtomicBoolean isLocked = new AtomicBoolean(true);
    store.append =
        (drafts, wait) -> {
          if (!isLocked.get()) {
            return store.real.append(drafts, wait);
          }
          List<AppendOutcome> outcomes = new ArrayList<>();
          for (Draft draft : drafts) {
            outcomes.addAll(
                draft.conversation().equals(conversation)
                    ? locked(List.of(draft))
                    : store.real.append(List.of(draft), wait));
          }
          return outcomes;
        };
    return isLocked;
  }

  @Test
  void sendsToALockedConversationKeepTheirOrderAndNobodyElseWaits() {
    AtomicBoolean isLocked = lock(fixture.talk);
    List<PendingSend> held = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      held.add(submit("" + i));
    }
    assertThat(seq(submit(pipeline, ADA, fixture.other, "passes"))).isEqualTo(1);
    await().until(() -> store.calls.stream().anyMatch(call -> !call.lockWait().isZero()));
    assertThat(pipeline.pending()).isEqualTo(20);
    isLocked.set(false);
    for (int i = 0; i < 20; i++) {
      assertThat(seq(held.get(i))).isEqualTo(i + 1);
    }
    waitUntilNothingIsPending();
    assertThat(fixture.count("sends_waiting_for_retry")).isZero();
    assertThat(store.calls)
        .allSatisfy(call -> assertThat(call.lockWait()).isIn(Duration.ZERO, RetryQueue.LOCK_WAIT));
  }

  @Test
  void aConversationThatStaysLockedIsBusyForCertain() {
    lock(fixture.talk);
    PendingSend held = submit("held");
    await().until(() -> store.calls.size() > 3);
    fixture.nanos.addAndGet(SEND_TIMEOUT.toNanos());
    await().until(held::isAnswered);
    refused(held, ErrorCode.BUSY, false);
    waitUntilNothingIsPending();
  }

  @Test
  void lockedConversationsHaveABoundOfTheirOwnAndDoNotFillTheLane() {
    CommitPipeline small = small(4);
    AtomicBoolean isLocked = new AtomicBoolean(true);
    store.append =
        (drafts, wait) ->
            isLocked.get() && !has(drafts, "passes")
                ? locked(drafts)
                : store.real.append(drafts, wait);
    List<PendingSend> held = new ArrayList<>();
    for (int i = 10; i < 20; i++) {
      ConversationId conversation = store.direct(i, ADA, UserId.of("u" + i));
      held.add(submit(small, ADA, conversation, "held"));
      int sent = held.size();
      await().until(() -> store.calls.size() >= sent);
    }
    await().until(() -> held.stream().filter(send -> !send.isAnswered()).count() <= 8);
    held.stream()
        .filter(PendingSend::isAnswered)
        .forEach(send -> refused(send, ErrorCode.BUSY, false));
    assertThat(held.stream().filter(send -> !send.isAnswered())).hasSizeBetween(2, 8);
    await() // until the lane has handed over what is locked
        .ignoreExceptions()
        .until(() -> seq(submit(small, ADA, fixture.other, "passes")) == 1);
    isLocked.set(false);
    held.stream().filter(send -> !send.result().isDone()).forEach(CommitPipelineTest::seq);
  }

  @Test
  void aFaultInARetryRefusesItsSends() {
    AtomicBoolean isLocked = lock(fixture.talk);
    PendingSend held = submit("held");
    await().until(() -> store.calls.size() > 2);
    store.findFault = new AssertionError("the directory remembers, so this is not seen");
    fixture.idFault = null;
    ScriptedStore.Append inner = store.append;
    store.append =
        (drafts, wait) -> {
          throw new IllegalStateException("thrown on purpose");
        };
    await().until(held::isAnswered);
    refused(held, ErrorCode.INTERNAL, false);
    store.append = inner;
    isLocked.set(false);
    assertThat(seq(submit("next"))).isEqualTo(1);
  }

  @Test
  void anErrorInARetryIsADoubtAndTheConversationGoesOn() {
    AtomicBoolean isLocked = lock(fixture.talk);
    PendingSend held = submit("held");
    await().until(() -> store.calls.size() > 2);
    fixture.idError = new AssertionError("thrown on purpose");
    await().until(held::isAnswered);
    refused(held, ErrorCode.UNAVAILABLE, true);
    fixture.idError = null;
    isLocked.set(false);
    assertThat(seq(submit("next"))).isEqualTo(1);
    waitUntilNothingIsPending();
  }

  // ---- doubt

  /** The store breaks off after the commit, or before it, until it is told not to. */
  private AtomicBoolean breakOff(boolean stores) {
    AtomicBoolean breaksOff = new AtomicBoolean(true);
    store.append =
        (drafts, wait) -> {
          if (!breaksOff.get()) {
            return store.real.append(drafts, wait);
          }
          if (stores) {
            store.real.append(drafts, wait);
          }
          throw new StoreInDoubtException("broken off, on purpose", null);
        };
    return breaksOff;
  }

  private void closeBreaker() {
    fixture.probed = CompletableFuture.completedFuture("works");
    await().until(() -> !fixture.delay.waiting.isEmpty());
    while (!fixture.delay.waiting.isEmpty()) {
      fixture.delay.end();
    }
  }

  @Test
  void aCommitInDoubtIsTriedAgainWhenTheStoreAnswersAndTheLaneIsFreeMeanwhile() {
    for (boolean stores : new boolean[] {true, false}) {
      AtomicBoolean breaksOff = breakOff(stores);
      long before = store.real.after(fixture.talk, 0, 100).size();
      PendingSend doubted = submit("doubted");
      await().until(doubted::isInDoubt);
      breaksOff.set(false);
      unanswered(doubted);
      assertThat(pipeline.pending()).isPositive();
      closeBreaker();
      PendingSend elsewhere = submit(pipeline, ADA, fixture.other, "elsewhere");
      assertThat(seq(elsewhere)).isPositive();
      assertThat(seq(doubted)).isEqualTo(before + 1);
      assertThat(doubted.result().join().duplicate()).isFalse();
      waitUntilNothingIsPending();
    }
  }

  @Test
  void laterSendsToAConversationInDoubtWaitBehindIt() {
    AtomicBoolean isAway = new AtomicBoolean(true);
    store.append =
        (drafts, wait) -> {
          if (isAway.get() && has(drafts, "doubted")) {
            throw new StackOverflowError("in doubt, and the breaker stays closed");
          }
          return store.real.append(drafts, wait);
        };
    PendingSend doubted = submit("doubted");
    await().until(doubted::isInDoubt);
    PendingSend behind = submit("behind");
    assertThat(seq(submit(pipeline, ADA, fixture.other, "elsewhere"))).isEqualTo(1);
    unanswered(behind);
    isAway.set(false);
    assertThat(seq(behind)).isEqualTo(2);
    assertThat(seq(doubted)).isEqualTo(1);
  }

  @Test
  void manyConversationsInDoubtAreTriedTogether() {
    AtomicBoolean breaksOff = breakOff(false);
    CountDownLatch until = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    ScriptedStore.Append breaking = store.append;
    store.append =
        (drafts, wait) -> {
          begun.countDown();
          awaitDespiteInterrupts(until);
          return breaking.append(drafts, wait);
        };
    CommitPipeline one = pipeline(EngineOptions.defaults().with(Limit.LANES, 1));
    others.add(one);
    List<PendingSend> sends = new ArrayList<>();
    for (int i = 10; i < 40; i++) {
      sends.add(submit(one, ADA, store.direct(i, ADA, UserId.of("u" + i)), "doubted"));
      awaitDespiteInterrupts(begun);
    }
    until.countDown();
    await().until(() -> sends.get(0).isInDoubt());
    breaksOff.set(false);
    int before = store.calls.size();
    closeBreaker();
    await().until(() -> sends.stream().allMatch(PendingSend::isAnswered));
    assertThat(seq(sends.get(0))).isEqualTo(1);
    assertThat(store.calls.size() - before).isLessThan(10);
  }

  @Test
  void aDoubtThatLastsIsToldAtTheTimeOutAndLaterSendsGoOn() {
    AtomicInteger broken = new AtomicInteger();
    store.append =
        (drafts, wait) -> {
          if (has(drafts, "doubted")) {
            broken.incrementAndGet();
            throw new StackOverflowError("in doubt, and the breaker stays closed");
          }
          return store.real.append(drafts, wait);
        };
    PendingSend doubted = submit("doubted");
    await().until(() -> broken.get() > 1);
    PendingSend behind = submit("behind");
    behind.expiresAt(Duration.ofHours(1).toNanos());
    fixture.nanos.addAndGet(SEND_TIMEOUT.toNanos());
    await().until(doubted::isAnswered);
    refused(doubted, ErrorCode.UNAVAILABLE, true);
    assertThat(seq(behind)).isEqualTo(1);
    waitUntilNothingIsPending();
  }

  // ---- the close

  @Test
  void theCloseAnswersWhatIsQueuedLockedAndInDoubt() {
    CountDownLatch until = new CountDownLatch(1);
    CommitPipeline closing = small(100);
    store.append =
        (drafts, wait) -> {
          if (has(drafts, "doubted")) {
            throw new StackOverflowError("in doubt, and the breaker stays closed");
          }
          if (has(drafts, "held")) {
            return locked(drafts);
          }
          awaitDespiteInterrupts(until);
          return store.real.append(drafts, wait);
        };
    PendingSend doubted = submit(closing, ADA, fixture.talk, "doubted");
    PendingSend held = submit(closing, ADA, fixture.other, "held");
    await().until(() -> doubted.isInDoubt() && store.calls.size() > 3);
    PendingSend underWay =
        submit(closing, ADA, store.direct(3, ADA, UserId.of("cleo")), "under way");
    await().until(underWay::isAttempting);
    PendingSend queued = submit(closing, ADA, store.direct(4, ADA, UserId.of("dan")), "queued");
    PendingSend inHook = fixture.send("in a hook");
    closing.enter(inHook);
    closing.close();
    refused(doubted, ErrorCode.UNAVAILABLE, true);
    refused(held, ErrorCode.UNAVAILABLE, false);
    refused(underWay, ErrorCode.UNAVAILABLE, true);
    refused(queued, ErrorCode.UNAVAILABLE, false);
    refused(inHook, ErrorCode.UNAVAILABLE, false);
    PendingSend late = submit(closing, ADA, fixture.talk, "late");
    refused(late, ErrorCode.UNAVAILABLE, false);
    until.countDown();
    closing.close();
  }

  @Test
  void weightsCountAttributesAndMentions() {
    PendingSend bare = fixture.send("x");
    PendingSend rich =
        SendFixture.pending(
            ADA,
            fixture.talk,
            NewMessage.text("x")
                .withAttributes("a".repeat(1_000))
                .withMentions(Collections.nCopies(10, BOB)),
            PendingSend.Listener.NONE);
    assertThat(rich.weight() - bare.weight()).isGreaterThan(2_000);
  }
}
