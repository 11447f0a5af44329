package chat.engine.spi;

import org.jspecify.annotations.Nullable;

/**
 * The store works, but has no room for this call at present: all connections of the pool are in
 * use, or another transaction holds the conversation. It is certain that nothing of the call was
 * stored, and a retry a little later is likely to succeed.
 */
public final class StoreBusyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreBusyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
