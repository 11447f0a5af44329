package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.hook.SendHook;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.testkit.ActiveFault;
import chat.engine.testkit.Fault;
import chat.engine.testkit.RecordingListener;
import chat.engine.testkit.TestChat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
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

  /**
   * The store stands still for longer than the send time-out, then commits, and its answer is lost.
   */
  @Test
  void aCommitThatComesAfterTheCallerWasToldItIsInDoubtReachesItsReadersOnAllNodes() {
    try (TestChat chat = TestChat.open(engine -> engine.sendTimeout(Duration.ofMillis(300)))) {
      ChatEngine node = chat.engine();
      ConversationId talk = talk(node);
      RecordingListener sender = chat.connect(ADA);
      RecordingListener here = chat.connect(BOB);
      RecordingListener there = chat.addNode().connect(BOB);
      ActiveFault frozen = chat.node().inject(Fault.held().onSends());
      chat.node().inject(Fault.inDoubtStored().onSends());
      CompletableFuture<SendAck> send = sender.session().send(talk, NewMessage.text("late"));
      assertThat(refusal(send).inDoubt()).isTrue();
      assertThat(here.texts(talk)).isEmpty();
      frozen.close();
      here.awaitMessage("late");
      there.awaitMessage("late");
      sender.awaitMessage("late");
      await().until(() -> Objects.equals(node.gauges().get("sends_pending"), 0L));
      assertThat(here.texts(talk)).containsExactly("late");
    }
  }
}
