package chat.engine.spi;

import org.jspecify.annotations.Nullable;

/** The link between the nodes is down. */
public final class RouterUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RouterUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
