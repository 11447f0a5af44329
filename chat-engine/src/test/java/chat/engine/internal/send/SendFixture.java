package chat.engine.internal.send;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.spi.IdGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A committer over a scripted store, with a breaker, ids and a sink that the test can look into.
 */
public final class SendFixture {
  static final Instant NOW = Instant.parse("2026-11-25T12:00:00.123456Z");

  final ScriptedStore store = new ScriptedStore();
  final ConversationId talk = store.direct(1, ScriptedStore.ADA, ScriptedStore.BOB);
  final ConversationId other = store.direct(2, ScriptedStore.ADA, ScriptedStore.EVE);
  volatile EngineTimings timings = EngineTimings.NONE;
  final Metrics metrics = new Metrics(currentTimings(), () -> NOW);
  final ManualDelay delay = new ManualDelay();
  final AtomicLong nanos = new AtomicLong();
  volatile CompletableFuture<?> probed = new CompletableFuture<>();
  final CircuitBreaker breaker = new CircuitBreaker(() -> probed, delay, () -> {});
  final List<CommittedMessage> fresh = new CopyOnWriteArrayList<>();
  final List<CommittedMessage> duplicates = new CopyOnWriteArrayList<>();
  final List<ConversationChange> changed = new CopyOnWriteArrayList<>();
  volatile Committer.CommittedSink sink =
      (stored, repeated) -> {
        fresh.addAll(stored);
        duplicates.addAll(repeated);
      };
  final AtomicLong lastId = new AtomicLong(1_000);
  volatile @Nullable RuntimeException idFault;
  volatile @Nullable Error idError;
  final Committer committer = committer(breaker);

  Committer committer(CircuitBreaker over) {
    return new Committer(
        store.store,
        ids(),
        new ConversationDirectory(store.store.conversations()),
        over,
        (stored, repeated) -> sink.committed(stored, repeated),
        (conversation, changes) -> changed.addAll(changes),
        () -> NOW,
        metrics);
  }

  private EngineTimings currentTimings() {
    return new EngineTimings() {
      @Override
      public void committed(int sends, Duration took) {
        timings.committed(sends, took);
      }
    };
  }

  /** Delays that the test ends. */
  static final class ManualDelay implements CircuitBreaker.Delay {
    record Waiting(Duration delay, Runnable task) {}

    final List<Waiting> waiting = new CopyOnWriteArrayList<>();

    @Override
    public void later(Duration delay, Runnable task) {
      waiting.add(new Waiting(delay, task));
    }

    /** Ends the oldest delay. @return how long it was */
    Duration end() {
      Waiting first = waiting.remove(0);
      first.task().run();
      return first.delay();
    }
  }

  private IdGenerator ids() {
    return new IdGenerator() {
      @Override
      public long[] next(int count) {
        RuntimeException fault = idFault;
        if (fault != null) {
          throw fault;
        }
        Error error = idError;
        if (error != null) {
          throw error;
        }
        long[] ids = new long[count];
        for (int i = 0; i < count; i++) {
          ids[i] = lastId.incrementAndGet();
        }
        return ids;
      }

      @Override
      public boolean ready() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  public PendingSend send(String text) {
    return send(ScriptedStore.ADA, talk, text);
  }

  public PendingSend send(UserId sender, ConversationId conversation, String text) {
    return pending(sender, conversation, NewMessage.text(text), PendingSend.Listener.NONE);
  }

  public static PendingSend pending(
      UserId sender,
      ConversationId conversation,
      NewMessage message,
      PendingSend.Listener listener) {
    PendingSend send = new PendingSend(sender, conversation, message, listener, Runnable::run);
    send.expiresAt(Duration.ofHours(1).toNanos());
    return send;
  }

  List<PendingSend> sends(String... texts) {
    List<PendingSend> sends = new ArrayList<>();
    for (String text : texts) {
      sends.add(send(text));
    }
    return sends;
  }

  List<PendingWrite> commit(PendingWrite... sends) {
    return committer.commit(List.of(sends), Committer.NO_WAIT);
  }

  long count(String name) {
    return MetricValues.of(metrics, name);
  }

  public static SendAck ack(PendingSend send) {
    assertThat(send.result()).isCompleted();
    return send.result().join();
  }

  public static void unanswered(PendingSend send) {
    assertThat(send.result()).isNotDone();
  }

  public static ChatException refusal(CompletableFuture<?> call) {
    try {
      call.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof ChatException refusal) {
        return refusal;
      }
      throw failed;
    }
    throw new AssertionError("was not refused");
  }

  public static void refused(PendingSend send, ErrorCode code, boolean inDoubt) {
    assertThat(send.result()).isCompletedExceptionally();
    ChatException refusal = refusal(send.result());
    assertThat(refusal.code()).as(refusal.getMessage()).isEqualTo(code);
    assertThat(refusal.inDoubt()).as(refusal.getMessage()).isEqualTo(inDoubt);
  }
}
