package chat.server.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;

/**
 * Ends the connections that outlive Jetty's end: it does not close one that it is just taking on.
 * Thread-safe.
 */
final class OpenConnections implements Connection.Listener {
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  @Override
  public void onOpened(Connection connection) {
    open.add(connection);
    if (ended) {
      connection.getEndPoint().close();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    open.remove(connection);
  }

  /** Ends all, and from now on each that opens. Idempotent. */
  void end() {
    ended = true;
    open.forEach(connection -> connection.getEndPoint().close());
  }
}
