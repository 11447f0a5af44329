package chat.server.outgoing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.server.HostileTarget;
import chat.server.Provider;
import chat.server.outgoing.OutgoingHttp.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls to servers that mean no good. */
@Tag("thorough")
@Timeout(60)
final class OutgoingHttpTest {
  private static final int MOST = 64 * 1024;

  /** What the systems on both sides may hold of a connection. */
  private static final long ON_THE_WAY = 16L << 20;

  private static CompletableFuture<Answer> post(OutgoingHttp http, String url, Duration deadline) {
    return http.post(URI.create(url), Map.of(), new byte[] {'{', '}'}, deadline, MOST);
  }

  private static CompletableFuture<Answer> stream(
      OutgoingHttp http, String url, Duration deadline, EventStream.Reader reader) {
    return http.stream(URI.create(url), Map.of(), new byte[2], deadline, MOST, reader);
  }

  private static void assertFails(CompletableFuture<Answer> call, String reason) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(OutgoingFault.class)
        .hasMessageContaining(reason);
  }

  /** Fails with this reason within two seconds, having taken little, and lets go of the target. */
  private static void assertFailsCheaply(HostileTarget hostile, String reason) throws Exception {
    try (hostile;
        OutgoingHttp http = new OutgoingHttp()) {
      long begun = System.nanoTime();
      assertFails(post(http, hostile.url(), Duration.ofSeconds(2)), reason);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
      assertThat(hostile.written()).isLessThan(ON_THE_WAY);
      await().untilAsserted(() -> assertThat(hostile.connections()).as(reason).isZero());
    }
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    try (Provider internal =
            new Provider(
                (exchange, call) -> {
                  inside.incrementAndGet();
                  Provider.json(exchange, 200, "secret");
                });
        HostileTarget hostile = HostileTarget.redirecting(internal.url() + "/latest/meta-data");
        OutgoingHttp http = new OutgoingHttp()) {
      Answer answer = post(http, hostile.url(), Duration.ofSeconds(5)).join();
      assertThat(answer.status()).isEqualTo(307);
      assertThat(answer.isGood()).isFalse();
      assertThat(answer.body()).isEmpty();
      assertThat(inside).hasValue(0);
    }
  }

  @Test
  void whoDripsIsCutAtTheDeadline() throws Exception {
    assertFailsCheaply(HostileTarget.dripping(100), "gave no whole answer within 2000 ms");
    assertFailsCheaply(HostileTarget.drippingHead(100), "gave no whole answer within 2000 ms");
    assertFailsCheaply(HostileTarget.silent(), "gave no whole answer within 2000 ms");
  }

  @Test
  void whatHasNoEndIsCut() throws Exception {
    assertFailsCheaply(HostileTarget.endless("text/plain"), "has more than 65536 bytes");
    assertFailsCheaply(HostileTarget.endlessHead(), "is no HTTP that is understood");
    assertFailsCheaply(HostileTarget.endlessHeader(), "is no HTTP that is understood");
    assertFailsCheaply(HostileTarget.endlessInterim(), "gave more than 100 interim answers");
  }

  @Test
  void interimAnswersArePassedOver() throws Exception {
    String interims =
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n";
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    try (HostileTarget friendly = saying(interims.repeat(20) + answer);
        OutgoingHttp http = new OutgoingHttp()) {
      assertThat(post(http, friendly.url(), Duration.ofSeconds(30)).join().body()).hasSize(2);
    }
  }

  @Test
  void whatIsNoHttpIsCutAndKeepsNoConnectionOpen() throws Exception {
    String notUnderstood = "is no HTTP that is understood";
    assertFailsCheaply(saying("SSH-2.0-OpenSSH_9.2p1\r\n\r\n"), notUnderstood);
    assertFailsCheaply(saying("HTTP/1.1 abc OK\r\n\r\n"), notUnderstood);
    assertFailsCheaply(saying("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), notUnderstood);
    assertFailsCheaply(
        saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"),
        "ended the connection before its answer was whole");
  }

  private static HostileTarget saying(String answer) throws IOException {
    return new HostileTarget(
        to -> {
          to.write(answer);
          Thread.sleep(60_000);
        });
  }

  @Test
  void anAnswerThatBreaksOffIsSaid() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    for (String begun :
        List.of(
            head + "Transfer-Encoding: chunked\r\n\r\n3\r\n: x\r\n",
            head + "Content-Length: 100\r\n\r\n: x")) {
      for (boolean reset : List.of(false, true)) {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
            OutgoingHttp http = new OutgoingHttp()) {
          CompletableFuture<Void> breaking =
              CompletableFuture.runAsync(() -> breakOff(server, begun, reset));
          assertFails(
              stream(
                  http,
                  "http://127.0.0.1:" + server.getLocalPort(),
                  Duration.ofSeconds(5),
                  data -> true),
              "127.0.0.1 ended the connection before its answer was whole");
          breaking.join();
        }
      }
    }
  }

  private static void breakOff(ServerSocket server, String begun, boolean reset) {
    try (Socket socket = server.accept()) {
      int first = socket.getInputStream().read(new byte[8192]);
      assertThat(first).isPositive();
      socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
      Thread.sleep(300); // it is read
      socket.setSoLinger(reset, 0);
    } catch (IOException | InterruptedException fault) {
      throw new CompletionException(fault);
    }
  }

  @Test
  void aConnectionServesOneCallAfterTheOther() throws Exception {
    Set<Integer> ports = ConcurrentHashMap.newKeySet();
    try (Provider good =
            new Provider(
                (exchange, call) -> {
                  ports.add(exchange.getRemoteAddress().getPort());
                  Provider.json(exchange, 200, "{}");
                });
        OutgoingHttp http = new OutgoingHttp()) {
      for (int i = 0; i < 5; i++) {
        assertThat(post(http, good.url(), Duration.ofSeconds(5)).join().body()).hasSize(2);
      }
      assertThat(ports).hasSize(1);
      assertThat(good.calls().get(0).headers())
          .containsEntry("Content-Type", "application/json")
          .containsEntry("User-Agent", "chat-server")
          .doesNotContainKey("Accept-Encoding");
    }
  }

  @Test
  void whoIsNotThereIsSaid() throws Exception {
    try (OutgoingHttp http = new OutgoingHttp()) {
      assertFails(
          post(http, "http://127.0.0.1:1", Duration.ofSeconds(5)), "127.0.0.1 cannot be reached");
      assertFails(
          post(http, "http://nowhere.invalid", Duration.ofSeconds(20)),
          "nowhere.invalid cannot be reached");
    }
  }

  @Test
  void aStreamWithoutAnEndIsCut() throws Exception {
    try (HostileTarget lines = HostileTarget.repeating("text/event-stream", ": still here\n\n");
        HostileTarget line = HostileTarget.endless("text/event-stream");
        OutgoingHttp http = new OutgoingHttp()) {
      assertFails(
          stream(http, line.url(), Duration.ofSeconds(20), data -> true), "a line of the answer");
      assertThat(line.written()).isLessThan(ON_THE_WAY);
      assertFails(
          stream(http, lines.url(), Duration.ofSeconds(40), data -> true),
          "the answer has more than 67108864 bytes");
      assertThat(lines.written()).isLessThan((64L << 20) + ON_THE_WAY);
    }
  }

  @Test
  void aNameThatIsNotFoundInTimeHoldsUpNobodyElse() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    AtomicInteger lookups = new AtomicInteger();
    AtomicLong slowest = new AtomicLong();
    HostLookups names =
        new HostLookups(
            host -> {
              if (host.startsWith("hangs")) {
                lookups.incrementAndGet();
                try {
                  hanging.await();
                } catch (InterruptedException closed) {
                  Thread.currentThread().interrupt();
                }
              }
              return new InetAddress[] {InetAddress.getLoopbackAddress()};
            });
    try (Provider good = new Provider((exchange, call) -> Provider.json(exchange, 200, ""));
        OutgoingHttp http = new OutgoingHttp(names)) {
      CompletableFuture<?>[] calls = new CompletableFuture<?>[200];
      for (int i = 0; i < calls.length; i++) {
        calls[i] =
            post(http, "http://hangs" + i % 4 + ".example.org", Duration.ofSeconds(3))
                .handle((answer, fault) -> fault.getCause().getMessage());
      }
      for (int i = 0; i < 10; i++) {
        long begun = System.nanoTime();
        assertThat(post(http, good.url(), Duration.ofSeconds(2)).join().status()).isEqualTo(200);
        slowest.accumulateAndGet(System.nanoTime() - begun, Math::max);
      }
      assertThat(slowest.get()).isLessThan(TimeUnit.SECONDS.toNanos(2));
      for (CompletableFuture<?> call : calls) {
        assertThat(call.join().toString()).contains("gave no whole answer within 3000 ms");
      }
      assertThat(lookups).as("each host once").hasValue(4);
    } finally {
      hanging.countDown();
    }
  }

  @Test
  void aConnectionThatIsMadeWhileTheClientClosesIsClosed() throws Exception {
    for (int round = 0; round < 100; round++) {
      try (HostileTarget silent = HostileTarget.silent()) {
        OutgoingHttp http = new OutgoingHttp();
        var unused = post(http, silent.url(), Duration.ofSeconds(50));
        Thread.sleep(round % 5);
        http.close();
        await().untilAsserted(() -> assertThat(silent.connections()).isZero());
      }
    }
  }
}
