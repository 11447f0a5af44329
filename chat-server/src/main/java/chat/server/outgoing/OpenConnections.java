package chat.server.outgoing;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of the HTTP client, so that one can be cut, and none outlives the client, which
 * forgets one that is just being made when it stops. The client itself does not abort a call that
 * is between an interim answer and the next, which it takes for complete. Thread-safe.
 */
final class OpenConnections implements Connection.Listener, ClientConnector.ConnectListener {
  private static final Logger log = LoggerFactory.getLogger(OpenConnections.class);

  private final Map<SocketAddress, EndPoint> byLocalAddress = new ConcurrentHashMap<>();

  /** Those of the connections, also while they are being made, and some that are closed. */
  private final Set<SocketChannel> channels = ConcurrentHashMap.newKeySet();

  private volatile boolean ended;

  @Override
  public void onConnectBegin(SocketChannel channel, SocketAddress address) {
    channels.removeIf(one -> !one.isOpen());
    channels.add(channel);
    if (ended) {
      close(channel);
    }
  }

  @Override
  public void onOpened(Connection connection) {
    EndPoint socket = connection.getEndPoint();
    byLocalAddress.put(socket.getLocalSocketAddress(), socket);
  }

  @Override
  public void onClosed(Connection connection) {
    byLocalAddress.values().remove(connection.getEndPoint());
  }

  /** Cuts all, and from now on each that is begun. Idempotent. */
  void end() {
    ended = true;
    channels.forEach(OpenConnections::close);
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException fault) {
      log.debug("a connection did not close", fault);
    }
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
