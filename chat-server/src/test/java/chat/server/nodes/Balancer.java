package chat.server.nodes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One address for several servers: a connection goes to the one that has the fewest. A server that
 * does not answer is asked all the same, until it is left out: a balancer notices late.
 * Thread-safe.
 */
public final class Balancer implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Integer> ports = new CopyOnWriteArrayList<>();
  private final Map<Socket, Integer> open = new ConcurrentHashMap<>(); // of clients, and where to

  public Balancer() throws IOException {
    start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  public void add(int port) {
    ports.add(port);
  }

  public void leaveOut(int port) {
    ports.remove(Integer.valueOf(port));
  }

  /** How many connections lead to a port. */
  public long connectionsTo(int port) {
    return open.values().stream().filter(to -> to == port).count();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        ports.stream()
            .min(Comparator.comparing(this::connectionsTo))
            .ifPresentOrElse(port -> connect(client, port), () -> close(client));
      } catch (IOException closed) {
        // the loop looks at the listener
      }
    }
  }

  private void connect(Socket client, int port) {
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
      open.put(client, port);
      start(() -> copy(client, server));
      start(() -> copy(server, client));
    } catch (IOException away) {
      close(client);
    }
  }

  private void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException broken) {
      // both ends are closed below
    } finally {
      close(from);
      close(to);
    }
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "chat-test-balancer");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.keySet().forEach(this::close);
  }
}
