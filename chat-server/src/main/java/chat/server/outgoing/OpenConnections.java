package chat.server.outgoing;

import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/**
 * The connections of the HTTP client, so that one can be cut. The client itself does not abort a
 * call that is between an interim answer and the next, which it takes for complete. Thread-safe.
 */
final class OpenConnections implements Connection.Listener {
  private final Map<SocketAddress, EndPoint> byLocalAddress = new ConcurrentHashMap<>();

  @Override
  public void onOpened(Connection connection) {
    EndPoint socket = connection.getEndPoint();
    byLocalAddress.put(socket.getLocalSocketAddress(), socket);
  }

  @Override
  public void onClosed(Connection connection) {
    byLocalAddress.values().remove(connection.getEndPoint());
  }

  /** Cuts the connection that a call is on, if it is on one. */
  void cut(Request request) {
    org.eclipse.jetty.client.Connection connection = request.getConnection();
    if (connection != null && connection.getLocalSocketAddress() != null) {
      EndPoint socket = byLocalAddress.get(connection.getLocalSocketAddress());
      if (socket != null) {
        socket.close();
      }
    }
  }
}
