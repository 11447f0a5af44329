package chat.server.outgoing;

/** A call that did not bring what it was made for; the message says what came instead. */
public final class OutgoingFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  public OutgoingFault(String message) {
    super(message);
  }

  public OutgoingFault(String message, Throwable cause) {
    super(message, cause);
  }
}
