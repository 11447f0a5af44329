package chat.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that have never asked for anything keep no server from its end. */
@Timeout(60)
final class IdleConnectionsTest {
  private static final String HALF_A_REQUEST = "GET /v1/contact HTTP/1.1\r\nHost: local";
  private static final String HALF_A_BODY =
      "POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
  private static final String HALF_A_HANDSHAKE =
      "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nSec-WebSo";

  /** Less than any time-out of a client that the server waits for. */
  private static final Duration A_FEW_SECONDS = Duration.ofSeconds(8);

  private final List<Socket> clients = new ArrayList<>();

  private void client(int port, String sent) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) A_FEW_SECONDS.toMillis());
    socket.getOutputStream().write(sent.getBytes(US_ASCII));
    clients.add(socket);
  }

  @Test
  void aServerEndsInAFewSecondsBesideClientsThatSentNothingOrAHalf() throws Exception {
    ChatServer server = TestServer.start("--drain-seconds=60");
    long begun;
    try {
      for (String sent : List.of("", HALF_A_REQUEST, HALF_A_BODY)) {
        client(server.httpPort(), sent);
      }
      for (String sent : List.of("", HALF_A_HANDSHAKE)) {
        client(server.wsPort(), sent);
      }
    } finally {
      begun = System.nanoTime();
      server.close();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(A_FEW_SECONDS);
    for (Socket client : clients) {
      assertThat(TestSockets.ended(client)).as(client.toString()).isTrue();
      client.close();
    }
  }
}
