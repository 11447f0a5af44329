package chat.server.ws;

/** Decides on each connection. Called on an event loop: must not block. */
public interface ConnectionAcceptor {
  /** Whether the upgrade may go on; a refusal is answered with HTTP 404. */
  boolean admits(UpgradeRequest request);

  /** The connection is open and may be written to. */
  ConnectionListener open(WebSocketConnection connection, UpgradeRequest request);
}
