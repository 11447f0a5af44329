package chat.engine.examples.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/**
 * A link between two parts that can fail: connections to its port are passed on to where the target
 * says, as the {@link Mode} says. A change of the mode concerns existing connections too.
 * Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
  /** What happens to bytes. "Up" is from who connects to the target, "down" the way back. */
  public enum Mode {
    PASS,
    /** Connections are reset, and new ones closed at once. */
    CUT,
    /** Nothing moves either way; nothing is closed. */
    HOLE,
    HOLE_UP,
    HOLE_DOWN,
    /** Everything is late. */
    DELAY,
    /** What comes up is passed on, the answers are lost; so are the connections, at the end. */
    LOSE_REPLIES
  }

  private static final int PORT_ATTEMPTS = 10;
  private static final int CONNECT_MILLIS = 2_000;

  private final String name;
  private final ServerSocket listening;
  private final IntSupplier target;
  private final int targets;
  private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile Mode mode = Mode.PASS;
  private volatile Duration delay = Duration.ZERO;

  private TcpProxy(String name, ServerSocket listening, IntSupplier target, int targets) {
    this.name = name;
    this.listening = listening;
    this.target = target;
    this.targets = targets;
  }

  /**
   * Begins on a free port.
   *
   * @param target the port to connect to, asked anew for each connection
   */
  public static TcpProxy start(String name, IntSupplier target) {
    for (int attempt = 1; ; attempt++) {
      try {
        return start(name, LocalServers.freePort(), target, 1);
      } catch (IOException taken) {
        if (attempt == PORT_ATTEMPTS) {
          throw new UncheckedIOException("no port for a proxy", taken);
        }
      }
    }
  }

  /**
   * Begins on the given port.
   *
   * @param targets how many ports the target is asked for, until one takes the connection
   */
  public static TcpProxy start(String name, int port, IntSupplier target, int targets)
      throws IOException {
    ServerSocket listening = new ServerSocket(port, 128, InetAddress.getLoopbackAddress());
    TcpProxy proxy = new TcpProxy(name, listening, target, targets);
    Threads.start("proxy " + name, proxy::accept);
    return proxy;
  }

  public int port() {
    return listening.getLocalPort();
  }

  public void mode(Mode changed) {
    mode(changed, Duration.ZERO);
  }

  /**
   * @param late for {@link Mode#DELAY}
   */
  public void mode(Mode changed, Duration late) {
    delay = late;
    mode = changed;
    if (changed == Mode.CUT) {
      resetAll();
    }
    connections.forEach(ProxiedConnection::modeChanged);
  }

  /** Resets all connections. */
  public void resetAll() {
    connections.forEach(ProxiedConnection::reset);
  }

  /** Resets the connections to one of the target's ports. */
  public void resetTo(int port) {
    connections.stream()
        .filter(connection -> connection.targetPort() == port)
        .forEach(ProxiedConnection::reset);
  }

  /** How many connections there are to one of the target's ports. */
  public long connectionsTo(int port) {
    return connections.stream().filter(connection -> connection.targetPort() == port).count();
  }

  /** Ports from which the proxy is connected to its target. */
  public List<Integer> upstreamPorts() {
    return connections.stream().map(ProxiedConnection::upstreamPort).toList();
  }

  /**
   * From now on the target does not notice that the other side is gone: the existing connections to
   * it stay open, in silence, until {@link #dropAbandoned}. New ones are not concerned.
   */
  public void abandon() {
    connections.forEach(ProxiedConnection::abandon);
  }

  /** Ends what was abandoned. */
  public void dropAbandoned() {
    connections.stream().filter(ProxiedConnection::isAbandoned).forEach(ProxiedConnection::reset);
  }

  Mode mode() {
    return mode;
  }

  Duration delay() {
    return delay;
  }

  void ended(ProxiedConnection connection) {
    connections.remove(connection);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket down = listening.accept();
        if (mode == Mode.CUT) {
          down.setSoLinger(true, 0);
          down.close();
        } else {
          Threads.start("link " + name, () -> connect(down));
        }
      } catch (IOException closed) {
        // the loop looks whether it is over
      }
    }
  }

  private void connect(Socket down) {
    try {
      Socket up = open();
      down.setTcpNoDelay(true);
      ProxiedConnection connection = new ProxiedConnection(this, down, up);
      connections.add(connection);
      connection.start(name);
    } catch (IOException refused) {
      ProxiedConnection.reset(down);
    }
  }

  private Socket open() throws IOException {
    for (int attempt = 1; ; attempt++) {
      Socket up = new Socket();
      try {
        up.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), target.getAsInt()),
            CONNECT_MILLIS);
        up.setTcpNoDelay(true);
        return up;
      } catch (IOException refused) {
        ProxiedConnection.reset(up);
        if (attempt == targets) {
          throw refused;
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
    resetAll();
  }
}
