package chat.server.ws;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for WebSocket connections and spreads them over event loops. Java-WebSocket's own server
 * looks at every connection it ever wrote to on each pass, so that its throughput falls with the
 * number of idle ones; this one does not (see docs/decisions/01-event-loops.md). Thread-safe.
 */
public final class WebSocketEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebSocketEndpoint.class);
  private static final int BACKLOG = 1024;
  private static final long ACCEPT_BACKOFF_NANOS = 100_000_000;
  private static final long WARN_AGAIN_NANOS = 60_000_000_000L;
  private static final long STOP_WAIT_MILLIS = 5000;

  private final ServerSocketChannel server;
  private final WebSocketLimits limits;
  private final OutgoingBudget budget;
  private final ConnectionAcceptor acceptor;
  private final List<EventLoop> loops = new ArrayList<>();
  private final Set<WebSocketConnection> connections = ConcurrentHashMap.newKeySet();
  private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();
  private final Thread acceptThread;
  private long warnedNanos = System.nanoTime() - WARN_AGAIN_NANOS; // by the accepting thread
  private volatile boolean closed;

  private WebSocketEndpoint(
      ServerSocketChannel server, WebSocketLimits limits, ConnectionAcceptor acceptor, int loops) {
    this.server = server;
    this.limits = limits;
    this.budget = new OutgoingBudget(limits.outgoingBytesInAll());
    this.acceptor = acceptor;
    for (int i = 0; i < loops; i++) {
      this.loops.add(new EventLoop("chat-ws-" + i, this::forget));
    }
    acceptThread = new Thread(this::accept, "chat-ws-accept");
    acceptThread.setDaemon(true);
  }

  /**
   * @param address port 0 takes a free one
   * @param loops event loops, one thread each; half of the cores is a good number
   * @throws IOException if the address cannot be bound
   */
  public static WebSocketEndpoint start(
      InetSocketAddress address, WebSocketLimits limits, ConnectionAcceptor acceptor, int loops)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(address, BACKLOG);
    } catch (IOException fault) {
      server.close();
      throw fault;
    }
    WebSocketEndpoint endpoint = new WebSocketEndpoint(server, limits, acceptor, loops);
    endpoint.acceptThread.start();
    return endpoint;
  }

  public int port() {
    return server.socket().getLocalPort();
  }

  /** What waits to be written to all connections, in bytes. */
  public long outgoingBytes() {
    return budget.bytes();
  }

  public int connectionCount() {
    return connections.size();
  }

  /** So many there can be at once. */
  public int mostConnections() {
    return limits.connections();
  }

  /** How many were closed at once because there were too many, in all or of an address. */
  public long refusedConnections() {
    return refused.sum();
  }

  /** Whether new connections can still come in; false after {@link #stopListening}. */
  public boolean listening() {
    return server.isOpen() && acceptThread.isAlive();
  }

  private void accept() {
    int next = 0;
    while (!closed && server.isOpen()) {
      try {
        admit(server.accept(), loops.get(next));
        next = (next + 1) % loops.size();
      } catch (AsynchronousCloseException ended) {
        return;
      } catch (IOException full) {
        // Out of file descriptors, most likely: they come back when others leave.
        if (server.isOpen()) {
          warnOfFiles(full);
          LockSupport.parkNanos(ACCEPT_BACKOFF_NANOS);
        }
      } catch (Throwable fault) { // even out of memory: others may leave and give some back
        log.error("a connection could not be taken on", fault);
        LockSupport.parkNanos(ACCEPT_BACKOFF_NANOS);
      }
    }
  }

  /** It comes ten times a second for as long as it lasts. */
  private void warnOfFiles(IOException full) {
    long now = System.nanoTime();
    if (now - warnedNanos > WARN_AGAIN_NANOS) {
      warnedNanos = now;
      log.warn("connections cannot be accepted now: {}", full.toString());
    }
  }

  private void admit(SocketChannel channel, EventLoop loop) throws IOException {
    boolean taken = false;
    try {
      taken = take(channel, loop);
    } catch (IOException gone) {
      log.debug("a client left at once: {}", gone.toString());
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  private boolean take(SocketChannel channel, EventLoop loop) throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
    if (remote == null) {
      return false;
    }
    if (connections.size() >= limits.connections()) {
      refused.increment();
      acceptor.refused(RefusedHandshake.FULL, remote.getAddress());
      return false;
    }
    WebSocketConnection connection =
        new WebSocketConnection(loop, channel, remote, limits, budget, acceptor);
    if (perAddress.merge(remote.getAddress(), 1, Integer::sum) > limits.connectionsPerAddress()) {
      leave(remote.getAddress());
      refused.increment();
      acceptor.refused(RefusedHandshake.ADDRESS_FULL, remote.getAddress());
      return false;
    }
    connections.add(connection);
    budget.enter();
    loop.register(connection);
    return !closed; // or the loop may have ended before
  }

  private void forget(WebSocketConnection connection) {
    if (connections.remove(connection)) {
      budget.leave();
      leave(connection.remote().getAddress());
    }
  }

  private void leave(InetAddress address) {
    perAddress.computeIfPresent(address, (unused, count) -> count > 1 ? count - 1 : null);
  }

  /** Takes no more connections; those that are open live on. Idempotent. */
  public void stopListening() {
    try {
      server.close();
    } catch (IOException fault) {
      log.warn("the listening socket did not close", fault);
    }
  }

  /**
   * Ends everything at once; to part politely, close the connections first. Idempotent; waits at
   * most 5 s for each of its threads.
   */
  @Override
  public void close() {
    closed = true;
    stopListening();
    try {
      // What it has just accepted must get to a loop before that ends, or it would stay open.
      acceptThread.join(STOP_WAIT_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    loops.forEach(EventLoop::close);
  }
}
