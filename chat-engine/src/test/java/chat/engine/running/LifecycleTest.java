package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.hook.SendHook;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testkit.RecordingListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From build to close: what an engine leaves behind, and what it answers to the last. */
@Timeout(120)
final class LifecycleTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final DeviceId DEVICE = DeviceId.of("d");
  private static final Duration LONG = Duration.ofSeconds(30);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final List<ChatEngine> engines = new ArrayList<>();

  /** What was closed, in its order. */
  private final Queue<String> closed = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    goOn.countDown();
    engines.forEach(ChatEngine::close);
  }

  private ChatEngine start(EngineBuilder builder) {
    ChatEngine engine = builder.build();
    engines.add(engine);
    return engine;
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.join();
  }

  private interface Interception {
    void before(Method method) throws Throwable;
  }

  private <T> T intercept(T target, Interception interception, Class<?>... types) {
    @SuppressWarnings("unchecked")
    T proxy =
        (T)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                types,
                (self, method, arguments) -> {
                  interception.before(method);
                  try {
                    return method.invoke(target, arguments);
                  } catch (InvocationTargetException fault) {
                    throw Objects.requireNonNull(fault.getCause());
                  }
                });
    return proxy;
  }

  private MessageStore store(Interception interception) {
    return intercept(
        (MessageStore) store, interception, MessageStore.class, MachineIdLeaseSource.class);
  }

  private Router router(Interception interception) {
    return intercept((Router) new InMemoryRouter.Network().join(), interception, Router.class);
  }

  private void blockDespiteInterrupts() {
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

  /** Threads that a session of tests before this one may still be ending are not counted. */
  private static Set<Thread> engineThreads() {
    Set<Thread> threads = new HashSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.isAlive() && thread.getName().startsWith("chat-")) {
        threads.add(thread);
      }
    }
    return threads;
  }

  private static List<String> newSince(Set<Thread> before) {
    Set<Thread> now = engineThreads();
    now.removeAll(before);
    return now.stream().map(Thread::getName).sorted().toList();
  }

  // ---- close

  /** After a close every future ever handed out is complete, no matter what the store is doing. */
  @Test
  void afterTheCloseEveryStageIsComplete() {
    AtomicBoolean stuck = new AtomicBoolean();
    ChatEngine engine =
        start(
            ChatEngine.builder()
                .store(
                    store(
                        method -> {
                          if (stuck.get() && method.getReturnType() != void.class) {
                            blockDespiteInterrupts();
                          }
                        }))
                .router(
                    router(
                        method -> {
                          if (stuck.get() && method.getName().equals("subscribed")) {
                            blockDespiteInterrupts();
                          }
                        })));
    ChatSession ada = get(engine.connect(ADA, DEVICE, ChatListener.of(event -> {})));
    ConversationId talk = get(ada.openDirect(BOB)).id();
    stuck.set(true);
    List<CompletableFuture<?>> futures = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      futures.add(ada.history(talk, HistoryQuery.newest()));
      futures.add(engine.connect(UserId.of("u" + i), DEVICE, ChatListener.of(event -> {})));
      futures.add(ada.sync(Map.of()));
      futures.add(ada.members(talk, PageQuery.first()));
      futures.add(ada.conversations(PageQuery.first()));
      futures.add(ada.inbox(PageQuery.first()));
      futures.add(ada.send(talk, NewMessage.text("m" + i)));
      futures.add(ada.markRead(talk, 1));
      futures.add(ada.watchPresence(Set.of(BOB)));
      futures.add(ada.createGroup("g" + i, Set.of(BOB)));
      futures.add(ada.presence(Set.of(BOB)));
      futures.add(engine.asApplication().send(talk, NewMessage.text("s" + i)));
    }
    engine.drain(Duration.ofMillis(100));
    engine.close();
    assertThat(futures).allMatch(future -> future.isDone());
    futures.add(ada.history(talk, HistoryQuery.newest()));
    futures.add(engine.connect(BOB, DEVICE, ChatListener.of(event -> {})));
    futures.add(engine.asUser(ADA).send(talk, NewMessage.text("late")));
    futures.add(engine.asUser(ADA).markRead(talk, 1));
    futures.add(engine.asUser(ADA).members(talk, PageQuery.first()));
    await() // a late call is refused by another thread
        .until(() -> futures.stream().allMatch(future -> future.isDone()));
  }

  @Test
  void closingIsIdempotentAndTwoAtOnceBothWaitForTheEnd() throws Exception {
    CountDownLatch closing = new CountDownLatch(1);
    ChatEngine engine =
        start(
            ChatEngine.builder()
                .store(
                    store(
                        method -> {
                          if (method.getName().equals("close")) {
                            closing.countDown();
                            blockDespiteInterrupts();
                            closed.add("store");
                          }
                        })));
    CompletableFuture<Void> first = CompletableFuture.runAsync(engine::close);
    closing.await();
    CompletableFuture<List<String>> second =
        CompletableFuture.supplyAsync(
            () -> {
              engine.close();
              return List.copyOf(closed);
            });
    assertThatThrownBy(() -> second.get(100, TimeUnit.MILLISECONDS))
        .as("not before the first has ended")
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    goOn.countDown();
    first.join();
    assertThat(second.join()).containsExactly("store");
    engine.close();
    assertThat(closed).containsExactly("store");
  }

  @Test
  void anEngineMayBeClosedFromInsideAListenerAHookAndADependent() {
    for (String from : List.of("listener", "send hook", "observer", "dependent")) {
      Set<Thread> before = engineThreads();
      AtomicReference<ChatEngine> self = new AtomicReference<>();
      AtomicInteger closings = new AtomicInteger();
      java.util.function.Consumer<String> here =
          place -> {
            if (place.equals(from)) {
              closings.incrementAndGet();
              Objects.requireNonNull(self.get()).close();
            }
          };
      ChatEngine engine =
          ChatEngine.builder()
              .store(store)
              .sendHook(
                  SendHook.blocking(
                      (sender, conversation, message) -> {
                        here.accept("send hook");
                        return message;
                      }))
              .commitObserver((conversation, message) -> here.accept("observer"))
              .build();
      self.set(engine);
      get(
          engine.connect(
              BOB,
              DEVICE,
              ChatListener.of(
                  event -> {
                    if (event instanceof MessageReceived) {
                      here.accept("listener");
                    }
                  })));
      ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
      CompletableFuture<?> sent = engine.asUser(ADA).send(talk, NewMessage.text("end"));
      CompletableFuture<?> dependent = sent.whenComplete((ack, fault) -> here.accept("dependent"));
      await().atMost(LONG).until(() -> closings.get() == 1);
      await().atMost(LONG).until(() -> sent.isDone() && dependent.isDone());
      await()
          .atMost(LONG)
          .untilAsserted(() -> assertThat(newSince(before)).as("closed from a " + from).isEmpty());
    }
  }

  /** Whatever throws, the rest is closed. */
  @Test
  void partsThatThrowWhenTheyAreClosedLeaveNothingElseOpen() {
    Set<Thread> before = engineThreads();
    MachineIdLeases leases =
        intercept(
            store.machineIdLeases(),
            method -> {
              if (method.getName().equals("release")) {
                closed.add("lease");
              }
            },
            MachineIdLeases.class);
    SonyflakeIdGenerator generator = SonyflakeIdGenerator.create(leases);
    IdGenerator ids =
        intercept(
            (IdGenerator) generator,
            method -> {
              if (method.getName().equals("close")) {
                generator.close();
                closed.add("ids");
                throw new IllegalStateException("the ids' fault, on purpose");
              }
            },
            IdGenerator.class);
    ChatEngine engine =
        start(
            ChatEngine.builder()
                .store(
                    store(
                        method -> {
                          if (method.getName().equals("close")) {
                            closed.add("store");
                            throw new AssertionError("the store's fault, on purpose");
                          }
                        }))
                .router(
                    router(
                        method -> {
                          if (method.getName().equals("close")) {
                            closed.add("router");
                            throw new IllegalStateException("the router's fault, on purpose");
                          }
                        }))
                .ids(ids));
    get(engine.asUser(ADA).openDirect(BOB));
    engine.close();
    assertThat(closed).contains("router", "ids", "lease", "store").endsWith("store");
    await().atMost(LONG).untilAsserted(() -> assertThat(newSince(before)).isEmpty());
  }

  @Test
  void aDependentThatNeverReturnsDoesNotHoldUpTheClose() {
    ChatEngine engine = start(ChatEngine.builder().store(store));
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    AtomicInteger blocked = new AtomicInteger();
    for (int i = 0; i < 8; i++) {
      engine
          .asUser(ADA)
          .history(talk, HistoryQuery.newest())
          .whenComplete(
              (page, fault) -> {
                if (!Thread.currentThread().getName().equals("main")) {
                  blocked.incrementAndGet();
                  blockDespiteInterrupts();
                }
              });
    }
    engine.drain(Duration.ofMillis(200));
    long begun = System.nanoTime();
    engine.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LONG);
    assertThat(blocked.get()).isPositive();
  }

  // ---- build

  /** Three failed builds left thirty threads running. */
  @Test
  void buildsThatFailLeaveNoThreadAndNoLeaseAndTheStoreOpen() {
    Set<Thread> before = engineThreads();
    AtomicInteger held = new AtomicInteger();
    MachineIdLeases leases =
        intercept(
            store.machineIdLeases(),
            method -> {
              if (method.getName().equals("acquire")) {
                held.incrementAndGet();
              } else if (method.getName().equals("release")) {
                held.decrementAndGet();
              }
            },
            MachineIdLeases.class);
    for (String failing : List.of("start", "epoch", "conversations")) {
      MessageStore over =
          (MessageStore)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {MessageStore.class, MachineIdLeaseSource.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals(failing)) {
                      throw new StoreUnavailableException("away, on purpose", null);
                    }
                    if (method.getName().equals("close")) {
                      closed.add("store");
                    }
                    return method.getName().equals("machineIdLeases")
                        ? leases
                        : method.invoke(store, arguments);
                  });
      Router router =
          router(
              method -> {
                if (method.getName().equals(failing)) {
                  throw new IllegalStateException("the router's fault, on purpose");
                }
                if (method.getName().equals("close")) {
                  closed.add("router of " + failing);
                }
              });
      EngineBuilder builder = ChatEngine.builder().store(over).router(router);
      assertThatThrownBy(builder::build).hasMessageContaining("on purpose");
    }
    assertThat(closed).doesNotContain("store").contains("router of start");
    assertThat(held).hasValue(0);
    await().atMost(LONG).untilAsserted(() -> assertThat(newSince(before)).isEmpty());
  }

  @Test
  void aBuilderTakesOneOfEachAndBuildsOnce() {
    assertThatThrownBy(() -> ChatEngine.builder().store(store).store(store))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("store");
    InMemoryRouter.Network network = new InMemoryRouter.Network();
    assertThatThrownBy(() -> ChatEngine.builder().router(network.join()).router(network.join()))
        .hasMessageContaining("router");
    assertThatThrownBy(() -> ChatEngine.builder().build()).hasMessageContaining("store");
    EngineBuilder builder = ChatEngine.builder().store(store);
    start(builder);
    assertThatThrownBy(builder::build).hasMessageContaining("built");
  }

  // ---- drain

  /** E2d and E2b: a drain tells whether other nodes were told. */
  @Test
  void aDrainSaysWhetherEveryEnvelopeWasHandedOver() {
    AtomicBoolean hangs = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    ChatEngine engine =
        start(
            ChatEngine.builder()
                .store(store)
                .router(
                    router(
                        method -> {
                          if (hangs.get() && method.getName().equals("publish")) {
                            try {
                              goOn.await();
                            } catch (InterruptedException closing) {
                              interrupted.set(true);
                              throw closing;
                            }
                          }
                        })));
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    hangs.set(true);
    get(engine.asUser(ADA).send(talk, NewMessage.text("last words")));
    assertThat(engine.drain(Duration.ofMillis(300))).isFalse();
    goOn.countDown();
    assertThat(engine.drain(Duration.ofSeconds(10))).as("now it was").isTrue();
    engine.close();
    assertThat(interrupted).isFalse();
  }

  @Test
  void aDrainSaysThatEnvelopesWereRefused() {
    InMemoryRouter cable = new InMemoryRouter.Network().join();
    ChatEngine engine = start(ChatEngine.builder().store(store).router(cable));
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    cable.cut();
    get(engine.asUser(ADA).send(talk, NewMessage.text("unheard")));
    assertThat(engine.drain(Duration.ofSeconds(5))).isFalse();
    cable.heal();
    await()
        .atMost(LONG)
        .until(() -> engine.drain(Duration.ofSeconds(5))); // the others have found it by now
  }

  // ---- applications that block

  /** E5 and "whatever the application passes in can break only itself". */
  @Test
  void fiveHundredAndTwentyListenersThatDoNotReturnStopNobodyElse() {
    ChatEngine engine = start(ChatEngine.builder().store(store).maxGroupMembers(600));
    Set<UserId> members = new HashSet<>();
    List<CompletableFuture<ChatSession>> connecting = new ArrayList<>();
    for (int i = 0; i < 520; i++) {
      UserId user = UserId.of("blocked" + i);
      members.add(user);
      connecting.add(
          engine.connect(
              user,
              DEVICE,
              ChatListener.of(
                  event -> {
                    if (event instanceof MessageReceived) {
                      try {
                        goOn.await();
                      } catch (InterruptedException tooLong) {
                        Thread.currentThread().interrupt();
                      }
                    }
                  })));
    }
    connecting.forEach(LifecycleTest::get);
    ConversationId crowd = get(engine.asUser(ADA).createGroup("crowd", members)).id();
    RecordingListener bob = new RecordingListener();
    get(engine.connect(BOB, DEVICE, bob));
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    get(engine.asUser(ADA).send(crowd, NewMessage.text("all blocked")));
    List<CompletableFuture<?>> acks = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      acks.add(engine.asUser(ADA).send(talk, NewMessage.text("m" + i)));
    }
    CompletableFuture<Void> all = CompletableFuture.allOf(acks.toArray(CompletableFuture[]::new));
    await().atMost(LONG).until(all::isDone);
    await().atMost(LONG).until(() -> bob.messages(talk).size() == 50);
    assertThat(get(engine.asUser(ADA).history(talk, HistoryQuery.newest())).messages())
        .isNotEmpty();
  }

  /** Four blocking dependents of history stopped connect for everybody. */
  @Test
  void dependentsThatBlockStopNeitherReadsNorConnectionsNorSends() {
    ChatEngine engine = start(ChatEngine.builder().store(store));
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    RecordingListener bob = new RecordingListener();
    for (int i = 0; i < 40; i++) {
      engine
          .asUser(ADA)
          .history(talk, HistoryQuery.newest())
          .whenComplete(
              (page, fault) -> {
                if (!Thread.currentThread().getName().equals("main")) {
                  blockDespiteInterrupts();
                }
              });
    }
    CompletableFuture<ChatSession> connected = engine.connect(BOB, DEVICE, bob);
    await().atMost(LONG).until(connected::isDone);
    CompletableFuture<?> sent = engine.asUser(ADA).send(talk, NewMessage.text("hello"));
    await().atMost(LONG).until(sent::isDone);
    await().atMost(LONG).until(() -> bob.messages(talk).size() == 1);
  }

  // ---- more than delivery can take

  /** E5 in small: everybody gets everything, or is told to sync, and nothing piles up. */
  @Test
  void aSenderThatOutrunsDeliveryFillsNoMemoryAndNobodyMissesAnything() {
    ChatEngine engine = start(ChatEngine.builder().store(store).sessionBudgetBytes(64 << 10));
    int members = 100;
    int messages = 3_000;
    List<RecordingListener> witnesses =
        IntStream.range(0, members).mapToObj(i -> new RecordingListener()).toList();
    Set<UserId> users = new HashSet<>();
    for (int i = 0; i < members; i++) {
      users.add(UserId.of("u" + i));
      get(engine.connect(UserId.of("u" + i), DEVICE, witnesses.get(i)));
    }
    ConversationId group = get(engine.asUser(ADA).createGroup("g", users)).id();
    List<CompletableFuture<?>> acks = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      acks.add(engine.asUser(ADA).send(group, NewMessage.text("m" + i)));
    }
    acks.forEach(CompletableFuture::join);
    assertThat(Objects.requireNonNull(engine.gauges().get("feed_backlog")))
        .isLessThan(16_384 + 1_000);
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(200)) // a look goes through 300,000 messages
        .until(
            () ->
                witnesses.stream()
                    .allMatch(
                        witness ->
                            witness.messages(group).size() == messages
                                || !witness.events(chat.engine.event.Resync.class).isEmpty()));
    for (RecordingListener witness : witnesses) {
      long expected = 1;
      for (var message : witness.messages(group)) {
        assertThat(message.seq()).isEqualTo(expected++);
      }
    }
  }

  @Test
  void aSyncWhoseSessionIsClosedCompletesOnNoThreadThatOthersNeed() {
    CountDownLatch reading = new CountDownLatch(1);
    AtomicBoolean held = new AtomicBoolean();
    ChatEngine engine =
        start(
            ChatEngine.builder()
                .store(
                    store(
                        method -> {
                          if (held.get() && method.getName().equals("conversations")) {
                            reading.countDown();
                            goOn.await();
                          }
                        })));
    ChatSession ada = get(engine.connect(ADA, DEVICE, ChatListener.of(event -> {})));
    held.set(true);
    AtomicReference<@Nullable String> thread = new AtomicReference<>();
    ada.sync(Map.of())
        .whenComplete((result, fault) -> thread.set(Thread.currentThread().getName()));
    await().until(() -> reading.getCount() == 0);
    ada.close();
    goOn.countDown();
    await().until(() -> thread.get() != null);
    assertThat(thread.get()).doesNotStartWith("chat-store");
  }

  @Test
  void whatAListenerThrowsIsNobodyElsesFault() {
    ChatEngine engine = start(ChatEngine.builder().store(store));
    RecordingListener bob = new RecordingListener();
    get(
        engine.connect(
            ADA,
            DEVICE,
            ChatListener.of(
                event -> {
                  throw new StackOverflowError("a listener's fault, on purpose");
                })));
    get(engine.connect(BOB, DEVICE, bob));
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    for (int i = 0; i < 5; i++) {
      get(engine.asUser(ADA).send(talk, NewMessage.text("m" + i)));
    }
    await().until(() -> bob.messages(talk).size() == 5);
    assertThat(engine.counters().get("listener_faults")).isPositive();
  }
}
