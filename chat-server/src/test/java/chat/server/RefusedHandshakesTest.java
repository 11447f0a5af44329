package chat.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** An operator sees why clients cannot connect. */
@Timeout(60)
final class RefusedHandshakesTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(SecurityEvents.class);
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
        }
      };
  private final List<Socket> sockets = new ArrayList<>();

  @BeforeEach
  void listen() {
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void close() throws IOException {
    logger.detachAppender(appender);
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void say(ChatServer server, String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.wsPort());
    sockets.add(socket);
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String handshake(String target, String more) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + more
        + "\r\n";
  }

  private void awaitLine(SecurityEvent event) {
    await()
        .alias(event.toString())
        .until(() -> lines.stream().anyMatch(line -> line.startsWith(words(event))));
    assertThat(lines.stream().filter(line -> line.startsWith(words(event))))
        .hasSize(1)
        .allMatch(line -> line.endsWith("; from 127.0.0.1"));
  }

  /** As the log says it. */
  private static String words(SecurityEvent event) {
    return switch (event) {
      case HANDSHAKE_PATH -> "a WebSocket was refused: there is none at its path";
      case HANDSHAKE_NAME -> "a WebSocket was refused: its device or username cannot be one";
      case HANDSHAKE_BROKEN -> "a connection was refused: what it said is no handshake";
      case HANDSHAKE_ORIGIN -> "a WebSocket was refused to a page of another origin";
      case HANDSHAKE_UNAUTHORIZED -> "a WebSocket was refused without a valid ticket or token";
      case HANDSHAKE_ADDRESS_FULL -> "a connection was refused: its address has as many as it may";
      case HANDSHAKE_FULL -> "a connection was refused: this node has as many as it takes";
      default -> throw new AssertionError(event);
    };
  }

  @Test
  void eachReasonForWhichAHandshakeIsRefusedHasALineInTheLog() throws Exception {
    try (ChatServer server = TestServer.start()) {
      ChatClient ada = ChatClient.registered(server, "ada");
      say(server, handshake("/elsewhere", ""));
      awaitLine(SecurityEvent.HANDSHAKE_PATH);
      say(server, "POST / HTTP/1.0\r\n\r\n");
      awaitLine(SecurityEvent.HANDSHAKE_BROKEN);
      say(server, handshake("/v1/ws", "Origin: https://elsewhere.example\r\n"));
      awaitLine(SecurityEvent.HANDSHAKE_ORIGIN);
      say(server, handshake("/v1/ws", ""));
      awaitLine(SecurityEvent.HANDSHAKE_UNAUTHORIZED);
      say(
          server,
          handshake(
              "/v1/ws?device=" + "d".repeat(500),
              "Authorization: Bearer " + ada.accessToken + "\r\n"));
      awaitLine(SecurityEvent.HANDSHAKE_NAME);
    }
  }

  @Tag("thorough")
  @Test
  void tooManyConnectionsHaveALineInTheLog() throws Exception {
    try (ChatServer server = TestServer.start("--max-connections-per-address=1")) {
      say(server, "");
      say(server, "");
      awaitLine(SecurityEvent.HANDSHAKE_ADDRESS_FULL);
    }
    try (ChatServer server = TestServer.start("--max-connections=1")) {
      say(server, "");
      say(server, "");
      awaitLine(SecurityEvent.HANDSHAKE_FULL);
    }
  }

  @Test
  void anAttackerFillsNoDisk() {
    SecurityEvents events = new SecurityEvents(new SimpleMeterRegistry());
    for (int i = 0; i < 1_000; i++) {
      events.happened(SecurityEvent.HANDSHAKE_PATH, "192.0.2." + i % 256);
    }
    assertThat(lines).hasSize(20);
    assertThat(lines.stream().skip(19))
        .allMatch(line -> line.endsWith("more of these within a minute are counted only"));
  }
}
