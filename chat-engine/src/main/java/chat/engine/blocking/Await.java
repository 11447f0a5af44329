package chat.engine.blocking;

import chat.engine.ChatException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Waits for futures of the engine. */
final class Await {
  private Await() {}

  /**
   * @throws ChatException what the future failed with, or in doubt if the thread is interrupted
   */
  static <T extends @Nullable Object> T result(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw ChatException.inDoubt(
          "interrupted while waiting; the call goes on, and may still be done", interrupted);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof ChatException refusal) {
        throw refusal;
      }
      throw ChatException.internal("the engine failed; see its log", failed);
    }
  }
}
