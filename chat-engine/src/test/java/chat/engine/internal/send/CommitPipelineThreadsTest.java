package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.ScriptedStore.has;
import static chat.engine.internal.send.SendFixture.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.UserId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of a pipeline: how sends are spread over them, and that they end. */
@Timeout(60)
final class CommitPipelineThreadsTest {
  private static final int LANES = 4;
  private static final Duration SEND_TIMEOUT = Duration.ofMillis(100);

  private final SendFixture fixture = new SendFixture();

  private CommitPipeline pipeline() {
    return new CommitPipeline(
        fixture.committer,
        fixture.breaker,
        EngineOptions.defaults().with(Limit.LANES, LANES).with(Limit.SEND_TIMEOUT, SEND_TIMEOUT),
        fixture.metrics,
        fixture.nanos::get);
  }

  private PendingSend submit(CommitPipeline pipeline, ConversationId conversation, String text) {
    PendingSend send = fixture.send(ADA, conversation, text);
    if (pipeline.enter(send)) {
      pipeline.submit(send);
    }
    return send;
  }

  @Test
  void aConversationWhoseCommitHangsHoldsUpOnlyThoseOfItsLane() {
    CountDownLatch goOn = new CountDownLatch(1);
    fixture.store.append =
        (drafts, wait) -> {
          if (has(drafts, "hangs")) {
            try {
              goOn.await();
            } catch (InterruptedException closing) {
              throw new IllegalStateException(closing);
            }
          }
          return fixture.store.real.append(drafts, wait);
        };
    try (CommitPipeline pipeline = pipeline()) {
      PendingSend hangs = submit(pipeline, fixture.talk, "hangs");
      List<PendingSend> others = new ArrayList<>();
      for (int i = 10; i < 60; i++) {
        ConversationId conversation = fixture.store.direct(i, ADA, UserId.of("u" + i));
        others.add(submit(pipeline, conversation, "other"));
      }
      await().until(() -> others.stream().anyMatch(PendingSend::isAnswered));
      assertThat(hangs.isAnswered()).isFalse();
      goOn.countDown();
      others.forEach(other -> other.result().join());
    }
  }

  @Test
  void onceStartedItGivesUpOnSendsWhoseTimeIsOver() {
    try (CommitPipeline pipeline = pipeline();
        Timers timers = new Timers()) {
      PendingSend forgotten = fixture.send("still with the hook");
      pipeline.enter(forgotten);
      pipeline.start(timers);
      fixture.nanos.addAndGet(SEND_TIMEOUT.toNanos());
      await().until(forgotten::isAnswered);
      refused(forgotten, ErrorCode.BUSY, false);
    }
  }

  @Test
  void allItsThreadsEndWithTheClose() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    CommitPipeline pipeline = pipeline();
    Set<Thread> started = new HashSet<>(Thread.getAllStackTraces().keySet());
    started.removeAll(before);
    started.removeIf(thread -> !thread.getName().matches("chat-(lane|retry)-.*"));
    assertThat(started).hasSize(LANES + 3);
    pipeline.close();
    await().until(() -> started.stream().noneMatch(Thread::isAlive));
  }
}
