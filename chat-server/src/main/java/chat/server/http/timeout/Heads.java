package chat.server.http.timeout;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;

/**
 * Closes connections on which the head of a request does not arrive in time. Jetty ends those on
 * which nothing moves; a client that sends a byte now and then it would keep. Thread-safe.
 */
public final class Heads implements Connection.Listener {
  private final Map<Connection, Arriving> connections = new ConcurrentHashMap<>();
  private final long limitNanos;
  private final Watch watch;

  public Heads(Duration limit, Watch watch) {
    this.limitNanos = limit.toNanos();
    this.watch = watch;
  }

  private final class Arriving implements Watch.Watched {
    private final Connection connection;
    private boolean inCall;
    private long bytesBefore;
    private long begunNanos;
    private boolean begun;

    Arriving(Connection connection) {
      this.connection = connection;
    }

    synchronized void call(boolean runs) {
      inCall = runs;
      begun = false;
      bytesBefore = connection.getBytesIn();
    }

    @Override
    public void look(long nowNanos) {
      if (isLate(nowNanos)) {
        connection.getEndPoint().close();
      }
    }

    private synchronized boolean isLate(long nowNanos) {
      if (inCall || connection.getBytesIn() == bytesBefore) {
        return false;
      }
      if (!begun) {
        begun = true;
        begunNanos = nowNanos;
      }
      return nowNanos - begunNanos > limitNanos;
    }
  }

  @Override
  public void onOpened(Connection connection) {
    Arriving arriving = new Arriving(connection);
    connections.put(connection, arriving);
    watch.add(arriving);
  }

  @Override
  public void onClosed(Connection connection) {
    Arriving arriving = connections.remove(connection);
    if (arriving != null) {
      watch.remove(arriving);
    }
  }

  /** The head of a request has arrived. */
  public void callBegins(Connection connection) {
    call(connection, true);
  }

  public void callEnds(Connection connection) {
    call(connection, false);
  }

  private void call(Connection connection, boolean runs) {
    Arriving arriving = connections.get(connection);
    if (arriving != null) {
      arriving.call(runs);
    }
  }
}
