package chat.engine.spi;

import org.jspecify.annotations.Nullable;

/**
 * A store or lease service cannot be reached, and it is certain that nothing of the call was
 * stored.
 */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
