package chat.engine.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ThreadsTest {
  private final Thread.@Nullable UncaughtExceptionHandler before =
      Thread.getDefaultUncaughtExceptionHandler();
  private final List<Throwable> heard = new ArrayList<>();

  @AfterEach
  void restore() {
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  private void listen() {
    Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> heard.add(fault));
  }

  @Test
  void threadsAreNamedNumberedDaemonsThatKnowWhoseTheyAre() throws InterruptedException {
    ThreadFactory factory = Threads.named("role");
    AtomicReference<Boolean> ours = new AtomicReference<>();
    Thread first = factory.newThread(() -> ours.set(Threads.isEngineThread()));
    Thread second = factory.newThread(() -> {});
    assertThat(first.getName()).isEqualTo("chat-role-1");
    assertThat(second.getName()).isEqualTo("chat-role-2");
    assertThat(first.isDaemon()).isTrue();
    first.start();
    first.join();
    assertThat(ours).hasValue(true);
    assertThat(Threads.isEngineThread()).isFalse();
  }

  @Test
  void theApplicationHearsOfAThreadThatDied() throws InterruptedException {
    listen();
    IllegalStateException fault = new IllegalStateException("on purpose");
    Thread dying =
        Threads.named("dying")
            .newThread(
                () -> {
                  throw fault;
                });
    dying.start();
    dying.join();
    assertThat(heard).containsExactly(fault);
  }

  @Test
  void theApplicationHearsOfALackOfMemoryAndOfNothingElseThatWasOutlived() {
    listen();
    OutOfMemoryError lack = new OutOfMemoryError("on purpose");
    Threads.outlived(new IllegalStateException("on purpose"));
    Threads.outlived(new StackOverflowError("on purpose"));
    Threads.outlived(lack);
    assertThat(heard).containsExactly(lack);
  }

  @Test
  void aDefaultHandlerThatThrowsOrIsMissingHarmsNobody() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, fault) -> {
          throw new IllegalStateException("a handler's fault, on purpose");
        });
    Threads.outlived(new OutOfMemoryError("on purpose"));
    Thread.setDefaultUncaughtExceptionHandler(null);
    Threads.outlived(new OutOfMemoryError("on purpose"));
  }
}
