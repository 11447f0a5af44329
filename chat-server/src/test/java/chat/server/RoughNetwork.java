package chat.server;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
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
import org.awaitility.Awaitility;

/**
 * Addresses that lead to servers, whose network a test in a browser or in Node makes worse by HTTP:
 * {@code GET /cut} breaks all connections, {@code /refuse} those that come too, {@code /hold} lets
 * no bytes through any more, {@code /delay} each only after 50 ms, and {@code /heal} ends all that.
 * {@code /late} breaks all connections after a moment, and what clients have said in that moment
 * arrives at the servers only after clients have come back on other connections. No byte is lost or
 * overtaken within a connection. Thread-safe.
 */
final class RoughNetwork implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int DELAY_MILLIS = 50;
  private static final int BREAKING_MILLIS = 100; // in which clients notice nothing
  private static final int LATE_MILLIS = 1_000; // clients are back by then

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Line> open = ConcurrentHashMap.newKeySet();
  private final Set<Line> late = ConcurrentHashMap.newKeySet();
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final HttpServer control;
  private volatile boolean refuses;
  private volatile boolean holds;
  private volatile boolean delays;
  private long heals; // under the lock

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
    on("/late", () -> open.forEach(this::makeLate));
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
        Line line = new Line(client, new Socket(InetAddress.getLoopbackAddress(), port));
        open.add(line);
        start(() -> copy(line, line.client, line.server));
        start(() -> copy(line, line.server, line.client));
      } catch (IOException closed) {
        // the loop looks at the listener
      }
    }
  }

  private void copy(Line line, Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        awaitTurn();
        line.write(to, buffer, n);
      }
    } catch (IOException | InterruptedException broken) {
      // both ends are closed below
    } finally {
      if (!line.isLate()) {
        close(line);
      }
    }
  }

  private void makeLate(Line line) {
    if (late.add(line)) {
      line.becomeLate();
      start(() -> deliverLate(line));
    }
  }

  private void deliverLate(Line line) {
    try {
      pause(BREAKING_MILLIS);
      line.client.close();
      pause(LATE_MILLIS);
      line.deliver();
    } catch (IOException | InterruptedException broken) {
      // the server has closed it before
    } finally {
      close(line);
      late.remove(line);
    }
  }

  /** Until that time is over, or the network is healed. */
  private void pause(int millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      long seen = heals;
      for (long left = end - System.nanoTime();
          left > 0 && seen == heals;
          left = end - System.nanoTime()) {
        changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitTurn() throws InterruptedException {
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
      heals++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    Awaitility.await().until(late::isEmpty);
  }

  private void close(Line line) {
    open.remove(line);
    try {
      line.client.close();
      line.server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "chat-test-rough-network");
    thread.setDaemon(true);
    thread.start();
  }

  /** A connection of a client, which goes on to a server. */
  private static final class Line {
    private final Socket client;
    private final Socket server;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean isLate;

    Line(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    synchronized boolean isLate() {
      return isLate;
    }

    /** From now on what the client says is held, and what the server says is lost. */
    synchronized void becomeLate() {
      isLate = true;
    }

    synchronized void write(Socket to, byte[] bytes, int count) throws IOException {
      if (!isLate) {
        to.getOutputStream().write(bytes, 0, count);
      } else if (to == server) {
        held.write(bytes, 0, count);
      }
    }

    synchronized void deliver() throws IOException {
      held.writeTo(server.getOutputStream());
    }
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
