package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.ScriptedStore.BOB;
import static chat.engine.internal.send.ScriptedStore.EVE;
import static chat.engine.internal.send.SendFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.event.Resync;
import chat.engine.hook.SendHook;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.hook.HookRunner;
import chat.engine.internal.hook.HookThreads;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.send.pending.Originals;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.spi.StoreInDoubtException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way of a send through limits and hook to the pipeline. */
@Timeout(60)
final class MessageSenderTest {
  private static final int PENDING = 50;

  private final SendFixture fixture = new SendFixture();
  private final EngineOptions options =
      EngineOptions.defaults()
          .with(Limit.MAX_TEXT_BYTES, 10_000)
          .with(Limit.MAX_PENDING_HOOK_CALLS, PENDING);
  private final StoreThreads reads = new StoreThreads(2, 16_384);
  private final CommitPipeline pipeline =
      new CommitPipeline(
          fixture.committer, fixture.breaker, options, fixture.metrics, fixture.nanos::get);
  private final LocalSessions node = new LocalSessions();
  private final Semaphore release = new Semaphore(0);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final HookThreads hookThreads = new HookThreads();
  private final List<HookRunner> runners = new ArrayList<>();

  @AfterEach
  void close() {
    pipeline.close();
    release.release(1_000_000);
    runners.forEach(HookRunner::close);
    hookThreads.close();
    reads.close();
  }

  private MessageSender sender(SendHook.@Nullable Blocking hook) {
    return sender(hook, options);
  }

  private MessageSender sender(SendHook.@Nullable Blocking hook, EngineOptions with) {
    HookRunner runner =
        new HookRunner(
            "send hook",
            hookThreads,
            4,
            with.count(Limit.MAX_PENDING_HOOK_CALLS),
            Duration.ofSeconds(2),
            fixture.nanos::get,
            fixture.metrics);
    runners.add(runner);
    HookQueue queue =
        new HookQueue(
            fixture.store.store.conversations(),
            new Originals(fixture.store.store),
            new ConversationDirectory(fixture.store.store.conversations()),
            reads,
            hook == null ? null : SendHook.blocking(hook),
            runner,
            pipeline,
            with,
            fixture.metrics);
    return new MessageSender(pipeline, queue, Runnable::run, with);
  }

  private CompletableFuture<SendAck> send(MessageSender sender, String text) {
    return sender.send(ADA, null, fixture.talk, NewMessage.text(text));
  }

  private NewMessage hang(UserId sender, chat.engine.Conversation talk, NewMessage message) {
    asked.add(message.text());
    release.acquireUninterruptibly();
    return message;
  }

  @Test
  void aSendWithoutAHookIsStored() {
    assertThat(send(sender(null), "hello").join().seq()).isEqualTo(1);
    assertThat(fixture.store.texts(fixture.talk)).containsExactly("hello");
  }

  @Test
  void aTextThatIsTooLongIsRefused() {
    MessageSender sender = sender(null);
    assertThat(refusal(send(sender, "x".repeat(10_001))).code()).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(refusal(sender.admit(ADA, talk(), NewMessage.text("x".repeat(10_001)))).code())
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(send(sender, "x".repeat(10_000)).join().seq()).isEqualTo(1);
  }

  @Test
  void whatThePipelineRefusesIsRefused() {
    pipeline.refuse();
    assertThat(refusal(send(sender(null), "x")).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(refusal(send(sender(this::hang), "x")).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(asked).isEmpty();
  }

  @Test
  void theHookChangesWhatIsStoredButNotTheNameOfTheSend() {
    MessageSender sender =
        sender(
            (user, talk, message) ->
                NewMessage.text(message.text().toUpperCase(java.util.Locale.ROOT))
                    .withReplyTo(1)
                    .withMentions(List.of(BOB))
                    .withAttributes("{}"));
    send(sender(null), "first").join();
    NewMessage given = NewMessage.text(ClientMessageId.of("m"), "hello");
    SendAck ack = sender.send(ADA, null, fixture.talk, given).join();
    chat.engine.Message stored = fixture.store.real.after(fixture.talk, 1, 1).get(0).message();
    assertThat(stored.text()).isEqualTo("HELLO");
    assertThat(stored.clientMessageId()).isEqualTo(ClientMessageId.of("m"));
    assertThat(stored.replyTo()).isEqualTo(1);
    assertThat(stored.mentions()).containsExactly(BOB);
    assertThat(stored.attributes()).isEqualTo("{}");
    SendAck again = sender.send(ADA, null, fixture.talk, given).join();
    assertThat(again.duplicate()).isTrue();
    assertThat(again.seq()).isEqualTo(ack.seq());
  }

  @Test
  void theHookIsAskedAboutMembersOnlyAndNotAboutTheSystem() {
    MessageSender sender =
        sender(
            (user, talk, message) -> {
              asked.add(user.value());
              return message;
            });
    assertThat(refusal(sender.send(EVE, null, fixture.talk, NewMessage.text("stranger"))).code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(
            refusal(sender.send(ADA, null, ConversationId.of(99), NewMessage.text("nowhere")))
                .code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(
            sender.send(UserId.SYSTEM, null, fixture.talk, NewMessage.text("system")).join().seq())
        .isEqualTo(1);
    assertThat(send(sender, "member").join().seq()).isEqualTo(2);
    assertThat(asked).containsExactly("ada");
  }

  @Test
  void whatTheHookRefusesOrMakesTooLongIsNotStored() {
    MessageSender sender =
        sender(
            (user, talk, message) -> {
              if (message.text().equals("refuse")) {
                throw ChatException.forbidden("not that");
              }
              return message.withText("x".repeat(10_001));
            });
    assertThat(refusal(send(sender, "refuse")).code()).isEqualTo(ErrorCode.FORBIDDEN);
    assertThat(refusal(send(sender, "grow")).code()).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(fixture.store.calls).isEmpty();
    await().until(() -> fixture.count("hook_sends_pending") == 0);
    assertThat(pipeline.pending()).isZero();
  }

  @Test
  void sendsOfOneCallerPassTheHookInTheirOrder() {
    MessageSender sender = sender(this::hang);
    List<CompletableFuture<SendAck>> sends = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sends.add(send(sender, "" + i));
    }
    await().until(() -> asked.size() == 1);
    assertThat(fixture.count("hook_sends_pending")).isEqualTo(20);
    assertThat(pipeline.pending()).isEqualTo(20);
    CompletableFuture<SendAck> other =
        sender.send(BOB, null, fixture.talk, NewMessage.text("other"));
    await().until(() -> asked.contains("other"));
    release.release(21);
    other.join();
    sends.forEach(CompletableFuture::join);
    assertThat(sends).extracting(sent -> sent.join().seq()).isSorted();
    await().until(() -> fixture.count("hook_sends_pending") == 0);
  }

  @Test
  void sendsThatWaitForTheHookAreBoundedInNumber() {
    MessageSender sender = sender(this::hang);
    List<CompletableFuture<SendAck>> sends = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sends.add(send(sender, "" + i));
    }
    assertThat(sends.stream().filter(CompletableFuture::isDone)).hasSize(200 - PENDING);
    assertThat(refusal(sends.get(199)).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(fixture.count("hook_sends_refused")).isEqualTo(200 - PENDING);
    assertThat(pipeline.pending()).isEqualTo(PENDING);
    release.release(1_000);
    for (int i = 0; i < PENDING; i++) {
      sends.get(i).join();
    }
    await().until(() -> fixture.count("hook_sends_pending") == 0);
    assertThat(send(sender, "room again").join().seq()).isEqualTo(PENDING + 1);
  }

  @Test
  void sendsThatWaitForTheHookAreBoundedInBytes() {
    EngineOptions large = options.with(Limit.MAX_TEXT_BYTES, 8 << 20);
    MessageSender sender = sender(this::hang, large);
    String text = "x".repeat(4 << 20); // 8 MiB in memory
    List<CompletableFuture<SendAck>> sends = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sends.add(send(sender, text));
    }
    assertThat(sends.get(6)).isNotDone();
    assertThat(refusal(sends.get(7)).code()).isEqualTo(ErrorCode.BUSY);
    release.release(1_000);
    sends.get(6).join();
    await().until(() -> fixture.count("hook_sends_pending") == 0);
    assertThat(send(sender, text).join().seq()).isEqualTo(8);
  }

  @Test
  void aSendThatExpiredBehindAHookIsNotAskedAboutAndNotStored() {
    MessageSender sender = sender(this::hang);
    CompletableFuture<SendAck> first = send(sender, "first");
    CompletableFuture<SendAck> second = send(sender, "second");
    await().until(() -> asked.size() == 1);
    fixture.nanos.addAndGet(options.time(Limit.SEND_TIMEOUT).toNanos());
    pipeline.expire();
    assertThat(refusal(second).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(first).isNotDone(); // the deadline of the hook comes in addition
    release.release(10);
    assertThat(first.join().seq()).isEqualTo(1);
    await().until(() -> fixture.count("hook_sends_pending") == 0);
    assertThat(asked).containsExactly("first");
    assertThat(fixture.store.texts(fixture.talk)).containsExactly("first");
  }

  @Test
  void aLongLineOfRefusedSendsIsWorkedOffWithoutRecursion() {
    EngineOptions wide = options.with(Limit.MAX_PENDING_HOOK_CALLS, 4_000);
    MessageSender sender = sender(this::hang, wide);
    List<CompletableFuture<SendAck>> sends = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      sends.add(send(sender, "" + i));
    }
    await().until(() -> asked.size() == 1);
    fixture.nanos.addAndGet(Duration.ofSeconds(13).toNanos());
    pipeline.expire();
    release.release(10);
    await().until(() -> fixture.count("hook_sends_pending") == 0);
    assertThat(sends).allMatch(CompletableFuture::isDone);
    assertThat(asked).hasSize(1);
  }

  // ---- the session that a send comes from

  /** What the feed of the conversation does with the message of a seq. */
  private void arrive(Client client, long seq) {
    chat.engine.Message message =
        fixture.store.real.after(fixture.talk, seq - 1, 1).get(0).message();
    client
        .session()
        .offerMessage(
            message, node.context.outgoing(new MessageReceived(message), ConversationKind.DIRECT));
  }

  @Test
  void theSessionThatSentAMessageIsNotToldOfItAgain() {
    Client phone = node.connect(ADA).liveAt(Map.of(fixture.talk, 0L));
    Client laptop = node.connect(ADA).liveAt(Map.of(fixture.talk, 0L));
    MessageSender sender = sender(null);
    sender.send(ADA, phone.session(), fixture.talk, NewMessage.text("from the phone")).join();
    send(sender, "from no session").join();
    for (long seq = 1; seq <= 2; seq++) {
      arrive(phone, seq);
      arrive(laptop, seq);
    }
    assertThat(phone.seqs(fixture.talk)).containsExactly(2L);
    assertThat(laptop.seqs(fixture.talk)).containsExactly(1L, 2L);
  }

  @Test
  void aSessionWhoseMessageCameThoughItsSendFailedIsToldToSync() {
    Client phone = node.connect(ADA).liveAt(Map.of(fixture.talk, 0L));
    fixture.store.append =
        (drafts, wait) -> {
          fixture.store.real.append(drafts, wait);
          throw new StoreInDoubtException("broken off, on purpose", null);
        };
    CompletableFuture<SendAck> failing =
        sender(null).send(ADA, phone.session(), fixture.talk, NewMessage.text("in doubt"));
    await().until(() -> !fixture.store.texts(fixture.talk).isEmpty());
    arrive(phone, 1);
    assertThat(phone.events()).as("the acknowledgement will tell it").isEmpty();
    fixture.nanos.addAndGet(options.time(Limit.SEND_TIMEOUT).plusSeconds(1).toNanos());
    pipeline.expire();
    assertThat(refusal(failing).inDoubt()).isTrue();
    assertThat(phone.events()).containsExactly(new Resync());
  }

  @Test
  void admitTellsWhatASendWouldStoreWithoutStoringIt() {
    MessageSender sender = sender((user, talk, message) -> message.withText("changed"));
    NewMessage given = NewMessage.text("given");
    assertThat(sender.admit(ADA, talk(), given).join()).isEqualTo(given.withText("changed"));
    assertThat(sender.admit(UserId.SYSTEM, talk(), given).join()).isEqualTo(given);
    assertThat(sender(null).admit(ADA, talk(), given).join()).isEqualTo(given);
    assertThat(sender.asksHook(ADA)).isTrue();
    assertThat(sender.asksHook(UserId.SYSTEM)).isFalse();
    assertThat(fixture.store.calls).isEmpty();
  }

  private Conversation talk() {
    return Conversation.direct(fixture.talk, ADA, BOB, Instant.EPOCH);
  }
}
