package chat.server.ws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WebSocketEndpointTest {
  private static final WebSocketLimits LIMITS =
      WebSocketLimits.defaults().withMessageBytes(4096).withOutgoingBytes(256 * 1024);

  /** More than the limit of what may wait, and more than any socket takes in. */
  private static final int HUGE = 40 * 1024 * 1024;

  private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
  private WebSocketEndpoint endpoint;
  private volatile WebSocketConnection paused;
  private final Queue<RefusedHandshake> refusals = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    endpoint.close();
  }

  /** Echoes; "flood" is answered with more than anybody may leave unread, "throw" with a fault. */
  private WebSocketEndpoint echo(WebSocketLimits limits) throws IOException {
    ConnectionAcceptor acceptor =
        new ConnectionAcceptor() {
          @Override
          public boolean admits(UpgradeRequest request) {
            return request.path().equals("/v1/ws");
          }

          @Override
          public void refused(RefusedHandshake why, InetAddress remote) {
            refusals.add(why);
          }

          @Override
          public ConnectionListener open(WebSocketConnection connection, UpgradeRequest request) {
            return new ConnectionListener() {
              @Override
              public void onText(String text) {
                switch (text) {
                  case "throw" -> throw new StackOverflowError("on purpose");
                  case "flood" -> flood(connection);
                  case "query" -> send(connection, request.query().toString());
                  case "huge" -> connection.send(TextFrames.of(new byte[HUGE]));
                  case "congest" -> {
                    connection.send(TextFrames.of(new byte[HUGE]));
                    boolean congested = connection.isCongested();
                    connection.whenWritten(
                        () -> send(connection, congested ? "congested" : "free"));
                  }
                  case "pause" -> {
                    paused = connection;
                    connection.pauseReading();
                  }
                  case "resume" -> paused.resumeReading();
                  case "bye" -> connection.close(CloseCode.RESTART, "on purpose");
                  default -> send(connection, text);
                }
              }

              @Override
              public void onClose() {
                closed.add(request.query().getOrDefault("name", "?"));
              }
            };
          }
        };
    endpoint =
        WebSocketEndpoint.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits, acceptor, 2);
    return endpoint;
  }

  private static void send(WebSocketConnection connection, String text) {
    connection.send(TextFrames.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static void flood(WebSocketConnection connection) {
    byte[] frame = TextFrames.of(new byte[60_000]);
    for (int i = 0; i < 10_000 && connection.send(frame); i++) {}
  }

  private RawClient client() throws IOException {
    return RawClient.upgraded(endpoint.port());
  }

  private static int closeCode(RawClient client) throws IOException {
    RawClient.Frame frame = client.read();
    while (frame.opcode() != RawClient.CLOSE) {
      frame = client.read();
    }
    return frame.closeCode();
  }

  private static void answers(RawClient client) throws IOException {
    client.text("are you there?");
    assertThat(client.read().text()).isEqualTo("are you there?");
  }

  @Test
  void aStandardClientIsEchoedInOrder() throws Exception {
    echo(LIMITS);
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + endpoint.port() + "/v1/ws?name=ada"),
                new WebSocket.Listener() {
                  @Override
                  public CompletableFuture<?> onText(
                      WebSocket webSocket, CharSequence data, boolean last) {
                    heard.add(data.toString());
                    webSocket.request(1);
                    return null;
                  }
                })
            .get(10, TimeUnit.SECONDS);
    for (int i = 0; i < 500; i++) {
      socket.sendText("ü" + i, true).get(10, TimeUnit.SECONDS);
    }
    for (int i = 0; i < 500; i++) {
      assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("ü" + i);
    }
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(10, TimeUnit.SECONDS);
    assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo("ada");
    await().untilAsserted(() -> assertThat(endpoint.connectionCount()).isZero());
  }

  @Test
  void queryParametersAreDecoded() throws Exception {
    echo(LIMITS);
    try (RawClient client = new RawClient(endpoint.port())) {
      client.upgrade("/v1/ws?otp=a%2Bb&username=J%C3%BCrgen&otp=second");
      client.text("query");
      assertThat(client.read().text()).isEqualTo("{otp=a+b, username=Jürgen}");
    }
  }

  @Test
  void anUpgradeThatIsNotAdmittedGetsAnHttpError() throws Exception {
    echo(LIMITS);
    for (String target : List.of("/elsewhere", "/v1/ws?otp=%zz")) {
      try (RawClient client = new RawClient(endpoint.port())) {
        assertThat(client.upgrade(target)).contains("404");
        assertThat(client.ended()).isTrue();
      }
    }
  }

  @Test
  void rudeFramesGetTheirCloseCodeAndNobodyElseNotices() throws Exception {
    echo(LIMITS);
    try (RawClient other = client()) {
      try (RawClient client = client()) {
        client.frame(RawClient.TEXT, true, new byte[5000]);
        assertThat(closeCode(client)).isEqualTo(CloseCode.TOO_BIG);
        assertThat(client.ended()).isTrue();
      }
      try (RawClient client = client()) { // claims four exabytes
        client.write(
            ByteBuffer.allocate(10).put((byte) 0x81).put((byte) 0xFF).putLong(1L << 62).array());
        assertThat(closeCode(client)).isEqualTo(CloseCode.TOO_BIG);
      }
      try (RawClient client = client()) {
        client.frame(RawClient.TEXT, false, new byte[3000]);
        client.frame(0, false, new byte[3000]);
        assertThat(closeCode(client)).isEqualTo(CloseCode.TOO_BIG);
      }
      try (RawClient client = client()) {
        client.frame(RawClient.TEXT, false, new byte[0]);
        for (int i = 0; i < LIMITS.fragments(); i++) {
          client.frame(0, false, new byte[0]);
        }
        assertThat(closeCode(client)).isEqualTo(CloseCode.TOO_BIG);
      }
      try (RawClient client = client()) {
        client.frame(RawClient.BINARY, true, new byte[] {1, 2});
        assertThat(closeCode(client)).isEqualTo(CloseCode.UNSUPPORTED_DATA);
      }
      try (RawClient client = client()) {
        client.frame(RawClient.TEXT, true, new byte[] {(byte) 0xC3, (byte) 0x28});
        assertThat(closeCode(client)).isEqualTo(1007);
      }
      try (RawClient client = client()) { // not masked
        client.write(new byte[] {(byte) 0x81, 2, 'h', 'i'});
        assertThat(closeCode(client)).isEqualTo(1002);
      }
      try (RawClient client = client()) { // a close frame whose reason is no UTF-8
        client.frame(RawClient.CLOSE, true, new byte[] {0x03, (byte) 0xE8, (byte) 0xFF});
        assertThat(closeCode(client)).isEqualTo(1002);
      }
      answers(other);
    }
  }

  @Test
  void aTextInFragmentsWithinTheLimitArrivesWhole() throws Exception {
    echo(LIMITS);
    try (RawClient client = client()) {
      for (int round = 0; round < 3; round++) { // the count begins anew with each text
        client.frame(RawClient.TEXT, false, "a".repeat(2000).getBytes(StandardCharsets.UTF_8));
        client.frame(0, true, "b".repeat(2000).getBytes(StandardCharsets.UTF_8));
        assertThat(client.read().text()).isEqualTo("a".repeat(2000) + "b".repeat(2000));
      }
    }
  }

  @Test
  void aFrameThatArrivesByteByByteIsOneText() throws Exception {
    echo(LIMITS);
    try (RawClient client = client()) {
      for (int length : new int[] {1, 125, 126, 3000}) {
        client.trickle("x".repeat(length));
        assertThat(client.read().text()).isEqualTo("x".repeat(length));
      }
    }
  }

  @Test
  void aListenerThatFailsLosesItsConnectionOnly() throws Exception {
    echo(LIMITS);
    try (RawClient first = client();
        RawClient second = client();
        RawClient failing = client()) {
      failing.text("throw");
      assertThat(closeCode(failing)).isEqualTo(CloseCode.INTERNAL);
      answers(first);
      answers(second);
    }
  }

  @Test
  void aClientThatNeverReadsLosesItsConnectionAndOthersGoOn() throws Exception {
    echo(LIMITS);
    try (RawClient slow = client();
        RawClient other = client();
        RawClient third = client()) {
      slow.text("flood");
      answers(other);
      answers(third);
      await().untilAsserted(() -> assertThat(endpoint.connectionCount()).isEqualTo(2));
      answers(other);
    }
  }

  @Test
  void onceTheBudgetOfAllIsUsedUpThoseWhoHoldMuchOfItArePartedWithAndOthersAreNot()
      throws Exception {
    echo(LIMITS.withOutgoingBytes(Integer.MAX_VALUE).withOutgoingBytesInAll(1024 * 1024));
    try (RawClient greedy = client();
        RawClient other = client()) {
      greedy.text("huge"); // more than the socket takes in, and more than its share
      await().until(() -> endpoint.outgoingBytes() > 1024 * 1024);
      answers(other);
      greedy.text("flood");
      await().until(() -> endpoint.outgoingBytes() < 1024 * 1024 || closed.size() > 0);
      answers(other);
    }
    await().until(() -> endpoint.outgoingBytes() == 0);
  }

  @Test
  void aPingBehindATextIsAnsweredBehindItsAnswer() throws Exception {
    echo(LIMITS);
    try (RawClient client = client()) {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.write(RawClient.wire(RawClient.TEXT, "hello"));
      both.write(RawClient.wire(RawClient.PING, "are you there?"));
      client.write(both.toByteArray());
      assertThat(client.read().text()).isEqualTo("hello");
      RawClient.Frame pong = client.read();
      assertThat(pong.opcode()).isEqualTo(RawClient.PONG);
      assertThat(pong.text()).isEqualTo("are you there?");
    }
  }

  @Test
  void whoGoesOnTalkingWhileItIsPartedWithGetsTheCloseCodeAllTheSame() throws Exception {
    echo(LIMITS);
    try (RawClient slow = client();
        RawClient other = client();
        RawClient third = client()) {
      slow.text("flood");
      answers(other); // whichever loop they are on, it has been round since
      answers(third);
      for (int i = 0; i < 20; i++) {
        slow.text("x".repeat(1000));
      }
      assertThat(closeCode(slow)).isEqualTo(CloseCode.TRY_LATER);
    }
  }

  @Test
  void aTaskThatWaitsForTheClientRunsWhenItHasReadEverything() throws Exception {
    echo(LIMITS);
    try (RawClient client = client()) {
      client.text("congest");
      assertThat(client.read().payload()).hasSize(HUGE);
      assertThat(client.read().text()).isEqualTo("congested");
    }
  }

  @Test
  void aSingleFrameOfAnySizeArrives() throws Exception {
    echo(LIMITS);
    try (RawClient client = client()) {
      client.text("huge");
      assertThat(client.read().payload()).hasSize(HUGE);
      answers(client);
    }
  }

  @Test
  void aClientThatTakesNothingIsGivenUpThoughItTalks() throws Exception {
    echo(LIMITS.withTimes(Duration.ofSeconds(10), Duration.ofSeconds(1)));
    try (RawClient client = client()) {
      client.text("huge");
      await()
          .pollInterval(Duration.ofMillis(100))
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                try {
                  client.frame(RawClient.PONG, true, new byte[0]);
                  return endpoint.connectionCount() == 0;
                } catch (IOException ended) {
                  return true;
                }
              });
    }
  }

  @Test
  void whatComesWhileReadingIsPausedIsReadAfterwards() throws Exception {
    echo(LIMITS);
    try (RawClient client = client();
        RawClient other = client();
        RawClient third = client()) {
      client.text("pause");
      await().until(() -> paused != null);
      answers(other); // whichever loop they are on, it has been round since
      answers(third);
      client.text("held");
      answers(other);
      answers(third);
      assertThat(client.hasSomething()).isFalse();
      other.text("resume");
      assertThat(client.read().text()).isEqualTo("held");
    }
  }

  @Test
  void aClientThatCatchesUpInTimeIsToldToComeBackLater() throws Exception {
    echo(LIMITS);
    try (RawClient slow = client()) {
      slow.text("flood");
      assertThat(closeCode(slow)).isEqualTo(CloseCode.TRY_LATER);
    }
  }

  @Test
  void whoIsNotReadIsNotGivenUpAsSilent() throws Exception {
    Duration look = Duration.ofMillis(1200); // connections are looked at once a second
    echo(LIMITS.withTimes(Duration.ofSeconds(30), Duration.ofSeconds(1)));
    try (RawClient waiting = client();
        RawClient silent = client()) {
      waiting.text("pause");
      assertThat(silent.ended()).as("given up after three heartbeats").isTrue();
      assertThat(closed.take()).isEqualTo("?");
      Thread.sleep(look.toMillis()); // it would be cut as well, at the latest now
      paused.resumeReading();
      Thread.sleep(look.toMillis()); // its patience begins anew
      waiting.text("are you there?");
      RawClient.Frame frame = waiting.read();
      while (frame.opcode() == RawClient.PING) {
        frame = waiting.read();
      }
      assertThat(frame.text()).isEqualTo("are you there?");
    }
  }

  @Test
  void handshakesThatTakeTooLongOrAreTooLongEnd() throws Exception {
    echo(LIMITS.withTimes(Duration.ofSeconds(1), Duration.ofSeconds(30)));
    try (RawClient silent = new RawClient(endpoint.port());
        RawClient half = new RawClient(endpoint.port());
        RawClient endless = new RawClient(endpoint.port())) {
      half.write("GET /v1/ws HTTP/1.1\r\nHost: loc".getBytes(StandardCharsets.US_ASCII));
      endless.write(
          ("GET /v1/ws HTTP/1.1\r\nX: " + "x".repeat(9000)).getBytes(StandardCharsets.US_ASCII));
      assertThat(endless.ended()).isTrue();
      assertThat(half.ended()).isTrue();
      assertThat(silent.ended()).isTrue();
    }
    assertThat(refusals)
        .containsExactlyInAnyOrder(
            RefusedHandshake.BROKEN, RefusedHandshake.SLOW, RefusedHandshake.SLOW);
    await().untilAsserted(() -> assertThat(endpoint.connectionCount()).isZero());
  }

  @Test
  void aSilentConnectionIsPingedAndGivenUpIfItDoesNotAnswer() throws Exception {
    echo(LIMITS.withTimes(Duration.ofSeconds(10), Duration.ofSeconds(1)));
    try (RawClient client = client()) {
      assertThat(client.read().opcode()).isEqualTo(RawClient.PING);
      client.frame(RawClient.PONG, true, new byte[0]);
      assertThat(client.read().opcode()).isEqualTo(RawClient.PING);
      assertThat(client.ended()).isTrue();
    }
    assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo("?");
  }

  @Test
  void aFrameThatDripsInForEverIsNoSignOfLife() throws Exception {
    echo(LIMITS.withTimes(Duration.ofSeconds(10), Duration.ofSeconds(1)));
    try (RawClient client = client()) {
      ByteBuffer frame = ByteBuffer.wrap(RawClient.wire(RawClient.TEXT, "x".repeat(3000)));
      await()
          .pollInterval(Duration.ofMillis(10))
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                try {
                  client.write(new byte[] {frame.get()});
                  return false;
                } catch (IOException ended) {
                  return true;
                }
              });
    }
  }

  @Test
  void aPingIsAnswered() throws Exception {
    echo(LIMITS);
    try (RawClient client = client()) {
      client.frame(RawClient.PING, true, new byte[] {7});
      RawClient.Frame pong = client.read();
      assertThat(pong.opcode()).isEqualTo(RawClient.PONG);
      assertThat(pong.payload()).containsExactly(7);
    }
  }

  @Test
  void connectionsOverTheLimitAreRefusedAndAnEndedOneMakesRoom() throws Exception {
    echo(LIMITS.withConnections(3, 3));
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.add(client());
    }
    try (RawClient fourth = new RawClient(endpoint.port())) {
      assertThat(fourth.ended()).isTrue();
    }
    assertThat(endpoint.refusedConnections()).isEqualTo(1);
    clients.get(0).close();
    await().untilAsserted(() -> assertThat(endpoint.connectionCount()).isEqualTo(2));
    try (RawClient fourth = client()) {
      answers(fourth);
    }
    for (RawClient client : clients) {
      client.close();
    }
  }

  @Test
  void aConnectionIsClosedWithTheGivenCodeAfterWhatWasSent() throws Exception {
    echo(LIMITS);
    try (RawClient client = client()) {
      client.text("one");
      client.text("bye");
      assertThat(client.read().text()).isEqualTo("one");
      assertThat(closeCode(client)).isEqualTo(CloseCode.RESTART);
      assertThat(client.ended()).isTrue();
    }
  }

  @Test
  void onceItListensNoMoreTheOpenConnectionsLiveOn() throws Exception {
    echo(LIMITS);
    assertThat(endpoint.listening()).isTrue();
    try (RawClient client = client()) {
      endpoint.stopListening();
      await().untilAsserted(() -> assertThat(endpoint.listening()).isFalse());
      answers(client);
    }
  }

  @Test
  void whoConnectsWhileItClosesIsNotLeftOpen() throws Exception {
    for (int round = 0; round < 100; round++) {
      WebSocketEndpoint closing = echo(LIMITS);
      try (RawClient first = new RawClient(closing.port());
          RawClient second = new RawClient(closing.port())) {
        closing.close();
        assertThat(first.ended()).isTrue();
        assertThat(second.ended()).isTrue();
      }
    }
  }
}
