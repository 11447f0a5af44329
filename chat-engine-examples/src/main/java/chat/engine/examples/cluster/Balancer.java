package chat.engine.examples.cluster;

import chat.engine.examples.local.TcpProxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * A small TCP balancer: two ports, one for REST and the page and one for WebSockets, behind which
 * new connections come to one ready node after the other. It asks each node for {@code /readyz}
 * three times a second. A node that is not ready gets no new connections, and soon loses those it
 * has, as long as another node is ready: otherwise they would wait for a process that stands still.
 * When no node is ready, all that answer get connections. Thread-safe.
 */
final class Balancer implements AutoCloseable {
  private static final Duration CHECK_EVERY = Duration.ofMillis(300);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(1);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(ANSWER_WITHIN)
          .build();
  private final ScheduledExecutorService checks;
  private final List<Node> nodes;
  private final Duration patience;
  private final AtomicInteger turn = new AtomicInteger();
  private final TcpProxy pages;
  private final TcpProxy sockets;

  /** What a node says of itself. */
  enum Health {
    READY("ready"),
    DEGRADED("ready, without Redis"),
    UNAVAILABLE("not ready"),
    SILENT("no answer");

    private final String label;

    Health(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }

    boolean takesUsers() {
      return this == READY || this == DEGRADED;
    }
  }

  /** The ports of a node, and how it was at its last check. */
  static final class Node {
    private final int httpPort;
    private final int socketPort;
    private volatile Health health = Health.SILENT;
    private long unfitSince; // only the thread of the checks uses it; 0 for a node that is fit

    Node(int httpPort, int socketPort) {
      this.httpPort = httpPort;
      this.socketPort = socketPort;
    }

    Health health() {
      return health;
    }
  }

  private Balancer(int pagePort, int socketPort, List<Node> nodes, Duration patience)
      throws IOException {
    this.nodes = List.copyOf(nodes);
    this.patience = patience;
    pages = TcpProxy.start("page", pagePort, () -> next(node -> node.httpPort), nodes.size());
    sockets =
        TcpProxy.start("sockets", socketPort, () -> next(node -> node.socketPort), nodes.size());
    checks =
        Executors.newScheduledThreadPool(
            nodes.size(),
            work -> {
              Thread thread = new Thread(work, "health checks");
              thread.setDaemon(true);
              return thread;
            });
    for (Node node : nodes) {
      checks.scheduleWithFixedDelay(
          () -> check(node), 0, CHECK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * @param pagePort for REST and the page
   * @param socketPort for WebSockets
   * @param patience how long a node may be unready, while another is ready, before its connections
   *     are reset
   */
  static Balancer start(int pagePort, int socketPort, List<Node> nodes, Duration patience)
      throws IOException {
    return new Balancer(pagePort, socketPort, nodes, patience);
  }

  int pagePort() {
    return pages.port();
  }

  /** How many WebSockets a node has. */
  long socketsOf(Node node) {
    return sockets.connectionsTo(node.socketPort);
  }

  private int next(ToIntFunction<Node> port) {
    List<Node> fit = nodes.stream().filter(node -> node.health.takesUsers()).toList();
    if (fit.isEmpty()) {
      fit = nodes.stream().filter(node -> node.health != Health.SILENT).toList();
    }
    if (fit.isEmpty()) {
      fit = nodes;
    }
    return port.applyAsInt(fit.get(Math.floorMod(turn.getAndIncrement(), fit.size())));
  }

  private void check(Node node) {
    node.health = ask(node);
    boolean anotherIsFit =
        nodes.stream().anyMatch(other -> other != node && other.health.takesUsers());
    if (node.health.takesUsers() || !anotherIsFit) {
      node.unfitSince = 0;
    } else if (node.unfitSince == 0) {
      node.unfitSince = System.nanoTime();
    } else if (System.nanoTime() - node.unfitSince > patience.toNanos()) {
      pages.resetTo(node.httpPort);
      sockets.resetTo(node.socketPort);
    }
  }

  private Health ask(Node node) {
    URI readyz = URI.create("http://127.0.0.1:" + node.httpPort + "/readyz");
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(readyz).timeout(ANSWER_WITHIN).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        return Health.UNAVAILABLE;
      }
      return answer.body().contains("\"degraded\"") ? Health.DEGRADED : Health.READY;
    } catch (IOException away) {
      return Health.SILENT;
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
      return Health.SILENT;
    }
  }

  @Override
  public void close() {
    checks.shutdownNow();
    pages.close();
    sockets.close();
  }
}
