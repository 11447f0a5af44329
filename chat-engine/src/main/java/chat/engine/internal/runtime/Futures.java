package chat.engine.internal.runtime;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** Small pieces that {@link CompletableFuture} lacks. */
public final class Futures {
  private Futures() {}

  /** Passes an outcome on. */
  public static <T> void relay(
      @Nullable T value, @Nullable Throwable fault, CompletableFuture<T> to) {
    if (fault != null) {
      to.completeExceptionally(Errors.toChatException(fault));
    } else {
      complete(to, value);
    }
  }

  @NullUnmarked
  private static <T> void complete(CompletableFuture<T> to, T value) {
    to.complete(value);
  }
}
