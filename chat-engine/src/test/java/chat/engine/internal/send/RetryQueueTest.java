package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.ScriptedStore.BOB;
import static chat.engine.internal.send.ScriptedStore.EVE;
import static chat.engine.internal.send.ScriptedStore.locked;
import static chat.engine.internal.send.SendFixture.ack;
import static chat.engine.internal.send.SendFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ErrorCode;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingSend;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queue by itself; what it does for lanes is in {@link CommitPipelineTest}. */
@Timeout(60)
final class RetryQueueTest {
  private final SendFixture fixture = new SendFixture();
  private final RetryQueue retries =
      new RetryQueue(
          fixture.committer,
          EngineOptions.defaults().with(Limit.LANE_CAPACITY, 2),
          fixture.nanos::get);

  @AfterEach
  void close() {
    retries.close();
  }

  @Test
  void whatWaitsAndWhatIsTriedIsCountedAndAFullQueueIsBusy() throws InterruptedException {
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch tried = new CountDownLatch(2);
    fixture.store.append =
        (drafts, wait) -> {
          tried.countDown();
          try {
            goOn.await();
          } catch (InterruptedException closing) {
            throw new IllegalStateException(closing);
          }
          return fixture.store.real.append(drafts, wait);
        };
    PendingSend locked = fixture.send("locked");
    PendingSend doubted = fixture.send(ADA, fixture.other, "doubted");
    doubted.attemptIsInDoubt(new IllegalStateException("on purpose"));
    retries.add(List.of(locked));
    retries.add(List.of(doubted));
    assertThat(tried.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(retries.pending()).isEqualTo(2);
    assertThat(retries.waiting()).isZero();

    PendingSend second = fixture.send("second");
    PendingSend third = fixture.send(BOB, fixture.talk, "third");
    PendingSend tooMany = fixture.send("too many");
    assertThat(retries.joinIfWaiting(second)).isTrue();
    assertThat(retries.joinIfWaiting(third)).isTrue();
    assertThat(retries.waiting()).isEqualTo(2);
    assertThat(retries.joinIfWaiting(tooMany)).as("it is answered").isTrue();
    refused(tooMany, ErrorCode.BUSY, false);
    PendingSend elsewhere = fixture.send(EVE, fixture.store.direct(3, EVE, BOB), "elsewhere");
    assertThat(retries.joinIfWaiting(elsewhere)).as("nothing waits there").isFalse();

    goOn.countDown();
    await().until(() -> retries.pending() == 0);
    assertThat(List.of(ack(locked).seq(), ack(second).seq(), ack(third).seq()))
        .containsExactly(1L, 2L, 3L);
    assertThat(ack(doubted).seq()).isEqualTo(1);
    assertThat(retries.waiting()).isZero();
  }

  @Test
  void lockedConversationsAreTriedOneByOneAndWaitForTheirLock() {
    AtomicBoolean isLocked = new AtomicBoolean(true);
    fixture.store.append =
        (drafts, wait) -> isLocked.get() ? locked(drafts) : fixture.store.real.append(drafts, wait);
    PendingSend one = fixture.send("one");
    PendingSend other = fixture.send(ADA, fixture.other, "other");
    retries.add(List.of(one, other));
    await()
        .until(
            () ->
                fixture.store.calls.stream().filter(call -> call.texts().contains("one")).count()
                        > 2
                    && fixture.store.calls.stream()
                            .filter(call -> call.texts().contains("other"))
                            .count()
                        > 2);
    assertThat(fixture.store.calls)
        .allSatisfy(
            call -> {
              assertThat(call.texts()).hasSize(1);
              assertThat(call.lockWait()).isEqualTo(RetryQueue.LOCK_WAIT);
            });
    isLocked.set(false);
    await().until(() -> one.isAnswered() && other.isAnswered());
  }
}
