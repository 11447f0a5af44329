package chat.server.ws;

/**
 * Hears what comes in on one connection. Called on the event loop of the connection, in order: must
 * not block. What it throws closes the connection with {@link CloseCode#INTERNAL}.
 */
public interface ConnectionListener {
  void onText(String text);

  /** The last call. The connection takes nothing any more. */
  void onClose();
}
