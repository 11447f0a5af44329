package chat.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.hook.SendHook;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreInDoubtException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sends have an end in number and in time, and what was stored reaches its readers all the same.
 */
@Timeout(120)
final class SendBoundsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final InMemoryMessageStore real = new InMemoryMessageStore();
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void close() {
    release.countDown();
    engines.forEach(ChatEngine::close);
  }

  private ChatEngine start(EngineBuilder builder) {
    ChatEngine engine = builder.build();
    engines.add(engine);
    return engine;
  }

  private static ConversationId talk(ChatEngine engine) {
    return engine.asUser(ADA).openDirect(BOB).join().id();
  }

  private void hang() {
    boolean done = false;
    while (!done) {
      try {
        release.await();
        done = true;
      } catch (InterruptedException ignored) {
        // as a hook does that ignores it
      }
    }
  }

  private static ChatException refusal(CompletableFuture<?> call) {
    CompletionException failed = catchThrowableOfType(CompletionException.class, call::join);
    return (ChatException) Objects.requireNonNull(failed.getCause());
  }

  /** None were refused, and the drain "finished". */
  @Test
  void sendsBehindAHookThatHangsAreBoundedCountForTheDrainAndAreAnsweredAtTheClose() {
    ChatEngine engine =
        start(
            ChatEngine.builder()
                .store(real)
                .hookDeadline(Duration.ofSeconds(60))
                .sendTimeout(Duration.ofSeconds(60))
                .sendHook(
                    SendHook.blocking(
                        (sender, conversation, message) -> {
                          hang();
                          return message;
                        })));
    List<ConversationId> talks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      talks.add(engine.asUser(ADA).openDirect(UserId.of("u" + i)).join().id());
    }
    List<CompletableFuture<SendAck>> waiting = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 200_000; i++) {
      CompletableFuture<SendAck> send =
          engine.asUser(ADA).send(talks.get(i % talks.size()), NewMessage.text("behind the hook"));
      if (i >= 100_000 && i % 1_000 == 0) { // completed on another thread
        assertThat(refusal(send).code()).isEqualTo(ErrorCode.BUSY);
      }
      if (i < 8_192) {
        waiting.add(send);
      } else {
        refused++;
      }
    }
    assertThat(refused).isEqualTo(191_808);
    assertThat(engine.gauges()).containsEntry("hook_sends_pending", 8_192L);
    assertThat(engine.counters()).containsEntry("hook_sends_refused", 191_808L);
    assertThat(engine.gauges()).containsEntry("sends_pending", 8_192L);
    assertThat(engine.drain(Duration.ofMillis(200))).isFalse();
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    engine.close();
    waiting.forEach(send -> assertThat(refusal(send).code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  /** Promise 2: the first publication may be what got lost. */
  @Test
  void aRetryIsPublishedAgainToTheOtherNodes() {
    ChatEngine node = start(ChatEngine.builder().router(network.join()).store(real));
    ConversationId talk = talk(node);
    NewMessage message = NewMessage.text("once");
    node.asUser(ADA).send(talk, message).join();
    await().until(() -> published(node) >= 2); // the conversation, and the message
    long before = published(node);
    SendAck again = node.asUser(ADA).send(talk, message).join();
    assertThat(again.duplicate()).isTrue();
    await().until(() -> published(node) == before + 1);
  }

  private static long published(ChatEngine node) {
    return Objects.requireNonNull(node.counters().get("envelopes_published"));
  }

  /** A store whose appends do as the test wants. */
  private MessageStore store(Function<List<Draft>, List<AppendOutcome>> append) {
    return (MessageStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MessageStore.class, MachineIdLeaseSource.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("append")) {
                @SuppressWarnings("unchecked")
                List<Draft> drafts = (List<Draft>) arguments[0];
                return append.apply(drafts);
              }
              if (method.getName().equals("close")) {
                return null;
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  /**
   * The store stands still for longer than the send time-out, then commits, and its answer is lost.
   */
  @Test
  void aCommitThatComesAfterTheCallerWasToldItIsInDoubtReachesItsReadersOnAllNodes() {
    Duration timeout = Duration.ofMillis(300);
    ChatEngine node =
        start(
            ChatEngine.builder()
                .router(network.join())
                .sendTimeout(timeout)
                .store(
                    store(
                        drafts -> {
                          hang();
                          real.append(drafts, Duration.ZERO);
                          throw new StoreInDoubtException("the answer was lost", null);
                        })));
    ChatEngine other =
        start(
            ChatEngine.builder()
                .router(network.join())
                .store(store(drafts -> real.append(drafts, Duration.ZERO))));
    Witness sender = new Witness();
    Witness here = new Witness();
    Witness there = new Witness();
    ConversationId talk = talk(node);
    chat.engine.ChatSession ada = node.connect(ADA, DeviceId.of("d"), sender).join();
    node.connect(BOB, DeviceId.of("here"), here).join();
    other.connect(BOB, DeviceId.of("there"), there).join();
    CompletableFuture<SendAck> frozen = ada.send(talk, NewMessage.text("late"));
    assertThat(refusal(frozen).inDoubt()).isTrue();
    assertThat(here.texts(talk)).isEmpty();
    release.countDown();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(here.texts(talk)).containsExactly("late");
              assertThat(there.texts(talk)).containsExactly("late");
              assertThat(sender.texts(talk)).containsExactly("late");
            });
    await().until(() -> Objects.equals(node.gauges().get("sends_pending"), 0L));
  }
}
