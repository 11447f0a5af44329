package chat.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import chat.server.TestSockets;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.uri.AllowedOrigins;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The transport alone, with short limits and routes of its own. */
@Timeout(120)
final class HttpEndpointTest {
  private static final byte[] SCRIPT = "let text = 'again and again';\n".repeat(200).getBytes();

  /** What a pace is measured in; far more than a test's slow client moves. */
  private static final HttpLimits SHORT =
      new HttpLimits(
          10_000,
          2,
          1 << 20,
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          4096,
          Duration.ofSeconds(2));

  private final HttpClient http = HttpClient.newHttpClient();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicLong uploaded = new AtomicLong();
  private final AtomicBoolean aborted = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private HttpEndpoint endpoint;

  @BeforeEach
  void start() throws IOException {
    start(SHORT);
  }

  private void start(HttpLimits limits) throws IOException {
    endpoint =
        HttpEndpoint.bind(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            limits,
            (route, status, time) -> {});
    endpoint.start(List.of(this::routes), new AllowedOrigins(List.of()));
  }

  @AfterEach
  void stop() {
    goOn.countDown();
    endpoint.close();
  }

  private void routes(HttpEndpoint http) {
    http.route("GET", "/ok", request -> Response.text(200, "text/plain", "ok"));
    http.route("POST", "/echo", request -> Response.json(200, request.body().put("echoed", true)));
    http.route(
        "GET",
        "/wait",
        request -> {
          held.incrementAndGet();
          try {
            goOn.await();
          } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
          }
          return Response.text(200, "text/plain", "waited");
        });
    http.route(
        "GET",
        "/names/{name}",
        request -> Response.text(200, "text/plain; charset=utf-8", request.inPath("name")));
    http.route(
        "GET",
        "/long",
        request -> Response.json(200, JsonObjects.object().put("text", "x".repeat(5000))));
    http.route(
        "GET",
        "/short",
        request -> Response.json(200, JsonObjects.object().put("text", "x".repeat(500))));
    Response script = Response.file("text/javascript", SCRIPT, HttpEndpoint.CONTENT_POLICY);
    http.route("GET", "/script", request -> script);
    http.route("GET", "/zeros", request -> Response.stream(200, "text/plain", 8 << 20, zeros(256)));
    http.upload("POST", "/upload", request -> upload());
    http.upload(
        "POST",
        "/refused",
        request -> {
          throw ApiException.of(ApiError.TOO_LARGE, "not so much");
        });
  }

  private Response.Source zeros(int parts) {
    AtomicLong left = new AtomicLong(parts);
    return new Response.Source() {
      @Override
      public @Nullable ByteBuffer next() {
        return left.decrementAndGet() < 0 ? null : ByteBuffer.allocate(32 << 10);
      }

      @Override
      public void close() {
        closed.set(true);
      }
    };
  }

  private HttpEndpoint.Upload upload() {
    return new HttpEndpoint.Upload() {
      @Override
      public void take(ByteBuffer part) {
        uploaded.addAndGet(part.remaining());
      }

      @Override
      public Response end() {
        return Response.json(201, JsonObjects.object().put("size", uploaded.get()));
      }

      @Override
      public void abort() {
        aborted.set(true);
      }
    };
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + endpoint.port() + path);
  }

  private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private Socket raw(String bytes) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
    send(socket, bytes);
    return socket;
  }

  private static void send(Socket socket, String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  /** Sends a byte now and then until the server has had enough. */
  private static void dribble(Socket socket, Duration atMost) {
    await()
        .pollInterval(Duration.ofMillis(100))
        .atMost(atMost)
        .untilAsserted(
            () ->
                assertThatThrownBy(
                        () -> {
                          send(socket, "a");
                          socket.setSoTimeout(1);
                          if (socket.getInputStream().read() < 0) {
                            throw new IOException("closed");
                          }
                        })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class));
  }

  @Tag("thorough")
  @Test
  void fiveThousandHalfRequestsLockNobodyOut() throws Exception {
    int many = 5000;
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      // both ends are in this process
      assumeTrue(
          system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount() > 2 * many + 500,
          "too few file descriptors (ulimit -n)");
    }
    endpoint.close();
    start(HttpLimits.DEFAULT);
    List<Socket> half = new ArrayList<>();
    try {
      for (int i = 0; i < many; i++) {
        half.add(
            raw(
                i % 2 == 0
                    ? "POST /echo HTTP/1.1\r\nHo"
                    : "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"a"));
        if (i % 500 == 499) {
          long begun = System.nanoTime();
          assertThat(get("/ok").statusCode()).isEqualTo(200);
          assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
        }
      }
      assertThat(Thread.getAllStackTraces().keySet())
          .filteredOn(thread -> thread.getName().startsWith("chat-http"))
          .hasSizeLessThan(40);
      Socket last = half.get(many - 2);
      last.setSoTimeout(30_000);
      assertThat(last.getInputStream().read()).isEqualTo(-1); // it came too late
    } finally {
      for (Socket socket : half) {
        socket.close();
      }
    }
  }

  @Test
  void aHeadOrBodyThatComesByteByByteEndsInTime() throws Exception {
    try (Socket head = raw("POST /echo HTTP/1.1\r\nX-Slow: ")) {
      dribble(head, Duration.ofSeconds(8));
    }
    try (Socket line = raw("POST /ec")) {
      dribble(line, Duration.ofSeconds(8));
    }
    try (Socket body = raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n{")) {
      body.setSoTimeout(8000);
      byte[] answer = new byte[12];
      assertThat(body.getInputStream().readNBytes(answer, 0, 12)).isEqualTo(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 400");
    }
  }

  @Test
  void anUploadMayTakeLongAsLongAsItMoves() throws Exception {
    int parts = 30;
    try (Socket socket =
        raw("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: " + parts * 1000 + "\r\n\r\n")) {
      AtomicLong sent = new AtomicLong();
      await()
          .pollInterval(Duration.ofMillis(150)) // in all more than twice the pace's window
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                send(socket, "x".repeat(1000));
                return sent.incrementAndGet() == parts;
              });
      socket.setSoTimeout(5000);
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 201");
      assertThat(uploaded).hasValue(parts * 1000L);
      assertThat(aborted).isFalse();
    }
  }

  @Test
  void anUploadThatHardlyMovesIsCutAndLeavesNothing() throws Exception {
    try (Socket socket =
        raw("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")) {
      dribble(socket, Duration.ofSeconds(10));
      await().untilTrue(aborted);
    }
  }

  @Test
  void anUploadWhoseClientGoesAwayIsAborted() throws Exception {
    try (Socket socket =
        raw("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhalf")) {
      await().until(() -> uploaded.get() == 4);
    }
    await().untilTrue(aborted);
  }

  @Test
  void whoSendsTooMuchGetsTheAnswerThoughNobodyReadsTheRest() throws Exception {
    try (Socket socket =
        raw("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: " + (16 << 20) + "\r\n\r\n")) {
      byte[] part = new byte[1 << 20];
      for (int i = 0; i < 16; i++) { // and reads only then
        socket.getOutputStream().write(part);
      }
      socket.setSoTimeout(10_000);
      assertThat(socket.getInputStream().readAllBytes())
          .asString(StandardCharsets.UTF_8)
          .startsWith("HTTP/1.1 413")
          .contains("Connection: close");
    }
  }

  @Test
  void aDownloadOfWhichNothingIsTakenIsCutAndItsSourceClosed() throws Exception {
    endpoint.close();
    start(
        new HttpLimits(
            100,
            2,
            1 << 20,
            Duration.ofSeconds(2),
            Duration.ofMinutes(5),
            65536,
            Duration.ofSeconds(2)));
    try (Socket socket = raw("GET /zeros HTTP/1.1\r\nHost: x\r\n\r\n")) {
      await().atMost(Duration.ofSeconds(15)).untilTrue(closed);
      assertThat(get("/ok").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aDownloadThatIsTakenArrivesWhole() throws Exception {
    HttpResponse<byte[]> answer = get("/zeros");
    assertThat(answer.body()).hasSize(8 << 20);
    assertThat(header(answer, "Content-Length")).isEqualTo("8388608");
    await().untilTrue(closed);
  }

  @Test
  void whenAllHandlersAreBusyTheClientIsToldToComeAgain() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < SHORT.calls(); i++) {
      waiting.add(
          http.sendAsync(
              HttpRequest.newBuilder(uri("/wait")).build(), HttpResponse.BodyHandlers.ofString()));
    }
    await().until(() -> held.get() == SHORT.calls());
    HttpResponse<byte[]> busy = get("/ok");
    assertThat(new String(busy.body(), StandardCharsets.UTF_8)).contains("\"busy\"");
    assertThat(header(busy, "Retry-After")).isEqualTo("1");
    goOn.countDown();
    for (CompletableFuture<HttpResponse<String>> answer : waiting) {
      assertThat(answer.get(10, TimeUnit.SECONDS).body()).isEqualTo("waited");
    }
    assertThat(get("/ok").statusCode()).isEqualTo(200);
  }

  @Test
  void bodiesThatAreArrivingHoldABoundedAmountTogether() throws Exception {
    List<Socket> large = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) { // of which four fit
        large.add(
            raw(
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 262144\r\n\r\n"
                    + "x".repeat(250_000)));
      }
      int refused = 0;
      for (Socket socket : large) {
        socket.setSoTimeout(10_000);
        String status =
            new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        assertThat(status).isIn("HTTP/1.1 503", "HTTP/1.1 400");
        refused += status.endsWith("503") ? 1 : 0;
      }
      assertThat(refused).isBetween(3, 5);
    } finally {
      for (Socket socket : large) {
        socket.close();
      }
    }
    HttpResponse<String> after =
        http.send(
            HttpRequest.newBuilder(uri("/echo"))
                .POST(
                    HttpRequest.BodyPublishers.ofString("{\"a\":\"" + "x".repeat(200_000) + "\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(after.statusCode()).isEqualTo(200);
  }

  @Test
  void longAnswersAreCompressedForThoseWhoTakeIt() throws Exception {
    for (String path : List.of("/long", "/script")) {
      HttpResponse<byte[]> plain = get(path);
      assertThat(header(plain, "Content-Encoding")).isEmpty();
      assertThat(plain.headers().allValues("Vary")).contains("Accept-Encoding");
      assertThat(header(get(path, "Accept-Encoding", "gzip;q=0"), "Content-Encoding")).isEmpty();
      HttpResponse<byte[]> small = get(path, "Accept-Encoding", "br, gzip");
      assertThat(header(small, "Content-Encoding")).isEqualTo("gzip");
      assertThat(small.body().length).isLessThan(plain.body().length / 5);
      try (InputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(small.body()))) {
        assertThat(in.readAllBytes()).isEqualTo(plain.body());
      }
    }
    assertThat(header(get("/short", "Accept-Encoding", "gzip"), "Content-Encoding")).isEmpty();
  }

  @Test
  void whoHasAFileOfThePageAlreadyGetsNoneAndAnswersAreNotStored() throws Exception {
    HttpResponse<byte[]> first = get("/script");
    assertThat(header(first, "Cache-Control")).isEqualTo("no-cache");
    String tag = header(first, "ETag");
    for (String known : List.of(tag, "\"other\", " + tag, "*", tag.substring(2))) {
      HttpResponse<byte[]> again = get("/script", "If-None-Match", known);
      assertThat(again.statusCode()).isEqualTo(304);
      assertThat(again.body()).isEmpty();
      assertThat(header(again, "ETag")).isEqualTo(tag);
      assertThat(header(again, "Cache-Control")).isEqualTo("no-cache");
    }
    assertThat(get("/script", "If-None-Match", "\"other\"").body()).isEqualTo(SCRIPT);
    assertThat(header(get("/short"), "Cache-Control")).isEqualTo("no-store");
    assertThat(header(get("/nowhere"), "Cache-Control")).isEqualTo("no-store");
  }

  @Test
  void headHasTheHeadersOfGetAndNoBody() throws Exception {
    for (String path : List.of("/ok", "/script", "/zeros")) {
      HttpResponse<byte[]> head =
          http.send(
              HttpRequest.newBuilder(uri(path))
                  .method("HEAD", HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(header(head, "Content-Length"))
          .isEqualTo(Integer.toString(get(path).body().length));
    }
  }

  @Test
  void aPathTakesItsMethodsWithOrWithoutASlashAtItsEnd() throws Exception {
    assertThat(get("/ok/").statusCode()).isEqualTo(200);
    HttpResponse<byte[]> wrong = get("/echo");
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(header(wrong, "Allow")).isEqualTo("POST");
    assertThat(get("/names").statusCode()).isEqualTo(404);
    assertThat(get("/names/").statusCode()).isEqualTo(404);
    assertThat(get("/../ok").statusCode()).isEqualTo(400);
    assertThat(get("/names/a%2Fb%20c+").body()).asString().isEqualTo("a/b c+");
    try (Socket broken = raw("GET /names/%zz HTTP/1.1\r\nHost: x\r\n\r\n")) {
      assertThat(new String(broken.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 400");
    }
  }

  @Test
  void whatIsNoHttpGetsAnErrorAsAllOthersDo() throws Exception {
    for (String nonsense :
        List.of(
            "no http at all\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET /names/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "\0\0\r\n")) {
      try (Socket socket = raw(nonsense)) {
        socket.setSoTimeout(5000);
        assertThat(socket.getInputStream().readAllBytes())
            .asString(StandardCharsets.UTF_8)
            .startsWith("HTTP/1.1 400")
            .contains("{\"error\":{\"code\":\"bad_request\"")
            .contains("Connection: close")
            .doesNotContainIgnoringCase("jetty");
      }
    }
    try (Socket socket = raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")) {
      socket.setSoTimeout(5000);
      assertThat(socket.getInputStream().readAllBytes())
          .asString(StandardCharsets.UTF_8)
          .startsWith("HTTP/1.1 4")
          .contains("{\"error\":{\"code\":\"bad_request\"");
    }
  }

  @Test
  void aHandlerMayTakeLongerThanAConnectionMayBeIdle() throws Exception {
    endpoint.close();
    start(
        new HttpLimits(
            100,
            2,
            1 << 20,
            Duration.ofSeconds(2),
            Duration.ofMillis(300),
            1,
            Duration.ofSeconds(9)));
    CompletableFuture<HttpResponse<String>> waiting =
        http.sendAsync(
            HttpRequest.newBuilder(uri("/wait")).build(), HttpResponse.BodyHandlers.ofString());
    try (Socket idle = raw("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n")) {
      idle.setSoTimeout(5000);
      assertThat(idle.getInputStream().readAllBytes()).isNotEmpty(); // until it ends, idle
    }
    goOn.countDown();
    assertThat(waiting.get(5, TimeUnit.SECONDS).body()).isEqualTo("waited");
  }

  @Test
  void whoConnectsWhileItClosesIsNotLeftOpen() throws Exception {
    for (int round = 0; round < 100; round++) {
      endpoint.close();
      start(SHORT);
      try (Socket client = raw("")) {
        endpoint.close();
        client.setSoTimeout(5000);
        assertThat(TestSockets.ended(client)).isTrue();
      }
    }
  }
}
