package chat.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class QueuedTransportTest {
  private final List<String> given = new ArrayList<>();
  private final Queue<CompletableFuture<Void>> underWay = new ArrayDeque<>();
  private final List<Integer> closed = new ArrayList<>();
  private final QueuedTransport transport =
      QueuedTransport.async(
          frame -> {
            given.add(frame.text());
            CompletableFuture<Void> written = new CompletableFuture<>();
            underWay.add(written);
            return written;
          },
          (code, reason) -> closed.add(code));

  private static Frame frame(String text) {
    return new Frame(text.getBytes(StandardCharsets.UTF_8));
  }

  private void written() {
    underWay.remove().complete(null);
  }

  @Test
  void theLibraryGetsOneFrameAtATimeInOrder() {
    transport.send(frame("a"));
    transport.send(frame("b"));
    assertThat(given).containsExactly("a");
    written();
    assertThat(given).containsExactly("a", "b");
    written();
    transport.send(frame("c"));
    assertThat(given).containsExactly("a", "b", "c");
  }

  @Test
  void theCloseComesBehindWhatWasGiven() {
    transport.send(frame("a"));
    transport.send(frame("b"));
    transport.close(1012, "restart");
    transport.close(1000, "again");
    transport.send(frame("late"));
    assertThat(closed).isEmpty();
    written();
    written();
    assertThat(given).containsExactly("a", "b");
    assertThat(closed).containsExactly(1012);
  }

  @Test
  void aLibraryThatCallsBackIsTheSame() {
    Queue<Consumer<@Nullable Throwable>> callbacks = new ArrayDeque<>();
    QueuedTransport calling =
        QueuedTransport.async(
            (frame, done) -> {
              given.add(frame.text());
              callbacks.add(done);
            },
            (code, reason) -> closed.add(code));
    calling.send(frame("a"));
    calling.send(frame("b"));
    calling.send(frame("c"));
    assertThat(given).containsExactly("a");
    callbacks.remove().accept(null);
    assertThat(given).containsExactly("a", "b");
    callbacks.remove().accept(new IOException("gone"));
    assertThat(given).containsExactly("a", "b");
    assertThat(closed).containsExactly(CloseCode.INTERNAL);
  }

  @Test
  void anIdleSocketIsClosedAtOnce() {
    transport.close(4401, "logged out");
    assertThat(closed).containsExactly(4401);
  }

  @Test
  void itIsCongestedWhileMuchWaitsAndTellsWhenItIsNot() {
    List<String> told = new ArrayList<>();
    transport.whenWritable(() -> told.add("at once"));
    assertThat(told).containsExactly("at once");
    String half = "x".repeat((int) QueuedTransport.CONGESTED_BYTES / 2);
    transport.send(frame(half));
    transport.send(frame(half));
    assertThat(transport.isCongested()).isFalse();
    transport.send(frame("x"));
    assertThat(transport.isCongested()).isTrue();
    transport.whenWritable(() -> told.add("replaced"));
    transport.whenWritable(() -> told.add("later"));
    written();
    assertThat(transport.isCongested()).isFalse();
    assertThat(told).containsExactly("at once");
    written();
    assertThat(told).containsExactly("at once", "later");
  }

  @Test
  void aClientThatTakesNothingIsCutAndHoldsNoMemory() {
    String kilo = "x".repeat(1024);
    int frames = 0;
    while (closed.isEmpty()) {
      transport.send(frame(kilo));
      frames++;
    }
    assertThat(closed).containsExactly(CloseCode.TRY_LATER);
    assertThat(frames).isEqualTo((int) QueuedTransport.MAX_BYTES / 1024 + 2);
    assertThat(given).hasSize(1);
    written();
    assertThat(given).hasSize(1);
    assertThat(closed).hasSize(1);
  }

  @Test
  void oneFrameMayBeOfAnySize() {
    transport.send(frame("x".repeat(2 * (int) QueuedTransport.MAX_BYTES)));
    assertThat(closed).isEmpty();
    assertThat(given).hasSize(1);
  }

  @Test
  void aSocketThatFailsIsClosed() {
    transport.send(frame("a"));
    transport.send(frame("b"));
    underWay.remove().completeExceptionally(new IOException("broken pipe"));
    assertThat(given).containsExactly("a");
    assertThat(closed).containsExactly(CloseCode.INTERNAL);
    transport.send(frame("c"));
    assertThat(given).containsExactly("a");
  }

  @Test
  void aBlockingLibraryIsCalledOnTheExecutor() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    QueuedTransport blocking =
        QueuedTransport.blocking(
            tasks::add, frame -> given.add(frame.text()), (code, reason) -> closed.add(code));
    blocking.send(frame("a"));
    blocking.send(frame("b"));
    assertThat(given).isEmpty();
    tasks.remove().run();
    assertThat(given).containsExactly("a");
    tasks.remove().run();
    assertThat(given).containsExactly("a", "b");
    assertThat(tasks).isEmpty();
    blocking.close(1012, "restart");
    assertThat(closed).isEmpty();
    tasks.remove().run();
    assertThat(closed).containsExactly(1012);
  }

  @Test
  void anExecutorThatIsFullEndsTheSocket() {
    QueuedTransport blocking =
        QueuedTransport.blocking(
            task -> {
              throw new RejectedExecutionException("full");
            },
            frame -> given.add(frame.text()),
            (code, reason) -> closed.add(code));
    blocking.send(frame("a"));
    assertThat(closed).containsExactly(CloseCode.INTERNAL);
  }

  @Test
  void manyFramesThatAreWrittenAtOnceNeedNoStack() {
    QueuedTransport quick =
        QueuedTransport.async(
            frame -> {
              given.add(frame.text());
              return CompletableFuture.completedFuture(null);
            },
            (code, reason) -> closed.add(code));
    for (int i = 0; i < 100_000; i++) {
      quick.send(frame("x"));
    }
    assertThat(given).hasSize(100_000);
  }
}
