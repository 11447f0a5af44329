package chat.server.http;

import chat.server.http.route.RouteTable;
import chat.server.http.timeout.Heads;
import chat.server.http.timeout.Watch;
import chat.server.json.ApiException;
import chat.server.uri.AllowedOrigins;
import chat.server.uri.ClientAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Paths and methods to handlers, faults to errors, over HTTP/1.1. Clients are waited for without
 * threads; only handlers have some, of which there is a bounded number. Thread-safe once started.
 */
public final class HttpEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
  // They only move bytes; more than this many wait for each other.
  private static final int IO_THREADS = 16;
  private static final int BACKLOG = 1024;
  private static final Duration LAST_CALLS = Duration.ofSeconds(2);
  static final String CONTENT_POLICY_HEADER = "Content-Security-Policy";
  public static final String CONTENT_POLICY =
      "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'";

  private final Server server;
  private final ServerConnector connector;
  private final HttpLimits limits;
  private final Timings timings;
  private final Workers workers;
  private final Watch watch = new Watch();
  private final Heads heads;
  private final OpenConnections connections = new OpenConnections();
  private final CallsUnderWay underWay = new CallsUnderWay();
  private final RouteTable<Target> routes = new RouteTable<>();
  private Guard guard =
      (method, route, request) -> Guard.Admitted.UNCOUNTED; // set before the start
  private ClientAddresses addresses = new ClientAddresses(List.of()); // the same

  /** Is told of each call that was answered. Must be thread-safe and not block. */
  public interface Timings {
    /**
     * @param route one of the paths that exist, or {@code other}
     */
    void took(String route, int status, Duration time);
  }

  /** Answers one call. Runs on a thread of its own once the body has arrived, and may block. */
  public interface Handler {
    /**
     * @throws ApiException what the client gets to know of; anything else is {@code internal}
     */
    Response handle(Request request) throws IOException;
  }

  /** Begins an upload, whose body has not arrived yet. May block. */
  public interface UploadHandler {
    /**
     * @throws ApiException what the client gets to know of; anything else is {@code internal}
     */
    Upload begin(Request request) throws IOException;
  }

  /**
   * Takes a body of any length. Used by one thread at a time, and may block it. Either {@link #end}
   * succeeds or {@link #abort} is called, at the end, also if one of these methods failed.
   */
  public interface Upload {
    /**
     * @param part valid only during this call
     */
    void take(ByteBuffer part) throws IOException;

    /** All of it has arrived. */
    Response end() throws IOException;

    /** The rest will not arrive, or was refused: nothing must stay. */
    void abort();
  }

  /** What answers the calls of a route. */
  sealed interface Target {
    record Answer(Handler handler) implements Target {}

    record Intake(UploadHandler handler) implements Target {}
  }

  /** The calls of one feature. */
  public interface Routes {
    void addTo(HttpEndpoint http);
  }

  private HttpEndpoint(InetSocketAddress address, HttpLimits limits, Timings timings) {
    this.limits = limits;
    this.timings = timings;
    this.workers = new Workers(limits.calls());
    this.heads = new Heads(limits.arrival(), watch);
    QueuedThreadPool threads = new QueuedThreadPool(IO_THREADS, 2);
    threads.setName("chat-http-io");
    threads.setDaemon(true);
    this.server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setUriCompliance(UriCompliance.UNSAFE); // paths are compared with routes, never with files
    this.connector = new ServerConnector(server, 0, 1, new HttpConnectionFactory(http));
    connector.setHost(address.getHostString());
    connector.setPort(address.getPort());
    connector.setAcceptQueueSize(BACKLOG);
    connector.setIdleTimeout(limits.idle().toMillis());
    connector.setShutdownIdleTimeout(0);
    connector.addBean(heads);
    connector.addBean(connections);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
    server.setErrorHandler(new BadRequests());
  }

  /**
   * Takes the port; answers nothing before {@link #start}.
   *
   * @param address port 0 takes a free one
   * @throws IOException if the address cannot be bound
   */
  public static HttpEndpoint bind(InetSocketAddress address, Timings timings) throws IOException {
    return bind(address, HttpLimits.DEFAULT, timings);
  }

  public static HttpEndpoint bind(InetSocketAddress address, HttpLimits limits, Timings timings)
      throws IOException {
    if (address.isUnresolved()) {
      throw new UnresolvedAddressException();
    }
    HttpEndpoint endpoint = new HttpEndpoint(address, limits, timings);
    try {
      endpoint.connector.open();
      return endpoint;
    } catch (IOException fault) {
      endpoint.close();
      throw fault.getCause() instanceof IOException reason ? reason : fault;
    }
  }

  /**
   * To be called before the start.
   *
   * @param calls looks at each call
   * @param clients knows the proxies
   */
  public void guardedBy(Guard calls, ClientAddresses clients) {
    this.guard = calls;
    this.addresses = clients;
  }

  /**
   * @param features their routes are added in this order
   * @param origins of pages that may call, this server's own among them
   */
  public void start(List<Routes> features, AllowedOrigins origins) {
    features.forEach(feature -> feature.addTo(this));
    Call.Shared shared =
        new Call.Shared(
            routes,
            new CrossOrigin(origins),
            timings,
            limits,
            workers,
            watch,
            heads,
            new BodyIntake.Budget(limits.bodyBytes()),
            underWay,
            guard,
            addresses);
    server.setHandler(new Calls(shared));
    try {
      server.start();
    } catch (Exception fault) {
      throw new IllegalStateException("the HTTP server did not start", fault);
    }
  }

  private static final class Calls extends org.eclipse.jetty.server.Handler.Abstract.NonBlocking {
    private final Call.Shared shared;

    Calls(Call.Shared shared) {
      this.shared = shared;
    }

    @Override
    public boolean handle(
        org.eclipse.jetty.server.Request request,
        org.eclipse.jetty.server.Response response,
        Callback callback) {
      new Call(shared, request, response, callback).begin();
      return true;
    }
  }

  public int port() {
    return connector.getLocalPort();
  }

  /**
   * @param path of which segments in braces stand for any; see {@link Request#inPath}
   */
  public void route(String method, String path, Handler handler) {
    routes.add(method, path, new Target.Answer(handler));
  }

  /** The same for a body of any length, which is handed over as it arrives. */
  public void upload(String method, String path, UploadHandler handler) {
    routes.add(method, path, new Target.Intake(handler));
  }

  /** The methods of each path that there is. */
  public Map<String, Set<String>> routes() {
    return routes.methods();
  }

  /** Ends each connection with its next answer, so that a proxy keeps none to a node that stops. */
  public void drain() {
    underWay.drain();
  }

  /** Waits up to two seconds for requests under way, if there are any. Idempotent. */
  @Override
  public void close() {
    connector.close(); // nobody new comes in
    try {
      underWay.stop(LAST_CALLS);
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
    workers.close();
    watch.close();
    try {
      server.stop();
    } catch (Exception fault) {
      log.warn("the HTTP server did not stop", fault);
    }
    connections.end();
  }
}
