package chat.server;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Addresses that lead to servers, whose network a test in a browser or in Node makes worse by HTTP:
 * {@code GET /cut} breaks all connections, {@code /refuse} those that come too, {@code /hold} lets
 * no bytes through any more, {@code /delay} each only after 50 ms, and {@code /heal} ends all that.
 * No byte is lost within a connection. Thread-safe.
 */
final class RoughNetwork implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int DELAY_MILLIS = 50;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final HttpServer control;
  private volatile boolean refuses;
  private volatile boolean holds;
  private volatile boolean delays;

  RoughNetwork() throws IOException {
    control = TestServer.ofTheJdk();
    on("/cut", this::cut);
    on(
        "/refuse",
        () -> {
          refuses = true;
          cut();
        });
    on("/hold", () -> holds = true);
    on("/delay", () -> delays = true);
    on("/heal", this::heal);
    control.start();
  }

  private void on(String path, Runnable work) {
    control.createContext(
        path,
        exchange -> {
          try (exchange) {
            work.run();
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
            exchange.sendResponseHeaders(204, -1);
          }
        });
  }

  String control() {
    return "http://127.0.0.1:" + control.getAddress().getPort();
  }

  /** The port of a new address that leads to a port here. */
  int to(int port) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    listeners.add(listener);
    start(() -> accept(listener, port));
    return listener.getLocalPort();
  }

  private void accept(ServerSocket listener, int port) {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (refuses) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(client);
        open.add(server);
        start(() -> copy(client, server));
        start(() -> copy(server, client));
      } catch (IOException closed) {
        // the loop looks at the listener
      }
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        await();
        to.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException | InterruptedException broken) {
      // both ends are closed below
    } finally {
      close(from);
      close(to);
    }
  }

  private void await() throws InterruptedException {
    lock.lock();
    try {
      if (delays && !changed.await(DELAY_MILLIS, TimeUnit.MILLISECONDS)) {
        // that was the delay
      }
      while (holds) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void cut() {
    open.forEach(this::close);
  }

  private void heal() {
    lock.lock();
    try {
      refuses = false;
      holds = false;
      delays = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "chat-test-rough-network");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    heal();
    for (ServerSocket listener : listeners) {
      listener.close();
    }
    cut();
    control.stop(0);
  }
}
