package chat.engine.examples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.examples.local.LocalServers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BalancerTest {
  private final FakeNode first = new FakeNode("first");
  private final FakeNode second = new FakeNode("second");
  private final int socketPort = LocalServers.freePort();
  private final List<Socket> opened = new ArrayList<>();
  private Balancer balancer;

  BalancerTest() throws IOException {}

  /** Says its name at /, and its readiness as it is told to. */
  private static final class FakeNode implements AutoCloseable {
    private final HttpServer server;
    private final Balancer.Node node;
    private volatile int status = 200;
    private volatile String readiness = "ready";

    FakeNode(String name) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            boolean asked = exchange.getRequestURI().getPath().equals("/readyz");
            byte[] body =
                (asked ? "{\"status\":\"" + readiness + "\"}" : name)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(asked ? status : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      node = new Balancer.Node(server.getAddress().getPort(), server.getAddress().getPort());
    }

    void answers(int changed, String says) {
      readiness = says;
      status = changed;
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @BeforeEach
  void start() throws IOException {
    balancer =
        Balancer.start(
            LocalServers.freePort(),
            socketPort,
            List.of(first.node, second.node),
            Duration.ofMillis(500));
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : opened) {
      socket.close();
    }
    balancer.close();
    first.close();
    second.close();
  }

  private static void awaitHealth(FakeNode node, Balancer.Health health) {
    await().untilAsserted(() -> assertThat(node.node.health()).isEqualTo(health));
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), balancer.pagePort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static String ask(Socket socket) throws IOException {
    String request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return answer.substring(answer.lastIndexOf('\n') + 1);
  }

  /** Who answers ten connections, one after the other. */
  private Set<String> answering() throws IOException {
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < 10; i++) {
      try (Socket socket = connect()) {
        names.add(ask(socket));
      }
    }
    return names;
  }

  @Test
  void newConnectionsComeToAllReadyNodesAlsoToThoseThatAreDegraded() throws Exception {
    awaitHealth(first, Balancer.Health.READY);
    second.answers(200, "degraded");
    awaitHealth(second, Balancer.Health.DEGRADED);
    assertThat(answering()).containsExactly("first", "second");
  }

  @Test
  void aNodeThatIsNotReadyGetsNoConnectionsWhileAnotherIs() throws Exception {
    awaitHealth(first, Balancer.Health.READY);
    second.answers(503, "unavailable");
    awaitHealth(second, Balancer.Health.UNAVAILABLE);
    // a busy machine may take too long over a check of the first
    await().untilAsserted(() -> assertThat(answering()).containsExactly("first"));
    first.answers(503, "unavailable");
    awaitHealth(first, Balancer.Health.UNAVAILABLE);
    assertThat(answering()).containsExactly("first", "second");
  }

  @Test
  void aNodeThatHasJustDiedCostsNoConnection() throws Exception {
    awaitHealth(first, Balancer.Health.READY);
    awaitHealth(second, Balancer.Health.READY);
    second.close();
    assertThat(answering()).containsExactly("first");
  }

  @Test
  void connectionsToANodeThatStaysUnreadyAreReset() throws Exception {
    awaitHealth(first, Balancer.Health.READY);
    awaitHealth(second, Balancer.Health.READY);
    Socket toFirst = connectedTo(first);
    Socket toSecond = connectedTo(second);
    second.answers(503, "unavailable");
    await().until(() -> !isOpen(toSecond));
    assertThat(isOpen(toFirst)).isTrue();
    assertThat(ask(toFirst)).isEqualTo("first");
  }

  /** Connects until the balancer has chosen this node: a slow one misses its turns. */
  private Socket connectedTo(FakeNode node) throws IOException {
    while (true) {
      long before = balancer.socketsOf(node.node);
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), socketPort);
      opened.add(socket);
      await()
          .until(
              () ->
                  balancer.socketsOf(first.node) + balancer.socketsOf(second.node)
                      == opened.size());
      if (balancer.socketsOf(node.node) > before) {
        return socket;
      }
    }
  }

  private static boolean isOpen(Socket socket) throws IOException {
    socket.setSoTimeout(20);
    try {
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException open) {
      socket.setSoTimeout(10_000);
      return true;
    } catch (SocketException reset) {
      return false;
    }
  }
}
