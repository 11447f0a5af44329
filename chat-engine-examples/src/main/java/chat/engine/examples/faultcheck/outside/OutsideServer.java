package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.faultcheck.check.outside.OutsideNames;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Recorder;
import chat.engine.examples.faultcheck.outside.OutsidePlan.Kind;
import chat.engine.examples.server.ServerApi;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that a chat-server calls: two outgoing webhooks, a bot behind a webhook, and a language model
 * that streams. Records each call, and lets calls fail. Thread-safe.
 */
final class OutsideServer implements AutoCloseable {
  /** Longer than the deadlines in {@link #integrations}. */
  private static final int HANG_SECONDS = 6;

  private static final int DEADLINE_SECONDS = 3;
  private static final int PIECE_MILLIS = 100;
  private static final int HUGE_BYTES = 2_000_000;
  private static final Pattern CLIENT_ID = Pattern.compile("s\\d+u\\d+n\\d+");

  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Mishaps mishaps;
  private final AtomicInteger garbage = new AtomicInteger();
  private volatile Recorder recorder = new Recorder();

  OutsideServer(Mishaps mishaps) throws IOException {
    this.mishaps = mishaps;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    OutsideNames.HOOKS.forEach(hook -> http.createContext("/" + hook, call -> hook(hook, call)));
    http.createContext("/" + OutsideNames.DESK, this::desk);
    http.createContext("/" + OutsideNames.HELPER, this::helper);
    http.start();
  }

  /** Where calls are recorded from now on. */
  void recorder(Recorder next) {
    recorder = next;
  }

  /** The file that makes a chat-server call this. */
  String integrations() {
    ObjectNode file = ServerApi.object();
    file.putArray("bots")
        .add(
            entry(OutsideNames.DESK)
                .put("username", OutsideNames.DESK)
                .put("kind", "webhook")
                .put("failure_text", OutsideNames.SENTENCE))
        .add(
            entry(OutsideNames.HELPER)
                .put("username", OutsideNames.HELPER)
                .put("kind", "openai")
                .put("model", "small")
                .put("failure_text", OutsideNames.SENTENCE));
    file.putArray("webhooks")
        .add(entry(OutsideNames.AUDIT).put("name", OutsideNames.AUDIT))
        .add(
            entry(OutsideNames.MESSAGES)
                .put("name", OutsideNames.MESSAGES)
                .set("events", ServerApi.object().putArray("events").add("message")));
    return file.toString();
  }

  private ObjectNode entry(String name) {
    return ServerApi.object()
        .put("url", "http://127.0.0.1:" + http.getAddress().getPort() + "/" + name)
        .put("secret", Signature.SECRET)
        .put("deadline_seconds", DEADLINE_SECONDS);
  }

  // ---- outgoing webhooks

  private void hook(String hook, HttpExchange call) throws IOException {
    byte[] body = call.getRequestBody().readAllBytes();
    ObjectNode event = ServerApi.parse(new String(body, StandardCharsets.UTF_8));
    String id = event.path("event_id").asString("");
    String[] place = id.split(":", -1); // conversation, kind, number
    Kind mishap = mishaps.of(hook).orElse(null);
    boolean signed = Signature.isRight(call.getRequestHeaders(), id, body);
    long seq = event.path("seq").asLong(event.path("change").path("at_seq").asLong(0));
    recorder.record(
        at ->
            new Event.Posted(
                at,
                hook,
                Long.parseLong(event.path("conversation_id").asString("0")),
                place.length == 3 ? place[1] + place[2] : id,
                seq,
                event.path("client_message_id").asString(""),
                signed,
                mishap == null));
    if (mishap == null) {
      call.sendResponseHeaders(204, -1);
      call.close();
    } else {
      fail(call, mishap, 500);
    }
  }

  /** Ends the connection if not all of the answer was written. */
  private void fail(HttpExchange call, Kind mishap, int statusOfGarbage) throws IOException {
    switch (mishap) {
      case REFUSE -> call.sendResponseHeaders(503, -1);
      case HANG -> pause(HANG_SECONDS * 1_000);
      case CUT -> {
        call.sendResponseHeaders(200, HUGE_BYTES);
        call.getResponseBody().write("{\"te".getBytes(StandardCharsets.UTF_8));
        call.getResponseBody().flush();
      }
      default -> garbage(call, statusOfGarbage);
    }
    call.close();
  }

  /** More than anybody takes, an address to go to, or a stream of what is no JSON. */
  private void garbage(HttpExchange call, int status) throws IOException {
    switch (garbage.getAndIncrement() % 3) {
      case 0 -> {
        call.sendResponseHeaders(200, HUGE_BYTES);
        call.getResponseBody().write(new byte[HUGE_BYTES]);
      }
      case 1 -> {
        call.getResponseHeaders().set("Location", "/elsewhere");
        call.sendResponseHeaders(307, -1);
      }
      default -> {
        byte[] noJson = "data: {\"choices\":[{\n\n".getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", "text/event-stream");
        call.sendResponseHeaders(status, 0);
        call.getResponseBody().write(noJson);
      }
    }
  }

  private static void pause(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- bots

  /** Writes an answer, or the beginning of it; fails if the other side has gone. */
  private interface Answering {
    void answer(String question, boolean whole, OutputStream out) throws IOException;
  }

  private void desk(HttpExchange call) throws IOException {
    byte[] body = call.getRequestBody().readAllBytes();
    ObjectNode json = ServerApi.parse(new String(body, StandardCharsets.UTF_8));
    String id = json.path("id").asString("");
    int attempt = Integer.parseInt(call.getRequestHeaders().getFirst("webhook-attempt"));
    boolean signed = Signature.isRight(call.getRequestHeaders(), id, body);
    String question = json.path("message").path("client_message_id").asString("");
    bot(
        call,
        new Call(OutsideNames.DESK, question, attempt, signed),
        "application/json",
        (asked, whole, out) ->
            out.write(text(OutsideNames.DESK, asked, whole).getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(String bot, String question, boolean whole) {
    String json = ServerApi.object().put("text", OutsideNames.answer(bot, question)).toString();
    return whole ? json : json.substring(0, json.length() / 2);
  }

  private void helper(HttpExchange call) throws IOException {
    byte[] body = call.getRequestBody().readAllBytes();
    JsonNode messages = ServerApi.parse(new String(body, StandardCharsets.UTF_8)).path("messages");
    Matcher named =
        CLIENT_ID.matcher(messages.path(messages.size() - 1).path("content").asString(""));
    boolean signed =
        ("Bearer " + Signature.SECRET).equals(call.getRequestHeaders().getFirst("Authorization"));
    bot(
        call,
        new Call(OutsideNames.HELPER, named.find() ? named.group() : "", 0, signed),
        "text/event-stream",
        OutsideServer::stream);
  }

  private record Call(String bot, String question, int attempt, boolean signed) {}

  private void bot(HttpExchange exchange, Call call, String type, Answering answering)
      throws IOException {
    Recorder here = recorder;
    long since = here.now();
    boolean answered = false;
    try {
      Kind mishap = mishaps.of(call.bot()).orElse(null);
      if (mishap == null || mishap == Kind.CUT) {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, mishap == null ? 0 : HUGE_BYTES);
        answering.answer(call.question(), mishap == null, exchange.getResponseBody());
        exchange.close(); // which breaks it off if there are fewer bytes than announced
        answered = mishap == null;
      } else {
        fail(exchange, mishap, 200);
      }
    } finally {
      boolean whole = answered;
      here.record(
          at ->
              new Event.Asked(
                  at, since, call.bot(), call.question(), call.attempt(), call.signed(), whole));
    }
  }

  private static void stream(String question, boolean whole, OutputStream out) throws IOException {
    List<String> pieces = OutsideNames.pieces(OutsideNames.HELPER, question);
    for (String piece : whole ? pieces : pieces.subList(0, pieces.size() / 2)) {
      ObjectNode event = ServerApi.object();
      event.putArray("choices").addObject().putObject("delta").put("content", piece);
      out.write(("data: " + event + "\n\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      pause(PIECE_MILLIS);
    }
    if (whole) {
      out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
