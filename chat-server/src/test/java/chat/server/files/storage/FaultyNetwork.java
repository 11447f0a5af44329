package chat.server.files.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A way to a server on which calls are refused, cut or held up. What is set holds for connections
 * that are made later; those that are open are cut. Thread-safe.
 */
public final class FaultyNetwork implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger bad = new AtomicInteger();
  private volatile Fault fault = Fault.NONE;

  /** What happens to a connection that is bad. */
  public enum Fault {
    NONE,
    /** It is answered with 503, as S3 does when it has too much to do. */
    SLOW_DOWN,
    /** It ends in the middle of what is sent. */
    CUT_UPLOAD,
    /** It ends in the middle of the answer. */
    CUT_DOWNLOAD,
    /** The answer never comes. */
    SILENT,
    /** The answer stops in its middle. */
    STALLS
  }

  /** Enough for the heads of calls, and for less than the bodies of the tests. */
  private static final int MIDDLE = 100_000;

  FaultyNetwork(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many connections there were. */
  int connections() {
    return connections.get();
  }

  public void breakFor(Fault how, int nextConnections) {
    fault = how;
    bad.set(nextConnections);
    open.forEach(FaultyNetwork::close);
  }

  public void breakFor(Fault how) {
    breakFor(how, Integer.MAX_VALUE);
  }

  public void heal() {
    breakFor(Fault.NONE, 0);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "faulty-network");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        connections.incrementAndGet();
        open.add(client);
        Fault now = bad.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? fault : Fault.NONE;
        start(() -> carry(client, now));
      } catch (IOException closed) {
        // the loop looks at the listener
      }
    }
  }

  private void carry(Socket client, Fault now) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      open.add(server);
      if (now == Fault.SLOW_DOWN) {
        refuse(client);
        return;
      }
      start(() -> copy(client, server, now == Fault.CUT_UPLOAD ? MIDDLE : Long.MAX_VALUE, false));
      switch (now) {
        case SILENT -> copy(server, client, 0, true);
        case STALLS -> copy(server, client, MIDDLE, true);
        case CUT_DOWNLOAD -> copy(server, client, MIDDLE, false);
        default -> copy(server, client, Long.MAX_VALUE, false);
      }
    } catch (IOException broken) {
      // as it is meant
    }
  }

  private static void refuse(Socket client) throws IOException {
    String body = "<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>";
    String answer =
        "HTTP/1.1 503 Slow Down\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(body.length(), body);
    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    client.shutdownOutput();
    client.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  /** Ends both when one of them ends, or when so much was carried; then nothing more is. */
  private void copy(Socket from, Socket to, long most, boolean holds) {
    byte[] part = new byte[1024];
    long carried = 0;
    try {
      InputStream in = from.getInputStream();
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        int now = (int) Math.min(read, most - carried);
        to.getOutputStream().write(part, 0, now);
        carried += now;
        if (carried == most && !holds) {
          break;
        }
      }
    } catch (IOException broken) {
      // both are closed below
    }
    close(from);
    close(to);
    open.remove(from);
    open.remove(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // it is closed, as was meant
    }
  }

  @Override
  public void close() {
    close(listener);
    open.forEach(FaultyNetwork::close);
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // it is closed, as was meant
    }
  }
}
