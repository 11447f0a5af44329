package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.testkit.ActiveFault;
import chat.engine.testkit.Fault;
import chat.engine.testkit.TestChat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever stands still, calls do not pile up: they are refused with {@code busy}. */
@Timeout(120)
final class BoundedCallsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final DeviceId DEVICE = DeviceId.of("phone");
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int THREADS = 8;
  private static final int MANY = 30_000;

  private final CountDownLatch goOn = new CountDownLatch(1);
  private final AtomicInteger held = new AtomicInteger();

  private final TestChat chat =
      TestChat.open(engine -> engine.maxApplicationThreads(THREADS).maxPendingCalls(100));

  @AfterEach
  void close() {
    goOn.countDown();
    chat.clearFaults();
    chat.close();
  }

  private static boolean isBusy(CompletableFuture<?> call) {
    return call.isCompletedExceptionally()
        && call.handle(
                (value, fault) ->
                    fault instanceof ChatException refusal && refusal.code() == ErrorCode.BUSY)
            .join();
  }

  /** On threads of the engine alone: what is hung on a future that is complete runs at once. */
  private void block(Thread test) {
    if (Thread.currentThread() == test) {
      return;
    }
    held.incrementAndGet();
    boolean waiting = true;
    while (waiting) {
      try {
        goOn.await();
        waiting = false;
      } catch (InterruptedException ignored) {
        // as an application that does not care
      }
    }
  }

  private long gauge(String name) {
    return Objects.requireNonNull(chat.engine().gauges().get(name));
  }

  @Test
  void dependentsThatNeverReturnHoldNoMemoryBeyondABound() {
    ChatEngine engine = chat.engine();
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    Thread test = Thread.currentThread();
    await()
        .atMost(LONG)
        .pollInSameThread()
        .until(
            () -> {
              CompletableFuture<Void> unused =
                  engine
                      .asUser(ADA)
                      .send(talk, NewMessage.text("held"))
                      .thenAccept(ack -> block(test));
              return held.get() >= THREADS;
            });
    List<Supplier<CompletableFuture<?>>> calls =
        List.of(
            () -> engine.asUser(ADA).send(talk, NewMessage.text("more")),
            () -> engine.asUser(ADA).history(talk, HistoryQuery.newest()),
            () -> engine.asUser(ADA).markRead(talk, 1),
            () -> engine.asUser(ADA).privacy(),
            () -> engine.asApplication().conversation(talk),
            () -> engine.connect(BOB, DEVICE, ChatListener.of(event -> {})));
    for (Supplier<CompletableFuture<?>> call : calls) {
      await().atMost(LONG).until(() -> isBusy(call.get()));
    }
    long open = gauge("answers_open");
    long waiting = gauge("answers_waiting");
    AtomicInteger taken = new AtomicInteger();
    for (int i = 0; i < MANY; i++) {
      if (!isBusy(calls.get(i % calls.size()).get())) {
        taken.incrementAndGet();
      }
    }
    assertThat(taken).hasValueLessThan(MANY / 100);
    assertThat(gauge("answers_open")).isLessThan(open + MANY / 100);
    assertThat(gauge("answers_waiting")).isLessThan(waiting + MANY / 100);
    goOn.countDown();
    for (Supplier<CompletableFuture<?>> call : calls) {
      await().atMost(LONG).until(() -> !isBusy(call.get()));
    }
  }

  @Test
  void usersWhoConnectWhileTheStoreHangsAreRefusedBeyondABound() {
    ActiveFault held = chat.inject(Fault.held().onReads());
    List<CompletableFuture<ChatSession>> connects = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      connects.add(chat.engine().connect(UserId.of("u" + i), DEVICE, ChatListener.of(event -> {})));
    }
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(connects.stream().filter(BoundedCallsTest::isBusy).count())
                    .isGreaterThan(1_000));
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(chat.engine().sessionCount()).isLessThan(1_000));
    held.close();
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(connects).allMatch(CompletableFuture::isDone));
    assertThat(connects.get(0)).isCompletedWithValueMatching(session -> session.user() != null);
  }
}
