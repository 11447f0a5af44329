package chat.engine.testing;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * What a store has found waits here until the test lets it go; without a word of the test it does
 * not wait. Thread-safe.
 */
public final class HeldAnswers {
  /** More than any test asks for. */
  private static final int ALL = 1_000;

  private volatile @Nullable Semaphore held;
  private volatile @Nullable RuntimeException fault;

  /** From now on each answer needs a permit. */
  public Semaphore hold() {
    Semaphore permits = new Semaphore(0);
    held = permits;
    return permits;
  }

  /**
   * What becomes of answers that are let go from now on.
   *
   * @param thrown null to answer as ever
   */
  public void failWith(@Nullable RuntimeException thrown) {
    fault = thrown;
  }

  /** Between what the real store has found and who asked. */
  public void pass() throws InterruptedException {
    Semaphore permits = held;
    if (permits != null) {
      permits.acquire();
    }
    RuntimeException thrown = fault;
    if (thrown != null) {
      throw thrown;
    }
  }

  /** For the end of a test. */
  public void letGo() {
    Semaphore permits = held;
    if (permits != null) {
      permits.release(ALL);
    }
  }
}
