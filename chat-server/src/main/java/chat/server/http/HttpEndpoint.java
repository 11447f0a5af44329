package chat.server.http;

import chat.engine.protocol.JsonObjects;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.uri.AllowedOrigins;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Paths and methods to handlers, faults to errors. Thread-safe once started. */
public final class HttpEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
  // A request holds a thread from its first byte on, and a slow client is slow to send it.
  private static final int THREADS = 256;
  private static final int BACKLOG = 512;
  private static final int LAST_CALLS_SECONDS = 2;
  public static final String CONTENT_POLICY =
      "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'";

  static {
    // Half requests and endless ones: the JDK's server waits for ever unless told otherwise.
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    System.setProperty("sun.net.httpserver.maxRspTime", "30");
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("jdk.httpserver.maxConnections", "10000");
  }

  private final HttpServer server;
  private final Timings timings;
  private final ThreadPoolExecutor threads;
  private final Map<String, Map<String, Handler>> routes = new HashMap<>();
  private volatile boolean draining;

  /** Is told of each call that was answered. Must be thread-safe and not block. */
  public interface Timings {
    /**
     * @param route one of the paths that exist, or {@code other}
     */
    void took(String route, int status, Duration time);
  }

  /** Answers one call. Runs on a thread of its own, and may block. */
  public interface Handler {
    /**
     * @throws ApiException what the client gets to know of; anything else is {@code internal}
     */
    Response handle(Request request) throws IOException;
  }

  /** The calls of one feature. */
  public interface Routes {
    void addTo(HttpEndpoint http);
  }

  /** In chunks, see {@link HttpExchange#sendResponseHeaders}. */
  private static final long UNKNOWN_LENGTH = 0;

  private HttpEndpoint(HttpServer server, Timings timings) {
    this.server = server;
    this.timings = timings;
    this.threads =
        new ThreadPoolExecutor(
            0,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(), // one more than the threads can take is cut
            task -> {
              Thread thread = new Thread(task, "chat-http");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes the port; answers nothing before {@link #start}.
   *
   * @param address port 0 takes a free one
   * @throws IOException if the address cannot be bound
   */
  public static HttpEndpoint bind(InetSocketAddress address, Timings timings) throws IOException {
    return new HttpEndpoint(HttpServer.create(address, BACKLOG), timings);
  }

  /**
   * @param features their routes are added in this order
   * @param origins of pages that may call, this server's own among them
   */
  public void start(List<Routes> features, AllowedOrigins origins) {
    features.forEach(feature -> feature.addTo(this));
    CrossOrigin crossOrigin = new CrossOrigin(origins);
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(exchange, crossOrigin));
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /**
   * @param path of which segments in braces stand for any; see {@link Request#inPath}
   */
  public void route(String method, String path, Handler handler) {
    routes.computeIfAbsent(path, unused -> new HashMap<>()).put(method, handler);
  }

  /** The methods of each path that there is. */
  public Map<String, Set<String>> routes() {
    Map<String, Set<String>> methods = new TreeMap<>();
    routes.forEach((path, handlers) -> methods.put(path, Set.copyOf(handlers.keySet())));
    return methods;
  }

  private void handle(HttpExchange exchange, CrossOrigin crossOrigin) {
    long begun = System.nanoTime();
    try (exchange) {
      Response response =
          crossOrigin.isPreflight(exchange)
              ? crossOrigin.answerPreflight(exchange)
              : answer(exchange);
      timings.took(
          routesAt(path(exchange)).stream()
              .filter(route -> takes(route, method(exchange)))
              .findFirst()
              .orElse("other"),
          response.status(),
          Duration.ofNanos(System.nanoTime() - begun));
      crossOrigin.mark(exchange);
      exchange.getResponseHeaders().set("Content-Type", response.contentType());
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.getResponseHeaders().set("Content-Security-Policy", response.contentPolicy());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      if (draining || endsConnection(exchange)) {
        exchange.getResponseHeaders().set("Connection", "close");
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      Response.Stream stream = response.stream();
      long length = head ? -1 : stream != null ? UNKNOWN_LENGTH : response.body().length;
      exchange.sendResponseHeaders(response.status(), length);
      if (!head && stream != null) {
        OutputStream out = new BufferedOutputStream(exchange.getResponseBody());
        stream.writeTo(out);
        out.flush();
      } else if (!head) {
        exchange.getResponseBody().write(response.body());
      }
    } catch (IOException gone) {
      log.debug("a client went away: {}", gone.toString());
    } catch (Throwable fault) {
      log.error("a response could not be sent", fault);
    }
  }

  /** The JDK's server then closes the connection, but does not say so. */
  private static boolean endsConnection(HttpExchange exchange) {
    List<String> wishes = exchange.getRequestHeaders().getOrDefault("Connection", List.of());
    return wishes.stream().anyMatch(wish -> wish.equalsIgnoreCase("close"));
  }

  private Response answer(HttpExchange exchange) {
    try {
      String route = route(exchange);
      return handler(route, exchange).handle(new Request(exchange, route, path(exchange)));
    } catch (Throwable fault) {
      ApiException refusal = ApiException.from(fault);
      if (refusal.error() == ApiError.INTERNAL) {
        log.error(
            "{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI().getPath(), fault);
      }
      refusal
          .retryAfter()
          .ifPresent(
              wait ->
                  exchange
                      .getResponseHeaders()
                      .set("Retry-After", Long.toString(Math.max(1, wait.toSeconds()))));
      ObjectNode body = JsonObjects.object();
      ObjectNode error =
          body.putObject("error")
              .put("code", refusal.error().wireName())
              .put("message", refusal.getMessage());
      refusal.details().forEach(error::put);
      return Response.json(refusal.error().httpStatus(), body);
    }
  }

  /** A trailing slash makes no difference. */
  private static String path(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static String method(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD") ? "GET" : exchange.getRequestMethod();
  }

  /** The routes of a path: first the one that is written so, then those with segments for any. */
  private List<String> routesAt(String path) {
    return routes.keySet().stream()
        .filter(route -> PathVariables.matches(route, path))
        .sorted() // a brace comes behind letters
        .toList();
  }

  private boolean takes(String route, String method) {
    return routes.getOrDefault(route, Map.of()).containsKey(method);
  }

  private String route(HttpExchange exchange) {
    List<String> there = routesAt(path(exchange));
    if (there.isEmpty()) {
      throw ApiException.of(ApiError.NOT_FOUND, "there is nothing at this path");
    }
    String method = method(exchange);
    for (String route : there) {
      if (takes(route, method)) {
        return route;
      }
    }
    Set<String> methods = new TreeSet<>();
    there.forEach(route -> methods.addAll(routes.getOrDefault(route, Map.of()).keySet()));
    exchange.getResponseHeaders().set("Allow", String.join(", ", methods));
    throw ApiException.of(ApiError.METHOD_NOT_ALLOWED, "this path does not take " + method);
  }

  private Handler handler(String route, HttpExchange exchange) {
    return Objects.requireNonNull(Objects.requireNonNull(routes.get(route)).get(method(exchange)));
  }

  /** Ends each connection with its next answer, so that a proxy keeps none to a node that stops. */
  public void drain() {
    draining = true;
  }

  /** Waits up to two seconds for requests under way, if there are any. Idempotent. */
  @Override
  public void close() {
    // the JDK's server would wait for all of the time, also for none
    boolean underWay = threads.getActiveCount() > 0;
    server.stop(underWay ? LAST_CALLS_SECONDS : 0);
    threads.shutdownNow();
  }
}
