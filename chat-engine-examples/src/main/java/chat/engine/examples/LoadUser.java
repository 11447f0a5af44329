package chat.engine.examples;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the {@link LoadGenerator}. Frames are not parsed but searched, since the
 * machine is the server's to use; what is searched for is written by this program itself.
 * Thread-safe.
 */
final class LoadUser implements WebSocket.Listener {
  private static final String TEXT = "\"text\":\"load ";
  private static final String REQUEST_ID = "\"id\":\"n";

  private final String peer;
  private final ConcurrentHistogram acknowledged;
  private final ConcurrentHistogram delivered;
  private final Map<Long, Long> unacknowledged = new ConcurrentHashMap<>();
  private final LongAdder received = new LongAdder();
  private final LongAdder disordered = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final StringBuilder partial = new StringBuilder();
  private final CompletableFuture<Void> welcome = new CompletableFuture<>();
  private @Nullable CompletableFuture<WebSocket> lastSend;
  private long lastNumber;
  private long sent;
  private volatile boolean looping;

  private LoadUser(String peer, ConcurrentHistogram acknowledged, ConcurrentHistogram delivered) {
    this.peer = peer;
    this.acknowledged = acknowledged;
    this.delivered = delivered;
  }

  static LoadUser connect(
      HttpClient http,
      URI address,
      String token,
      String peer,
      ConcurrentHistogram acknowledged,
      ConcurrentHistogram delivered)
      throws Exception {
    LoadUser user = new LoadUser(peer, acknowledged, delivered);
    WebSocket socket =
        http.newWebSocketBuilder()
            .header("Authorization", "Bearer " + token)
            .buildAsync(address, user)
            .get(30, TimeUnit.SECONDS);
    synchronized (user) {
      user.lastSend = CompletableFuture.completedFuture(socket);
    }
    user.welcome.get(30, TimeUnit.SECONDS);
    return user;
  }

  void startLoop() {
    looping = true;
    send(System.nanoTime());
  }

  void stopLoop() {
    looping = false;
  }

  /** Sends one message; its latency counts from the given {@link System#nanoTime}. */
  synchronized void send(long intendedNanos) {
    CompletableFuture<WebSocket> before = lastSend;
    if (before == null) {
      return;
    }
    long number = ++sent;
    unacknowledged.put(number, intendedNanos);
    String request =
        "{\"type\":\"send\",\"id\":\"n%d\",\"to\":\"%s\",\"client_message_id\":\"%d\",\"text\":\"load %d %d\"}"
            .formatted(number, peer, number, number, intendedNanos);
    lastSend = before.thenCompose(socket -> socket.sendText(request, true));
  }

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      frame(partial.toString());
      partial.setLength(0);
    }
    socket.request(1);
    return CompletableFuture.completedFuture(null);
  }

  private void frame(String frame) {
    int text = frame.indexOf(TEXT);
    if (text >= 0) {
      message(frame.substring(text + TEXT.length(), frame.indexOf('"', text + TEXT.length())));
    } else if (frame.startsWith("{\"type\":\"ok\"")) {
      acknowledgement(frame);
    } else if (frame.startsWith("{\"type\":\"error\"")) {
      errors.increment();
    } else if (frame.startsWith("{\"type\":\"welcome\"")) {
      welcome.complete(null);
    }
  }

  private void message(String numberAndTime) {
    int space = numberAndTime.indexOf(' ');
    long number = Long.parseLong(numberAndTime.substring(0, space));
    delivered.recordValue(
        Math.max(0, System.nanoTime() - Long.parseLong(numberAndTime.substring(space + 1))));
    if (number != lastNumber + 1) {
      disordered.increment();
    }
    lastNumber = number;
    received.increment();
  }

  private void acknowledgement(String frame) {
    int id = frame.indexOf(REQUEST_ID) + REQUEST_ID.length();
    Long intended =
        unacknowledged.remove(Long.parseLong(frame.substring(id, frame.indexOf('"', id))));
    if (intended != null) {
      acknowledged.recordValue(Math.max(0, System.nanoTime() - intended));
    }
    if (looping) {
      send(System.nanoTime());
    }
  }

  @Override
  public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    welcome.completeExceptionally(new IllegalStateException("closed with " + code + " " + reason));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void onError(WebSocket socket, Throwable fault) {
    errors.increment();
    welcome.completeExceptionally(fault);
  }

  long received() {
    return received.sum();
  }

  synchronized long sent() {
    return sent;
  }

  long disordered() {
    return disordered.sum();
  }

  long errors() {
    return errors.sum();
  }

  synchronized void close() {
    CompletableFuture<WebSocket> before = lastSend;
    if (before != null) {
      before.thenAccept(WebSocket::abort);
    }
  }
}
