package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.EnvelopeCodec;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.ReceiptWriter;
import chat.engine.internal.runtime.ElasticPool;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.Threads;
import chat.engine.internal.util.Timers;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An error ends no thread of the engine, and a lack of memory is told to the application. */
@Timeout(60)
final class ErrorsTest {
  private static final Topic TOPIC = new Topic("a");

  private final List<Throwable> told = new CopyOnWriteArrayList<>();
  private final Thread.UncaughtExceptionHandler before =
      Thread.getDefaultUncaughtExceptionHandler();
  private final OutOfMemoryError noMemory = new OutOfMemoryError("thrown on purpose");
  private final AtomicBoolean thrown = new AtomicBoolean();

  @BeforeEach
  void listen() {
    Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> told.add(fault));
  }

  @AfterEach
  void stopListening() {
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  /**
   * Without the default handler that Awaitility would put in the place of the test's. To be used by
   * the thread of the test only: at its end every wait sets the handler that it found at its
   * beginning, and on another thread that end may come during the next test.
   */
  private static ConditionFactory await() {
    return Awaitility.await().dontCatchUncaughtExceptions();
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void throwOnce() {
    if (thrown.compareAndSet(false, true)) {
      throw noMemory;
    }
  }

  /** The first call of the method throws. */
  private <T> T faulty(Class<T> type, T real, String name) {
    return type.cast(
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals(name)) {
                throwOnce();
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            }));
  }

  @Test
  void aThreadThatDiesIsToldToTheApplication() throws InterruptedException {
    Thread thread = Threads.named("test").newThread(this::throwOnce);
    thread.start();
    thread.join();
    assertThat(told).containsExactly(noMemory);
  }

  @Test
  void aBatchWorkerGoesOn() {
    List<Integer> handled = new CopyOnWriteArrayList<>();
    List<Integer> refused = new CopyOnWriteArrayList<>();
    try (BatchWorker<Integer> worker =
        new BatchWorker<>(
            Threads.named("test"),
            10,
            1,
            batch -> {
              throwOnce();
              handled.addAll(batch);
            },
            (items, cause) -> refused.addAll(items))) {
      worker.offer(1);
      worker.offer(2);
      await().until(() -> worker.pending() == 0);
      assertThat(refused).containsExactly(1);
      assertThat(handled).containsExactly(2);
      assertThat(told).containsExactly(noMemory);
    }
  }

  @Test
  void aTimerGoesOn() {
    try (Timers timers = new Timers()) {
      AtomicInteger runs = new AtomicInteger();
      timers.every(
          Duration.ofMillis(1),
          () -> {
            runs.incrementAndGet();
            throwOnce();
          });
      await().until(() -> runs.get() > 2);
      assertThat(told).containsExactly(noMemory);
    }
  }

  @Test
  void thePublisherGoesOnAndSaysThatItDropped() {
    List<Publication> handedOver = new CopyOnWriteArrayList<>();
    Router router =
        (Router)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Router.class},
                (proxy, method, arguments) -> {
                  throwOnce();
                  ((List<?>) arguments[0])
                      .forEach(publication -> handedOver.add((Publication) publication));
                  return null;
                });
    Envelope envelope = new Envelope.PresenceHint(List.of(), Envelope.PresenceHint.Kind.ARRIVED, 0);
    try (Publisher publisher =
        new Publisher(
            router,
            new EnvelopeCodec("epoch"),
            new Metrics(EngineTimings.NONE, InstantSource.system()))) {
      long begun = System.nanoTime();
      publisher.publish(List.of(TOPIC), envelope);
      await().until(() -> publisher.droppedSince(begun));
      long dropped = System.nanoTime();
      publisher.publish(List.of(TOPIC), envelope);
      await().until(() -> !handedOver.isEmpty());
      assertThat(publisher.droppedSince(dropped)).isFalse();
      assertThat(told).containsExactly(noMemory);
    }
  }

  @Test
  void subscriptionsGoOn() {
    Router router = faulty(Router.class, new InMemoryRouter.Network().join(), "subscribe");
    try (Subscriptions subscriptions = new Subscriptions(router)) {
      assertThatThrownBy(() -> subscriptions.acquire(List.of(TOPIC)).join()).hasCause(noMemory);
      subscriptions.acquire(List.of(new Topic("b"))).join();
      await().untilAsserted(() -> assertThat(told).containsExactly(noMemory));
    }
  }

  @Test
  void receiptsGoOn() {
    ConversationId nowhere = ConversationId.of(1);
    UserId ada = UserId.of("ada");
    ConversationStore conversations =
        faulty(ConversationStore.class, new InMemoryMessageStore().conversations(), "moveReceipts");
    try (ReceiptWriter receipts =
        new ReceiptWriter(conversations, null, null, 16_384)) { // there is nobody to show one to
      assertThatThrownBy(() -> receipts.submit(nowhere, ada, ReceiptKind.READ, 1, null).join())
          .hasMessageContaining("the engine failed");
      assertThatThrownBy(() -> receipts.submit(nowhere, ada, ReceiptKind.READ, 1, null).join())
          .hasMessageContaining("conversation");
      assertThat(told).containsExactly(noMemory);
    }
  }

  @Test
  void aDeliveryThreadThatCannotBeStartedIsNotCountedAndIsMadeUpForLater() {
    AtomicBoolean full = new AtomicBoolean();
    ThreadFactory threads =
        task ->
            new Thread(task) {
              @Override
              public void start() {
                if (full.get()) {
                  throw noMemory;
                }
                super.start();
              }
            };
    CountDownLatch release = new CountDownLatch(1);
    try (ElasticPool pool = new ElasticPool(1, 8, threads, true)) {
      pool.execute(() -> waitFor(release));
      CompletableFuture<Boolean> second = new CompletableFuture<>();
      pool.execute(() -> second.complete(true));
      full.set(true);
      await().untilAsserted(() -> assertThatThrownBy(pool::replaceStuckWorkers).isSameAs(noMemory));
      assertThat(pool.threadCount()).isEqualTo(1);
      full.set(false);
      pool.replaceStuckWorkers();
      assertThat(second.join()).isTrue();
      release.countDown();
    }
  }
}
