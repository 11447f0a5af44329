package chat.engine.examples.bench;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The first call that failed: a rate that counts failed calls says nothing. Thread-safe. */
public final class FirstFailure {
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  /**
   * @param fault null for a call that succeeded
   */
  public void note(@Nullable Throwable fault) {
    if (fault != null) {
      first.compareAndSet(null, fault);
    }
  }

  /**
   * @throws IllegalStateException if a call failed
   */
  public void check() {
    Throwable fault = first.get();
    if (fault != null) {
      throw new IllegalStateException("a call failed, so there is no figure", fault);
    }
  }
}
