package chat.server.page;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import chat.server.ChatServer;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Somebody who writes fast: a message does not wait for the answer to the one before. */
final class Flood implements AutoCloseable {
  private static final int WINDOW = 64;

  private final Semaphore room = new Semaphore(WINDOW);
  private final WebSocket socket;
  private final String to;
  private int sent;

  /** As a user who is registered, to another one. */
  Flood(ChatServer server, ChatClient user, String to) throws Exception {
    this(server.wsPort(), user, to);
  }

  Flood(int wsPort, ChatClient user, String to) throws Exception {
    String ticket = user.ticket();
    String query =
        "?otp=" + ticket + "&username=" + URLEncoder.encode(user.name(), StandardCharsets.UTF_8);
    this.to = to;
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + wsPort + "/v1/ws" + query), new Listener())
            .get(20, TimeUnit.SECONDS);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder partial = new StringBuilder();

    @Override
    public CompletableFuture<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        if (partial.indexOf("\"error\"") >= 0) {
          throw new IllegalStateException(partial.toString());
        }
        if (partial.indexOf("\"message_id\"") >= 0) {
          room.release();
        }
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  /** Sends at a rate, and waits for the last answer. */
  void send(int messages, int perSecond) throws InterruptedException {
    long begun = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      long due = begun + TimeUnit.SECONDS.toNanos(1) / perSecond * i;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      if (!room.tryAcquire(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no answer");
      }
      socket.sendText(next(), true).join();
    }
    if (!room.tryAcquire(WINDOW, 60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no answer");
    }
    room.release(WINDOW);
  }

  private String next() {
    sent++;
    return JsonObjects.object()
        .put("type", "send")
        .put("id", "f" + sent)
        .put("to", to)
        .put("client_message_id", "f" + sent)
        .put("text", "Message " + sent + ", about as **long** as people write them." + more())
        .toString();
  }

  /** Some are longer than others. */
  private String more() {
    return sent % 7 == 0 ? "\nWith a second line, and https://example.org/" + sent : "";
  }

  @Override
  public void close() {
    socket.abort();
  }
}
