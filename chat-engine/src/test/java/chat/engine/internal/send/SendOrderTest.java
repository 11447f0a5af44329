package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.has;
import static chat.engine.internal.send.ScriptedStore.locked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/**
 * Per caller and conversation, seqs come in the order of the calls, whatever is locked, halved, in
 * doubt or away meanwhile.
 */
@Timeout(120)
final class SendOrderTest {
  private static final int CONVERSATIONS = 4;
  private static final int SENDS = 1_500;

  private record Caller(UserId user, ConversationId conversation) {}

  private final SendFixture fixture = new SendFixture();
  private final ScriptedStore store = fixture.store;
  private final CircuitBreaker breaker =
      new CircuitBreaker(
          () -> CompletableFuture.completedFuture("works"),
          (delay, task) ->
              CompletableFuture.delayedExecutor(
                      Math.min(delay.toNanos(), 2_000_000), TimeUnit.NANOSECONDS)
                  .execute(task),
          () -> {});

  /** So many attempts go well first, so that something is stored with any seed. */
  private static final int FAULTLESS = 10;

  private int appends;

  @RepeatedTest(2)
  void callsOfOneCallerInOneConversationKeepTheirOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Random faults = new Random(seed + 1);
    List<Caller> callers = new ArrayList<>();
    for (int i = 0; i < CONVERSATIONS; i++) {
      UserId one = UserId.of("one" + i);
      UserId two = UserId.of("two" + i);
      ConversationId conversation = store.direct(100 + i, one, two);
      callers.add(new Caller(one, conversation));
      callers.add(new Caller(two, conversation));
    }
    store.append = (drafts, wait) -> faulty(faults, drafts, wait);
    Committer committer = fixture.committer(breaker);
    try (CommitPipeline pipeline =
        new CommitPipeline(
            committer,
            breaker,
            EngineOptions.defaults().with(Limit.LANES, 2).with(Limit.MAX_BATCH, 16),
            fixture.metrics)) {
      Map<Caller, List<PendingSend>> calls = new HashMap<>();
      for (int i = 0; i < SENDS; i++) {
        Caller caller = callers.get(random.nextInt(callers.size()));
        String text = random.nextInt(40) == 0 ? "poison" : "good";
        PendingSend send = fixture.send(caller.user(), caller.conversation(), text);
        if (pipeline.enter(send)) {
          pipeline.submit(send);
        }
        calls.computeIfAbsent(caller, unused -> new ArrayList<>()).add(send);
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  calls.values().stream()
                      .allMatch(sends -> sends.stream().allMatch(PendingSend::isAnswered)));
      int stored = 0;
      for (List<PendingSend> sends : calls.values()) {
        List<Long> seqs =
            sends.stream()
                .filter(send -> !send.result().isCompletedExceptionally())
                .map(send -> send.result().join().seq())
                .toList();
        assertThat(seqs).as("seed %d", seed).isSorted().doesNotHaveDuplicates();
        stored += seqs.size();
      }
      assertThat(stored).as("seed %d", seed).isPositive();
      for (Caller caller : callers) {
        assertThat(store.texts(caller.conversation())).doesNotContain("poison");
      }
    }
  }

  private List<AppendOutcome> faulty(Random random, List<Draft> drafts, Duration wait) {
    int dice;
    Set<ConversationId> held = new HashSet<>();
    synchronized (random) {
      dice = appends++ < FAULTLESS ? 99 : random.nextInt(100);
      for (Draft draft : drafts) {
        if (random.nextInt(6) == 0) {
          held.add(draft.conversation());
        }
      }
    }
    if (has(drafts, "poison")) {
      throw new IllegalStateException("thrown on purpose");
    }
    if (dice < 3) {
      throw new StoreBusyException("busy, on purpose", null);
    }
    if (dice < 5) {
      throw new StoreUnavailableException("away, on purpose", null);
    }
    if (dice < 8) {
      throw new StoreInDoubtException("broken off, on purpose", null);
    }
    List<AppendOutcome> outcomes = new ArrayList<>();
    for (Draft draft : drafts) {
      outcomes.addAll(
          held.contains(draft.conversation())
              ? locked(List.of(draft))
              : store.real.append(List.of(draft), wait));
    }
    if (dice < 16) {
      throw new StoreInDoubtException("broken off after the commit, on purpose", null);
    }
    if (dice < 20) {
      throw new StackOverflowError("in doubt, and the breaker stays closed");
    }
    return outcomes;
  }
}
