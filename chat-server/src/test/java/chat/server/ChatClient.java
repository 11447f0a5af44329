package chat.server;

import chat.engine.ChatException;
import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A user of a server, through REST and one WebSocket. Whatever the server says is held against its
 * published descriptions. Not thread-safe.
 */
public final class ChatClient {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int WAIT_SECONDS = 15;
  private static final String CLOSED = "closed, and nothing more to come";
  private static final String UNDESCRIBED = "a frame that is not as described";
  private static final ApiDescriptions PUBLISHED = new ApiDescriptions();

  private final int httpPort;
  private final int wsPort;
  private final ApiDescriptions descriptions;
  private final BlockingQueue<ObjectNode> frames = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> closeCodes = new LinkedBlockingQueue<>();
  private WebSocket socket;
  private Listener listener;
  private volatile @Nullable Throwable failure;
  private ApiDescriptions.Dialogue dialogue;
  private int requests;
  String username;
  String accessToken;
  String refreshToken;

  public record Reply(int status, JsonNode body) {
    String error() {
      return body.path("error").path("code").asString("");
    }
  }

  public ChatClient(ChatServer server) {
    this(server.httpPort(), server.wsPort());
  }

  public ChatClient(int httpPort, int wsPort) {
    this(httpPort, wsPort, PUBLISHED);
  }

  ChatClient(int httpPort, int wsPort, ApiDescriptions descriptions) {
    this.httpPort = httpPort;
    this.wsPort = wsPort;
    this.descriptions = descriptions;
  }

  public static ChatClient registered(ChatServer server, String username) throws Exception {
    return new ChatClient(server).register(username);
  }

  public ChatClient register(String username) throws Exception {
    String email = username + "@example.org";
    call(
        "POST",
        "/v1/auth/register",
        JsonObjects.object()
            .put("username", username)
            .put("email", email)
            .put("password", "correct horse"));
    logIn(email, "correct horse");
    return this;
  }

  public Reply logIn(String email, String password) throws Exception {
    Reply reply =
        call(
            "POST",
            "/v1/auth/login",
            JsonObjects.object().put("email", email).put("password", password));
    if (reply.status() == 201) {
      username = reply.body().get("user").get("username").asString();
      accessToken = reply.body().get("access_token").asString();
      refreshToken = reply.body().get("refresh_token").asString();
    }
    return reply;
  }

  public Reply call(String method, String path, ObjectNode body)
      throws IOException, InterruptedException {
    return call(method, path, body == null ? "" : body.toString());
  }

  public Reply call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response = exchange(method, path, body);
    return new Reply(response.statusCode(), JsonObjects.parse(response.body()));
  }

  /** For what is no JSON. */
  HttpResponse<String> exchange(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (accessToken != null) {
      request.header("Authorization", "Bearer " + accessToken);
    }
    HttpResponse<String> response =
        HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    descriptions.checkAnswer(
        method,
        path,
        body,
        response.statusCode(),
        response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", ""),
        response.body());
    return response;
  }

  public String name() {
    return username;
  }

  public String ticket() throws Exception {
    return call("POST", "/v1/auth/otp", "").body().get("otp").asString();
  }

  /** Connects with a fresh ticket and takes the welcome. */
  public ObjectNode connect() throws Exception {
    open("?otp=" + ticket() + "&username=" + URLEncoder.encode(username, StandardCharsets.UTF_8));
    return next("welcome");
  }

  /** Connects with the access token in a header and takes the welcome. */
  ObjectNode connectWithToken() throws Exception {
    open(HTTP.newWebSocketBuilder().header("Authorization", "Bearer " + accessToken), "");
    return next("welcome");
  }

  void open(String query) throws Exception {
    open(HTTP.newWebSocketBuilder(), query);
  }

  private void open(WebSocket.Builder builder, String query) throws Exception {
    dialogue = descriptions.dialogue();
    listener = new Listener();
    socket =
        builder
            .buildAsync(URI.create("ws://127.0.0.1:" + wsPort + "/v1/ws" + query), listener)
            .get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder partial = new StringBuilder(); // sockets of before may go on
    private boolean asleep;
    private long unread;

    @Override
    public CompletableFuture<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        frames.add(frame(partial.toString()));
        partial.setLength(0);
      }
      synchronized (this) {
        if (asleep) {
          unread++;
        } else {
          from.request(1);
        }
      }
      return null;
    }

    private synchronized void sleep() {
      asleep = true;
    }

    private synchronized void wake() {
      asleep = false;
      socket.request(unread);
    }

    private ObjectNode frame(String text) {
      try {
        ObjectNode frame = JsonObjects.parse(text);
        dialogue.received(frame);
        return frame;
      } catch (AssertionError undescribed) {
        return undescribed(undescribed.getMessage());
      } catch (ChatException malformed) {
        return undescribed("no JSON: " + text);
      }
    }

    private static ObjectNode undescribed(String why) {
      return JsonObjects.object().put("type", UNDESCRIBED).put("why", why);
    }

    @Override
    public CompletableFuture<?> onClose(WebSocket from, int code, String reason) {
      ended(code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable fault) {
      failure = fault;
      ended(1006);
    }

    private void ended(int code) {
      closeCodes.add(code);
      frames.add(JsonObjects.object().put("type", CLOSED));
    }
  }

  void text(String text) throws Exception {
    dialogue.sent(text);
    socket.sendText(text, true).get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Sends a request and waits for its answer, passing over events. */
  public ObjectNode ask(ObjectNode request) throws Exception {
    String id = "r" + ++requests;
    text(request.put("id", id).toString());
    return answerTo(id);
  }

  ObjectNode answerTo(String id) throws Exception {
    while (true) {
      ObjectNode frame = nextFrame();
      if (id.equals(frame.path("id").asString(""))) {
        return frame;
      }
    }
  }

  public ObjectNode send(String to, String clientMessageId, String text) throws Exception {
    return ask(
        JsonObjects.object()
            .put("type", "send")
            .put("to", to)
            .put("client_message_id", clientMessageId)
            .put("text", text));
  }

  /** The next frame of a type, passing over others. */
  public ObjectNode next(String type) throws Exception {
    while (true) {
      ObjectNode frame = nextFrame();
      if (type.equals(frame.get("type").asString())) {
        return frame;
      }
    }
  }

  /** The next frame, whatever it is. */
  ObjectNode nextFrame() throws Exception {
    ObjectNode frame = frames.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    if (frame == null || CLOSED.equals(frame.path("type").asString(""))) {
      throw new AssertionError("nothing came; closed with " + closeCodes, failure);
    }
    if (UNDESCRIBED.equals(frame.path("type").asString(""))) {
      throw new AssertionError(frame.get("why").asString());
    }
    return frame;
  }

  /** The codes of all errors that came so far and were not looked at. */
  List<String> errorCodes() {
    return frames.stream()
        .filter(frame -> frame.path("type").asString("").equals("error"))
        .map(frame -> frame.get("code").asString())
        .distinct()
        .toList();
  }

  /** Reads no more from the socket, but for a frame or two, until {@link #wake}. */
  void sleep() {
    listener.sleep();
  }

  void wake() {
    listener.wake();
  }

  int closeCode() throws Exception {
    Integer code = closeCodes.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    if (code == null) {
      throw new AssertionError("the connection was not closed");
    }
    return code;
  }

  /** As if the network went away; any number of times. */
  public void abort() {
    socket.abort();
  }

  public void disconnect() throws Exception {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(WAIT_SECONDS, TimeUnit.SECONDS);
  }
}
