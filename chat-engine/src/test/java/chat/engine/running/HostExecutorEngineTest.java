package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.hook.SendHook;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An engine whose application brings the threads for its own code. */
@Timeout(120)
final class HostExecutorEngineTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CAROL = UserId.of("carol");
  private static final DeviceId DEVICE = DeviceId.of("device");
  private static final int MESSAGES = 300;

  private final CountDownLatch release = new CountDownLatch(1);
  private final List<ExecutorService> services = new ArrayList<>();
  private final List<ChatEngine> engines = new ArrayList<>();

  @AfterEach
  void close() {
    release.countDown();
    engines.forEach(ChatEngine::close);
    services.forEach(ExecutorService::shutdownNow);
  }

  private ExecutorService pool(int threads) {
    ExecutorService service =
        Executors.newFixedThreadPool(threads, task -> new Thread(task, "host"));
    services.add(service);
    return service;
  }

  private ChatEngine engine(Executor executor) {
    ChatEngine engine =
        ChatEngine.builder()
            .store(new InMemoryMessageStore())
            .executor(executor)
            .sendHook(
                SendHook.blocking(
                    (sender, conversation, message) ->
                        message.text().equals("where")
                            ? message.withText(Thread.currentThread().getName())
                            : message))
            .build();
    engines.add(engine);
    return engine;
  }

  private long fallbacks(ChatEngine engine) {
    return Objects.requireNonNull(engine.counters().get("executor_fallbacks"));
  }

  /** On a machine that is busy the executor may begin too late, which the engine counts. */
  @Test
  void listenersFuturesAndHooksRunOnTheExecutorUnlessItBeginsTooLate() {
    ChatEngine engine = engine(pool(4));
    Queue<String> threads = new ConcurrentLinkedQueue<>();
    engine
        .connect(
            BOB, DEVICE, ChatListener.of(event -> threads.add(Thread.currentThread().getName())))
        .join();
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    await().until(() -> threads.size() == 1);
    long late;
    do {
      threads.clear();
      late = fallbacks(engine);
      String answeredOn =
          engine
              .asUser(ADA)
              .send(talk, NewMessage.text("where"))
              .thenApply(ack -> Thread.currentThread().getName())
              .join();
      await().until(() -> threads.size() == 1);
      threads.add(
          engine.asUser(ADA).history(talk, HistoryQuery.newest()).join().messages().stream()
              .reduce((first, second) -> second)
              .orElseThrow()
              .text());
      if (!answeredOn.equals(Thread.currentThread().getName())) { // it was not answered before
        threads.add(answeredOn);
      }
    } while (fallbacks(engine) > late);
    assertThat(threads).as("listener, hook and future").containsOnly("host");
  }

  private enum Mood {
    SOUND,
    REFUSES_SOME,
    RUNS_ON_THE_CALLING_THREAD,
    DROPS_ALL,
    THROWS_ERRORS;

    Executor on(ExecutorService pool) {
      return switch (this) {
        case SOUND -> pool;
        case REFUSES_SOME ->
            task -> {
              if (System.nanoTime() % 3 == 0) {
                throw new RejectedExecutionException("on purpose");
              }
              pool.execute(task);
            };
        case RUNS_ON_THE_CALLING_THREAD -> Runnable::run;
        case DROPS_ALL -> task -> {};
        case THROWS_ERRORS ->
            task -> {
              throw new AssertionError("on purpose");
            };
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void whateverTheExecutorDoesNothingIsLostAndEverySessionIsInOrder(Mood mood) {
    ChatEngine engine = engine(mood.on(pool(4)));
    Queue<Long> seqs = new ConcurrentLinkedQueue<>();
    engine
        .connect(
            BOB,
            DEVICE,
            new ChatListener() {
              @Override
              public void onMessage(ChatSession session, Message message) {
                seqs.add(message.seq());
              }
            })
        .join();
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    List<CompletableFuture<?>> sends = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      sends.add(engine.asUser(ADA).send(talk, NewMessage.text("message " + i)));
    }
    sends.forEach(CompletableFuture::join);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(seqs)
                    .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, MESSAGES).mapToObj(Long::valueOf).toList()));
    assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
    if (mood == Mood.SOUND) {
      return; // on a busy machine a sound executor may be late, too
    }
    assertThat(fallbacks(engine)).isPositive();
  }

  @Test
  void aListenerThatBlocksTheWholeExecutorHoldsUpNobodyElse() {
    ChatEngine engine = engine(pool(1));
    CountDownLatch blocked = new CountDownLatch(1);
    engine
        .connect(
            BOB,
            DEVICE,
            ChatListener.of(
                event -> {
                  blocked.countDown();
                  try {
                    release.await();
                  } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                  }
                }))
        .join();
    RecordingListener carol = new RecordingListener();
    engine.connect(CAROL, DEVICE, carol).join();
    ConversationId bobs = engine.asUser(ADA).openDirect(BOB).join().id();
    await().until(() -> blocked.getCount() == 0);

    ConversationId carols = engine.asUser(ADA).openDirect(CAROL).join().id();
    for (int i = 0; i < 5; i++) {
      engine.asUser(ADA).send(carols, NewMessage.text("m" + i)).join();
      engine.asUser(ADA).send(bobs, NewMessage.text("m" + i)).join();
    }
    await().untilAsserted(() -> assertThat(carol.texts(carols)).hasSize(5));
  }

  @Test
  void aListenerOnTheExecutorMayCloseTheEngine() {
    ChatEngine engine = engine(pool(2));
    CountDownLatch returned = new CountDownLatch(1);
    engine
        .connect(
            BOB,
            DEVICE,
            ChatListener.of(
                event -> {
                  if (event instanceof chat.engine.event.MessageReceived) {
                    engine.close();
                    returned.countDown();
                  }
                }))
        .join();
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    engine.asUser(ADA).send(talk, NewMessage.text("hi")).join();
    await().atMost(Duration.ofSeconds(3)).until(() -> returned.getCount() == 0);
  }
}
