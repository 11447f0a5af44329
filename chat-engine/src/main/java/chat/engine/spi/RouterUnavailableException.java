package chat.engine.spi;

import org.jspecify.annotations.Nullable;

/**
 * The link between the nodes is down, or the router cannot tell at the moment. The message says
 * why, in the words of the server where there are any.
 */
public final class RouterUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RouterUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
