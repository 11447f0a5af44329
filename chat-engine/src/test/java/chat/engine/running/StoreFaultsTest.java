package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StoreFaultsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId EVE = UserId.of("eve");

  private final InMemoryMessageStore real = new InMemoryMessageStore();
  private volatile Function<List<Draft>, List<AppendOutcome>> append =
      drafts -> real.append(drafts, Duration.ZERO);
  private volatile boolean away;
  private final ChatEngine engine =
      ChatEngine.builder().store(faulty()).sendTimeout(Duration.ofSeconds(1)).build();
  private final ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();

  @AfterEach
  void close() {
    engine.close();
  }

  /**
   * The in-memory store, but for what the test makes of appends and of everything while it is away.
   */
  private MessageStore faulty() {
    return (MessageStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MessageStore.class, MachineIdLeaseSource.class},
            (proxy, method, arguments) -> {
              if (away && method.getReturnType() != void.class) {
                throw new StoreUnavailableException("away, on purpose", null);
              }
              if (method.getName().equals("append")) {
                @SuppressWarnings("unchecked")
                List<Draft> drafts = (List<Draft>) arguments[0];
                return append.apply(drafts);
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            });
  }

  private CompletableFuture<SendAck> send(String text) {
    return engine.asUser(ADA).send(talk, NewMessage.text(text));
  }

  private static void refused(CompletableFuture<?> call, ErrorCode code, boolean inDoubt) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class,
            fault -> {
              assertThat(fault.code()).isEqualTo(code);
              assertThat(fault.inDoubt()).isEqualTo(inDoubt);
            });
  }

  private List<String> stored() {
    return engine
        .asUser(ADA)
        .history(talk, HistoryQuery.newest().limit(100))
        .join()
        .messages()
        .stream()
        .map(Message::text)
        .toList();
  }

  @Test
  void aMessageThatTheStoreCannotTakeFailsAloneAndLeavesNoGap() {
    append =
        drafts -> {
          if (drafts.stream().anyMatch(draft -> draft.text().equals("poison"))) {
            throw new IllegalStateException("the store's fault, thrown on purpose");
          }
          return real.append(drafts, Duration.ZERO);
        };
    List<CompletableFuture<SendAck>> good = new ArrayList<>();
    List<CompletableFuture<SendAck>> bad = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      (i % 10 == 5 ? bad : good).add(send(i % 10 == 5 ? "poison" : "good " + i));
    }
    bad.forEach(call -> refused(call, ErrorCode.INTERNAL, false));
    assertThat(good)
        .extracting(call -> call.join().seq())
        .isEqualTo(LongStream.rangeClosed(1, 54).boxed().toList());
    assertThat(stored()).hasSize(54).doesNotContain("poison");
  }

  @Test
  void whileTheStoreIsAwaySendsAreRefusedForCertainAndLaterGoOn() {
    away = true;
    refused(send("one"), ErrorCode.UNAVAILABLE, false);
    await().until(() -> !engine.health().store());
    refused(send("two"), ErrorCode.UNAVAILABLE, false);
    away = false;
    await().until(() -> engine.health().store());
    assertThat(send("three").join().seq()).isEqualTo(1);
    assertThat(stored()).containsExactly("three");
  }

  @Test
  void withoutIdsSendsAreRefusedHealthTellsAndTheStoreIsNotBlamed() {
    AtomicBoolean stopped = new AtomicBoolean();
    SonyflakeIdGenerator working = SonyflakeIdGenerator.fixed(1);
    IdGenerator ids =
        new IdGenerator() {
          @Override
          public long[] next(int count) {
            if (stopped.get()) {
              throw new StoreUnavailableException("no lease, on purpose", null);
            }
            return working.next(count);
          }

          @Override
          public boolean ready() {
            return !stopped.get();
          }

          @Override
          public void close() {
            working.close();
          }
        };
    try (ChatEngine other = ChatEngine.builder().store(real).ids(ids).build()) {
      ConversationId pair = other.asUser(ADA).openDirect(BOB).join().id();
      stopped.set(true);
      for (int i = 0; i < 20; i++) {
        refused(other.asUser(ADA).send(pair, NewMessage.text("no")), ErrorCode.UNAVAILABLE, false);
        assertThat(other.health()).isEqualTo(new ChatEngine.Health(true, true, false));
      }
      stopped.set(false);
      assertThat(other.asUser(ADA).send(pair, NewMessage.text("yes")).join()).isNotNull();
      assertThat(other.health().ids()).isTrue();
    }
  }

  @Test
  void aCommitInDoubtThatHappenedIsAcknowledgedAsNewAndStoredOnce() {
    AtomicInteger calls = new AtomicInteger();
    append =
        drafts -> {
          List<AppendOutcome> outcomes = real.append(drafts, Duration.ZERO);
          if (calls.incrementAndGet() == 1) {
            throw new StoreInDoubtException("broken off, on purpose", null);
          }
          return outcomes;
        };
    SendAck ack = send("once").join();
    assertThat(ack.seq()).isEqualTo(1);
    assertThat(ack.duplicate()).isFalse();
    assertThat(stored()).containsExactly("once");
  }

  @Test
  void aCommitInDoubtThatDidNotHappenIsMadeAgain() {
    AtomicInteger calls = new AtomicInteger();
    append =
        drafts -> {
          if (calls.incrementAndGet() == 1) {
            throw new StoreInDoubtException("broken off, on purpose", null);
          }
          return real.append(drafts, Duration.ZERO);
        };
    assertThat(send("once").join().seq()).isEqualTo(1);
    assertThat(stored()).containsExactly("once");
  }

  @Test
  void aDoubtThatLastsIsToldAsADoubt() {
    append =
        drafts -> {
          throw new StoreInDoubtException("broken off, on purpose", null);
        };
    refused(send("who knows"), ErrorCode.UNAVAILABLE, true);
  }

  /** As when the backend whose connection broke in its COMMIT still holds the conversation. */
  private static List<AppendOutcome> locked(List<Draft> drafts) {
    return Collections.nCopies(drafts.size(), new AppendOutcome.Locked());
  }

  /** The first append breaks off in its COMMIT, the later ones do as told. */
  private void breakOffOnceAndThen(Function<List<Draft>, List<AppendOutcome>> later) {
    AtomicInteger calls = new AtomicInteger();
    append =
        drafts -> {
          if (calls.incrementAndGet() == 1) {
            throw new StoreInDoubtException("broken off, on purpose", null);
          }
          return later.apply(drafts);
        };
  }

  @Test
  void aSendInDoubtWhoseConversationStaysLockedIsToldAsADoubt() {
    breakOffOnceAndThen(StoreFaultsTest::locked);
    refused(send("held by its own past"), ErrorCode.UNAVAILABLE, true);
  }

  @Test
  void aSendInDoubtThatIsParkedWhenTheStoreGoesAwayIsToldAsADoubt() {
    AtomicInteger later = new AtomicInteger();
    breakOffOnceAndThen(
        drafts -> {
          if (later.incrementAndGet() > 1) {
            throw new StoreUnavailableException("away, on purpose", null);
          }
          return locked(drafts);
        });
    refused(send("who knows"), ErrorCode.UNAVAILABLE, true);
  }

  @Test
  void aSendInDoubtThatTheStoreThenRefusesIsRefusedForCertain() {
    breakOffOnceAndThen(
        drafts -> Collections.nCopies(drafts.size(), new AppendOutcome.NotMember()));
    refused(send("removed meanwhile"), ErrorCode.NOT_FOUND, false);
  }

  @Test
  void whoStillWaitsWhenTheEngineIsClosedIsAnswered() {
    ChatEngine closing =
        ChatEngine.builder().store(faulty()).sendTimeout(Duration.ofSeconds(60)).build();
    append = StoreFaultsTest::locked;
    CompletableFuture<SendAck> parked = closing.asUser(ADA).send(talk, NewMessage.text("parked"));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    ConversationId other = closing.asUser(ADA).openDirect(EVE).join().id();
    append =
        drafts -> {
          if (drafts.get(0).conversation().equals(other)) {
            begun.countDown();
            awaitDespiteInterrupts(closed);
          }
          return locked(drafts);
        };
    CompletableFuture<SendAck> underWay =
        closing.asUser(ADA).send(other, NewMessage.text("under way"));
    awaitDespiteInterrupts(begun);
    closing.drain(Duration.ofMillis(100));
    closing.close();
    closed.countDown();
    refused(parked, ErrorCode.UNAVAILABLE, false);
    refused(underWay, ErrorCode.UNAVAILABLE, true); // the store is still working on it
  }

  /** As a commit that is under way when the engine ends its threads. */
  private static void awaitDespiteInterrupts(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException endOfEngine) {
        // goes on
      }
    }
  }

  @Test
  void sendsToALockedConversationKeepTheirOrderAndNobodyElseWaits() {
    ConversationId other = engine.asUser(BOB).openDirect(UserId.of("cleo")).join().id();
    AtomicInteger refusals = new AtomicInteger();
    append =
        drafts -> {
          boolean locked =
              drafts.stream().anyMatch(draft -> draft.conversation().equals(talk))
                  && refusals.incrementAndGet() <= 3;
          return locked ? locked(drafts) : real.append(drafts, Duration.ZERO);
        };
    List<CompletableFuture<SendAck>> parked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      parked.add(send("parked " + i));
    }
    engine.asUser(BOB).send(other, NewMessage.text("passes")).join();
    assertThat(parked)
        .extracting(call -> call.join().seq())
        .isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
  }
}
