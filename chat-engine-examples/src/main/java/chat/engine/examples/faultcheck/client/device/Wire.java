package chat.engine.examples.faultcheck.client.device;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a node. What comes is handled on the thread that reads it, in order: events, and
 * answers with the lines of their items. Thread-safe.
 */
public final class Wire implements AutoCloseable {
  /**
   * An answer of the node, or that none will come.
   *
   * @param items the words of each line in front of it
   * @param words behind {@code ok} or {@code error}
   */
  public record Answer(Kind kind, List<String[]> items, String[] words) {
    public enum Kind {
      OK,
      ERROR,
      NONE
    }

    static final Answer NONE = new Answer(Kind.NONE, List.of(), new String[0]);

    public boolean ok() {
      return kind == Kind.OK;
    }
  }

  private static final class Request {
    private final Consumer<Answer> answered;
    private final List<String[]> items = new ArrayList<>();

    Request(Consumer<Answer> answered) {
      this.answered = answered;
    }
  }

  private static final int CONNECT_MILLIS = 2_000;

  private final Socket socket = new Socket();
  private final Map<Long, Request> requests = new ConcurrentHashMap<>();
  private final Consumer<String[]> events;
  private final Consumer<String> onClosed;
  private long lastRequest;
  private @Nullable String closed;
  private volatile CountDownLatch reading = new CountDownLatch(0);

  private Wire(Consumer<String[]> events, Consumer<String> onClosed) {
    this.events = events;
    this.onClosed = onClosed;
  }

  /**
   * @param events gets the words of each event, without the star
   * @param onClosed is told why, once
   */
  public static Wire open(int port, Consumer<String[]> events, Consumer<String> onClosed)
      throws IOException {
    Wire wire = new Wire(events, onClosed);
    try {
      wire.socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      wire.socket.setTcpNoDelay(true);
      wire.socket.setReceiveBufferSize(32 * 1024);
    } catch (IOException refused) {
      wire.socket.close();
      throw refused;
    }
    Thread reader = new Thread(wire::read, "client");
    reader.setDaemon(true);
    reader.start();
    return wire;
  }

  /**
   * Asks, and calls back exactly once: with the answer, or with {@link Answer#NONE} when the
   * connection ends.
   */
  public void ask(String request, Consumer<Answer> answered) {
    long number;
    synchronized (this) {
      number = ++lastRequest;
      if (closed == null) {
        requests.put(number, new Request(answered));
        if (write(number + " " + request + "\n")) {
          return;
        }
      } else {
        answered.accept(Answer.NONE);
        return;
      }
    }
    close("write failed");
  }

  /** Sends what has no answer. */
  synchronized void tell(String request) {
    write("0 " + request + "\n");
  }

  private boolean write(String line) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(line.getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (IOException broken) {
      return false;
    }
  }

  /** Stops reading, or goes on: a slow client. */
  private void hold(boolean held) {
    CountDownLatch before = reading;
    reading = new CountDownLatch(held ? 1 : 0);
    before.countDown();
  }

  private void read() {
    String why = "closed by the node";
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = readLine(in); line != null; line = readLine(in)) {
        reading.await();
        handle(line.split(" ", -1));
      }
    } catch (IOException broken) {
      why = String.valueOf(broken.getMessage());
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
    close(why);
  }

  /** The next line, or null at the end, which is also where a killed process has cut a line. */
  private static @Nullable String readLine(Reader in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        return line.toString();
      }
      line.append((char) next);
    }
    return null;
  }

  private void handle(String[] words) {
    if (words[0].equals("*")) {
      events.accept(tail(words, 1));
      return;
    }
    long number = Long.parseLong(words[0]);
    Request request = requests.get(number);
    if (request == null) {
      return;
    }
    if (words[1].equals("+")) {
      request.items.add(tail(words, 2));
    } else {
      requests.remove(number);
      Answer.Kind kind = words[1].equals("ok") ? Answer.Kind.OK : Answer.Kind.ERROR;
      request.answered.accept(new Answer(kind, request.items, tail(words, 2)));
    }
  }

  private static String[] tail(String[] words, int from) {
    return words.length <= from
        ? new String[0]
        : java.util.Arrays.copyOfRange(words, from, words.length);
  }

  public synchronized boolean isOpen() {
    return closed == null;
  }

  public void close(String why) {
    synchronized (this) {
      if (closed != null) {
        return;
      }
      closed = why;
      try {
        socket.close();
      } catch (IOException alreadyClosed) {
        // as wanted
      }
    }
    hold(false);
    onClosed.accept(why);
    for (Long number : List.copyOf(requests.keySet())) {
      Request unanswered = requests.remove(number);
      if (unanswered != null) {
        unanswered.answered.accept(Answer.NONE);
      }
    }
  }

  @Override
  public void close() {
    close("closed by the client");
  }
}
