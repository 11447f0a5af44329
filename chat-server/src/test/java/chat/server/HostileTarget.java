package chat.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An HTTP server that means no good, or has lost its mind: it writes whatever a test says. */
public final class HostileTarget implements AutoCloseable {
  private static final byte[] ROW = "x".repeat(8192).getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket server;
  private final Behaviour behaviour;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong written = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();

  /** What it does with a connection whose request has begun to arrive. */
  public interface Behaviour {
    void answer(Writer to) throws IOException, InterruptedException;
  }

  /** Counts what was written. */
  public interface Writer {
    void write(byte[] bytes) throws IOException;

    default void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  public HostileTarget(Behaviour behaviour) throws IOException {
    this.behaviour = behaviour;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  /** Sends the client elsewhere. */
  public static HostileTarget redirecting(String location) throws IOException {
    return new HostileTarget(
        to ->
            to.write(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: "
                    + location
                    + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  }

  /** A good head, and then a byte every now and then. */
  public static HostileTarget dripping(long everyMillis) throws IOException {
    return new HostileTarget(
        to -> {
          to.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
          while (true) {
            to.write("x");
            Thread.sleep(everyMillis);
          }
        });
  }

  /** A head of which a byte comes every now and then. */
  public static HostileTarget drippingHead(long everyMillis) throws IOException {
    return new HostileTarget(
        to -> {
          to.write("HTTP/1.1 200 OK\r\nX-Slow: ");
          while (true) {
            to.write("x");
            Thread.sleep(everyMillis);
          }
        });
  }

  /** A body without an end. */
  public static HostileTarget endless(String contentType) throws IOException {
    return new HostileTarget(
        to -> {
          to.write("HTTP/1.1 200 OK\r\nContent-Type: " + contentType + "\r\n\r\n");
          while (true) {
            to.write(ROW);
          }
        });
  }

  /** A body that repeats itself without an end. */
  public static HostileTarget repeating(String contentType, String piece) throws IOException {
    byte[] row = piece.repeat(8192 / piece.length()).getBytes(StandardCharsets.US_ASCII);
    return new HostileTarget(
        to -> {
          to.write("HTTP/1.1 200 OK\r\nContent-Type: " + contentType + "\r\n\r\n");
          while (true) {
            to.write(row);
          }
        });
  }

  /** A head without an end: header after header. */
  public static HostileTarget endlessHead() throws IOException {
    return new HostileTarget(
        to -> {
          to.write("HTTP/1.1 200 OK\r\n");
          for (long i = 0; ; i++) {
            to.write("X-" + i + ": " + "x".repeat(1000) + "\r\n");
          }
        });
  }

  /** One header without an end. */
  public static HostileTarget endlessHeader() throws IOException {
    return new HostileTarget(
        to -> {
          to.write("HTTP/1.1 200 OK\r\nX-Long: ");
          while (true) {
            to.write(ROW);
          }
        });
  }

  /** Interim answers without an end. */
  public static HostileTarget endlessInterim() throws IOException {
    return new HostileTarget(
        to -> {
          while (true) {
            to.write("HTTP/1.1 102 Processing\r\n\r\n");
          }
        });
  }

  /** Takes the request, and is silent. */
  public static HostileTarget silent() throws IOException {
    return new HostileTarget(to -> Thread.sleep(600_000));
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        threads.execute(() -> handle(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void handle(Socket socket) {
    try (socket) {
      calls.incrementAndGet();
      InputStream in = socket.getInputStream();
      byte[] request = new byte[64 * 1024];
      if (in.read(request) < 0) {
        return;
      }
      Future<?> watching = threads.submit(() -> watch(socket, in));
      OutputStream out = socket.getOutputStream();
      behaviour.answer(
          bytes -> {
            out.write(bytes);
            written.addAndGet(bytes.length);
          });
      socket.shutdownOutput();
      watching.get(); // a close before all of the request has come would cut the answer, too
    } catch (IOException cut) {
      // as it should be
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException fault) {
      throw new IllegalStateException(fault);
    } finally {
      open.remove(socket);
    }
  }

  /** Notices that the client has gone, also while nothing is written. */
  private void watch(Socket socket, InputStream in) {
    try (socket) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException cut) {
      // gone
    } finally {
      open.remove(socket);
    }
  }

  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  public int calls() {
    return calls.get();
  }

  /** What clients took of it, with what the system holds between them and it. */
  public long written() {
    return written.get();
  }

  /** Connections that are open. */
  public int connections() {
    return open.size();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
