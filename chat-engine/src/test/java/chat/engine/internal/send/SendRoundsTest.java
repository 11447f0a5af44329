package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.locked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoredMessage;
import chat.engine.testing.Logged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many short lives of lanes and retries, with threads of their own: small queues that are full,
 * conversations that are locked, batches that are refused, halved or in doubt, and a close in the
 * middle of it. Every send is answered, what is acknowledged is stored once and in order, and what
 * was refused for certain is not stored. A seed fixes the sends and the faults, not the order of
 * the threads.
 */
@Timeout(120)
final class SendRoundsTest {
  private static final int ROUNDS = 150;
  private static final int SENDS = 24;
  private static final int CALLERS = 3;

  @Test
  void everySendIsAnsweredTruly() {
    long first = Long.getLong("chat.send.seed", System.nanoTime());
    int acknowledged = 0;
    try (Logged quiet = Logged.below(Committer.class.getName()).quietly()) {
      for (long seed = first; seed < first + ROUNDS; seed++) {
        try {
          acknowledged += new Round(seed).run();
        } catch (AssertionError | RuntimeException fault) {
          throw new AssertionError("with -Dchat.send.seed=" + seed, fault);
        }
      }
      assertThat(quiet.lines()).isNotNull();
    }
    assertThat(acknowledged).isGreaterThan(ROUNDS);
  }

  private static final class Round {
    private final Random random;
    private final Random faults;
    private final boolean hasDoubts;
    private final SendFixture fixture = new SendFixture();
    private final List<List<PendingSend>> calls = new ArrayList<>();
    private final List<ConversationId> talks = new ArrayList<>();

    Round(long seed) {
      random = new Random(seed * 0x9E3779B97F4A7C15L);
      faults = new Random(random.nextLong());
      hasDoubts = random.nextInt(8) == 0; // the pause after a doubt takes longer than all else
    }

    int run() {
      for (int i = 0; i < CALLERS; i++) {
        talks.add(fixture.store.direct(100 + i, ScriptedStore.ADA, UserId.of("other" + i)));
        calls.add(new CopyOnWriteArrayList<>());
      }
      fixture.store.append = this::append;
      EngineOptions options =
          EngineOptions.defaults()
              .with(Limit.LANES, 1 + random.nextInt(2))
              .with(Limit.LANE_CAPACITY, 2 + random.nextInt(16))
              .with(Limit.MAX_BATCH, 1 + random.nextInt(6));
      try (CommitPipeline pipeline =
          new CommitPipeline(
              fixture.committer, fixture.breaker, options, fixture.metrics, fixture.nanos::get)) {
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          int caller = i;
          callers.add(CompletableFuture.runAsync(() -> call(pipeline, caller)));
        }
        if (random.nextInt(3) == 0) {
          CompletableFuture.anyOf(callers.toArray(CompletableFuture[]::new)).join();
          pipeline.close();
          callers.forEach(CompletableFuture::join);
        } else {
          callers.forEach(CompletableFuture::join);
          await()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(1))
              .until(() -> pipeline.pending() == 0);
        }
        return verify();
      }
    }

    private void call(CommitPipeline pipeline, int caller) {
      for (int i = 0; i < SENDS / CALLERS; i++) {
        PendingSend send =
            SendFixture.pending(
                ScriptedStore.ADA,
                talks.get(caller),
                NewMessage.text(caller + "-" + i),
                PendingSend.Listener.NONE);
        calls.get(caller).add(send);
        if (pipeline.enter(send)) {
          pipeline.submit(send);
        }
      }
    }

    private List<AppendOutcome> append(List<Draft> drafts, Duration wait) {
      int dice;
      synchronized (faults) {
        dice = faults.nextInt(20);
      }
      if (dice < 4) {
        return locked(drafts);
      }
      if (dice == 4) {
        throw new StoreBusyException("busy, on purpose", null);
      }
      if (dice == 5 && drafts.size() > 1) {
        throw new IllegalStateException("too many, on purpose");
      }
      if (dice == 6 && hasDoubts) {
        throw new StackOverflowError("in doubt before the commit, on purpose");
      }
      if (dice == 7) { // as PostgreSQL may: some of the conversations are locked
        List<AppendOutcome> outcomes = new ArrayList<>();
        for (Draft draft : drafts) {
          outcomes.addAll(
              draft.conversation().equals(talks.get(0))
                  ? locked(List.of(draft))
                  : fixture.store.real.append(List.of(draft), wait));
        }
        return outcomes;
      }
      List<AppendOutcome> outcomes = fixture.store.real.append(drafts, wait);
      if (dice == 8 && hasDoubts) {
        throw new StackOverflowError("in doubt after the commit, on purpose");
      }
      return outcomes;
    }

    private int verify() {
      int acknowledged = 0;
      for (int caller = 0; caller < CALLERS; caller++) {
        List<StoredMessage> stored = fixture.store.real.after(talks.get(caller), 0, 1_000);
        Map<String, Message> byText =
            stored.stream()
                .map(StoredMessage::message)
                .collect(Collectors.toMap(Message::text, Function.identity())); // throws if twice
        long last = 0;
        for (PendingSend send : calls.get(caller)) {
          String text = send.message().text();
          // a send leaves the pipeline just before it gets its answer, maybe on another thread
          await(text + " is answered").pollDelay(Duration.ZERO).until(send.result()::isDone);
          if (!send.result().isCompletedExceptionally()) {
            SendAck ack = send.result().join();
            assertThat(byText).as("%s is stored", text).containsKey(text);
            assertThat(ack.seq()).as(text).isEqualTo(byText.get(text).seq()).isGreaterThan(last);
            last = ack.seq();
            acknowledged++;
          } else if (!SendFixture.refusal(send.result()).inDoubt()) {
            assertThat(byText).as("refused for certain").doesNotContainKey(text);
          }
        }
      }
      return acknowledged;
    }
  }
}
