package chat.server.outgoing;

import org.jspecify.annotations.Nullable;

/** A call that did not bring what it was made for; the message says what came instead. */
public final class OutgoingFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  public OutgoingFault(String message) {
    this(message, null);
  }

  /** Without a stack trace, which would say nothing of the other side. */
  public OutgoingFault(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }
}
