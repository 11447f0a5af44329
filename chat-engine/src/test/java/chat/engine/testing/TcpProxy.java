package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An address on 127.0.0.1 behind which a test can change the network: cut it, let bytes vanish in
 * one direction, or lead new connections to another server, as a failover of an address does.
 * Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile int target;
  private volatile boolean cut;
  private volatile boolean swallowsRequests;
  private volatile boolean swallowsReplies;

  private TcpProxy(ServerSocket listener, int target) {
    this.listener = listener;
    this.target = target;
  }

  /** To a server on 127.0.0.1. */
  public static TcpProxy to(int port) {
    try {
      ServerSocket listener = new ServerSocket(0, 50, InetAddress.getByName(LocalPorts.LOOPBACK));
      TcpProxy proxy = new TcpProxy(listener, port);
      start("chat-test-proxy-" + listener.getLocalPort(), proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Breaks all connections and refuses new ones, until {@link #heal}. */
  public void cut() {
    cut = true;
    breakConnections();
  }

  /** Breaks the connections that are open; new ones are welcome. */
  public void breakConnections() {
    open.forEach(TcpProxy::close);
  }

  /** What clients send from now on vanishes; connections stay open. */
  public void swallowRequests() {
    swallowsRequests = true;
  }

  /** What the server answers from now on vanishes; connections stay open. */
  public void swallowReplies() {
    swallowsReplies = true;
  }

  /** Lets everything through that comes from now on. */
  public void heal() {
    cut = false;
    swallowsRequests = false;
    swallowsReplies = false;
  }

  /** New connections lead to another server; those that are open stay where they are. */
  public void leadTo(int port) {
    target = port;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (cut) {
          client.close();
          continue;
        }
        Socket server = new Socket();
        open.add(client);
        open.add(server);
        try {
          server.connect(new InetSocketAddress(LocalPorts.LOOPBACK, target), 2_000);
        } catch (IOException refused) {
          forget(client, server);
          continue;
        }
        start("chat-test-proxy-requests", () -> copy(client, server, true));
        start("chat-test-proxy-replies", () -> copy(server, client, false));
        if (cut) {
          forget(client, server);
        }
      } catch (IOException closed) {
        // The loop looks at the listener.
      }
    }
  }

  private void copy(Socket from, Socket to, boolean requests) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        if (!(requests ? swallowsRequests : swallowsReplies)) {
          to.getOutputStream().write(buffer, 0, n);
        }
      }
    } catch (IOException broken) {
      // Both ends are closed below.
    } finally {
      forget(from, to);
    }
  }

  private void forget(Socket one, Socket other) {
    close(one);
    close(other);
    open.remove(one);
    open.remove(other);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // It is closed, which is what was wanted.
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException gone) {
      // It is closed, which is what was wanted.
    }
    breakConnections();
  }
}
