package chat.server.ws;

import java.net.InetAddress;

/**
 * Decides on each connection. Called on event loops and the thread that accepts: must not block.
 */
public interface ConnectionAcceptor {
  /** Whether the upgrade may go on; a refusal is answered with HTTP 404. */
  boolean admits(UpgradeRequest request);

  /** Is told of a connection that was refused before anybody was asked. */
  void refused(RefusedHandshake why, InetAddress remote);

  /** The connection is open and may be written to. */
  ConnectionListener open(WebSocketConnection connection, UpgradeRequest request);
}
