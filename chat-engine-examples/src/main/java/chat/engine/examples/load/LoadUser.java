package chat.engine.examples.load;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One connected user under load. Frames are not parsed but searched; what is searched for is
 * written by this program itself. Belongs to the thread of its {@link LoadLoop}.
 */
final class LoadUser implements LoadLoop.Listener {
  private static final String TEXT = "\"text\":\"load ";

  private final int number;
  private final String destination;
  private final Times times;
  private final Map<Integer, Long> lastOfSender = new HashMap<>();
  private final Queue<Long> unacknowledged = new ArrayDeque<>();
  private @Nullable String closed;
  private @Nullable LoadSocket socket;
  private boolean welcomed;
  private boolean looping;
  private long sent;
  private long received;
  private long disordered;
  private long errors;

  /** Where all users record: nanoseconds since a message was due. */
  record Times(Histogram acknowledged, Histogram delivered) {}

  /**
   * @param number tells the senders of one run apart
   * @param destination the field of a request that says where its messages go
   */
  LoadUser(int number, String destination, Times times) {
    this.number = number;
    this.destination = destination;
    this.times = times;
  }

  void on(LoadSocket connection) {
    socket = connection;
  }

  /** Sends one message now, and one whenever the last was acknowledged. */
  void startLoop() {
    looping = true;
    send(System.nanoTime());
  }

  void stopLoop() {
    looping = false;
  }

  /** Sends one message; its latency counts from the given {@link System#nanoTime}. */
  void send(long dueNanos) {
    LoadSocket to = socket;
    if (to == null) {
      throw new IllegalStateException("not connected");
    }
    sent++;
    unacknowledged.add(dueNanos);
    to.send(
        "{\"type\":\"send\",\"id\":\"n\","
            + destination
            + ",\"client_message_id\":\""
            + sent
            + "\",\"text\":\"load "
            + number
            + ' '
            + sent
            + ' '
            + dueNanos
            + "\"}");
  }

  @Override
  public void opened() {}

  @Override
  public void frame(String frame) {
    int text = frame.indexOf(TEXT);
    if (text >= 0) {
      int begin = text + TEXT.length();
      message(frame.substring(begin, frame.indexOf('"', begin)));
    } else if (frame.startsWith("{\"type\":\"ok\"")) {
      acknowledgement();
    } else if (frame.startsWith("{\"type\":\"error\"")
        || frame.startsWith("{\"type\":\"resync\"")) {
      errors++;
      unacknowledged.poll();
    } else if (frame.startsWith("{\"type\":\"welcome\"")) {
      welcomed = true;
    }
  }

  private void message(String senderNumberTime) {
    int first = senderNumberTime.indexOf(' ');
    int second = senderNumberTime.indexOf(' ', first + 1);
    int sender = Integer.parseInt(senderNumberTime, 0, first, 10);
    long message = Long.parseLong(senderNumberTime, first + 1, second, 10);
    long due = Long.parseLong(senderNumberTime, second + 1, senderNumberTime.length(), 10);
    times.delivered().recordValue(Math.max(0, System.nanoTime() - due));
    Long last = lastOfSender.put(sender, message);
    if (message != (last == null ? 0 : last) + 1) {
      disordered++;
    }
    received++;
  }

  /** The messages of one user go to one conversation, so they are acknowledged in their order. */
  private void acknowledgement() {
    Long due = unacknowledged.poll();
    if (due != null) {
      times.acknowledged().recordValue(Math.max(0, System.nanoTime() - due));
    }
    if (looping) {
      send(System.nanoTime());
    }
  }

  @Override
  public void closed(String reason) {
    closed = reason;
  }

  boolean welcomed() {
    return welcomed;
  }

  /** Why the connection ended, or null while it has not. */
  @Nullable String closed() {
    return closed;
  }

  long received() {
    return received;
  }

  long sent() {
    return sent;
  }

  /** Messages that came twice, or before one that was sent earlier. */
  long disordered() {
    return disordered;
  }

  long errors() {
    return errors;
  }
}
