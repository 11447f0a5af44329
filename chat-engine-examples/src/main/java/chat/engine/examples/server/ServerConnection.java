package chat.engine.examples.server;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One WebSocket to a chat-server: requests find their replies by their ids, everything else goes to
 * a listener, in order. Does not reconnect: that is its user's affair. Thread-safe.
 */
public final class ServerConnection implements AutoCloseable {
  private static final int BROKEN = 1006;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Consumer<ObjectNode> events;
  private final ClosedListener closed;
  private final Map<String, CompletableFuture<ObjectNode>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final CompletableFuture<ObjectNode> welcome = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private CompletableFuture<WebSocket> lastSend = new CompletableFuture<>();
  private boolean ended;

  /** Is told the close code (RFC 6455, section 7.4), 1006 for a connection that broke. */
  interface ClosedListener {
    void closed(int code, String reason);
  }

  /** The connection ended before the answer came. */
  public static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1;

    public ClosedException(String reason) {
      super(reason);
    }
  }

  private ServerConnection(Consumer<ObjectNode> events, ClosedListener closed) {
    this.events = events;
    this.closed = closed;
  }

  /**
   * Completes when the welcome has come.
   *
   * @param events is told what is no reply, on the connection's thread, and must not block
   * @param closed is told once that the connection ended, unless it never began
   */
  static CompletableFuture<ServerConnection> open(
      HttpClient http,
      URI address,
      String accessToken,
      String device,
      Consumer<ObjectNode> events,
      ClosedListener closed) {
    ServerConnection connection = new ServerConnection(events, closed);
    URI named =
        URI.create(address + "?device=" + URLEncoder.encode(device, StandardCharsets.UTF_8));
    return http.newWebSocketBuilder()
        .connectTimeout(TIMEOUT)
        .header("Authorization", "Bearer " + accessToken)
        .buildAsync(named, connection.new Frames())
        .thenCompose(
            socket -> {
              connection.opened(socket);
              return connection.welcome;
            })
        .thenApply(welcome -> connection);
  }

  private synchronized void opened(WebSocket socket) {
    lastSend.complete(socket); // nothing was asked before
  }

  /**
   * Sends a request. The reply fails with {@link ServerApi.RefusedException} or {@link
   * ClosedException}.
   */
  CompletableFuture<ObjectNode> ask(ObjectNode request) {
    String id = Long.toString(requests.incrementAndGet());
    CompletableFuture<ObjectNode> reply = new CompletableFuture<>();
    synchronized (this) {
      if (ended) {
        return CompletableFuture.failedFuture(new ClosedException("the connection has ended"));
      }
      waiting.put(id, reply);
      String frame = request.put("id", id).toString();
      lastSend = lastSend.thenCompose(socket -> socket.sendText(frame, true));
    }
    return reply;
  }

  private void received(ObjectNode frame) {
    String id = frame.path("id").asString("");
    CompletableFuture<ObjectNode> reply = waiting.remove(id);
    String type = frame.path("type").asString("");
    if (reply != null && type.equals("ok")) {
      reply.complete(frame);
    } else if (reply != null) {
      reply.completeExceptionally(
          new ServerApi.RefusedException(
              frame.path("code").asString(""), frame.path("message").asString("")));
    } else if (type.equals("welcome")) {
      welcome.complete(frame);
      for (JsonNode announcement : frame.path("announcements")) { // as if it were announced now
        events.accept(((ObjectNode) announcement.deepCopy()).put("type", "announcement"));
      }
    } else {
      events.accept(frame);
    }
  }

  private void end(int code, String reason) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    boolean neverBegan = welcome.completeExceptionally(new ClosedException(reason));
    waiting.values().forEach(reply -> reply.completeExceptionally(new ClosedException(reason)));
    waiting.clear();
    if (!neverBegan) {
      closed.closed(code, reason);
    }
  }

  /** Parts with the server; the listener hears of it like of any other end. */
  @Override
  public synchronized void close() {
    lastSend.thenCompose(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
  }

  private final class Frames implements WebSocket.Listener {
    @Override
    public @Nullable CompletableFuture<?> onText(
        WebSocket socket, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        String frame = partial.toString();
        partial.setLength(0);
        received(ServerApi.parse(frame));
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletableFuture<?> onClose(WebSocket socket, int code, String reason) {
      end(
          code,
          code == BROKEN ? "the connection broke" : "the server closed: " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable fault) {
      end(BROKEN, "the connection broke");
    }
  }
}
