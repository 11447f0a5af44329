package chat.engine.spi;

import org.jspecify.annotations.Nullable;

/**
 * The connection to the store broke while committing: either all of the call was stored or nothing,
 * and it is not known which.
 */
public final class StoreInDoubtException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreInDoubtException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
