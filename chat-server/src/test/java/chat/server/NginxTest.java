package chat.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The committed nginx.conf in a real nginx, in front of a node that answers and one that dies of
 * each call. Only names and places are replaced: an older nginx knows no names of containers.
 */
@Timeout(60)
final class NginxTest {
  private static final int MIB = 1024 * 1024;
  private static final Path CONFIG =
      Path.of(System.getProperty("basedir", ".")).resolve("deploy/nginx.conf");

  private final List<String> answered = new CopyOnWriteArrayList<>();
  private final List<String> died = new CopyOnWriteArrayList<>();
  private final List<String> clients = new CopyOnWriteArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private HttpServer good;
  private ServerSocket dying;
  private Process nginx;
  private int port;

  @TempDir private Path folder;

  private static boolean isOnThePath() {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "nginx")));
  }

  @BeforeEach
  void start() throws Exception {
    assumeTrue(isOnThePath(), "nginx is not installed");
    good = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    good.createContext(
        "/",
        call -> {
          call.getRequestBody().readAllBytes();
          answered.add(call.getRequestMethod() + " " + call.getRequestURI());
          clients.addAll(call.getRequestHeaders().get("X-Forwarded-For"));
          call.sendResponseHeaders(200, -1);
          call.close();
        });
    good.start();
    dying = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread node = new Thread(this::dieOfEachCall, "dying node");
    node.setDaemon(true);
    node.start();
    port = FreePort.find();
    Path config = folder.resolve("nginx.conf");
    Files.writeString(config, configuration());
    nginx =
        new ProcessBuilder("nginx", "-e", folder.resolve("start.log").toString(), "-c", "" + config)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out.log").toFile())
            .start();
    await().until(this::listens);
  }

  private String configuration() throws IOException {
    String temporary =
        Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            .map(kind -> "%s_temp_path %s/%s;".formatted(kind, folder, kind))
            .reduce("", String::concat);
    return "daemon off; user root; pid %s/pid;\n".formatted(folder)
        + Files.readString(CONFIG)
            .replaceFirst("resolver .*;", "")
            .replace(" resolve ", " ")
            .replace("chat-1:8080", "127.0.0.1:" + good.getAddress().getPort())
            .replace("chat-2:8080", "127.0.0.1:" + dying.getLocalPort())
            .replace("chat-1:8081", "127.0.0.1:" + good.getAddress().getPort())
            .replace("chat-2:8081", "127.0.0.1:" + dying.getLocalPort())
            .replace("listen 8080;", "listen 127.0.0.1:" + port + ";")
            .replace("/var/log/nginx", folder.toString())
            .replaceFirst("http \\{", "http { " + temporary);
  }

  private boolean listens() throws IOException {
    assertThat(nginx.isAlive()).as(Files.readString(folder.resolve("out.log"))).isTrue();
    try (Socket probe = new Socket()) {
      probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Reads the head of a call, and closes. */
  private void dieOfEachCall() {
    while (!dying.isClosed()) {
      try (Socket call = dying.accept()) {
        BufferedReader head =
            new BufferedReader(new InputStreamReader(call.getInputStream(), UTF_8));
        String line = head.readLine();
        died.add(String.valueOf(line));
        while (line != null && !line.isEmpty()) {
          line = head.readLine();
        }
      } catch (IOException closed) {
        // the loop looks whether it is over
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (nginx != null) {
      nginx.destroy();
      nginx.waitFor();
      dying.close();
      good.stop(0);
    }
  }

  private HttpRequest request(String method, String path, byte[] body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .header("X-Forwarded-For", "6.6.6.6")
        .method(method, BodyPublishers.ofByteArray(body))
        .build();
  }

  private int status(String method, String path, byte[] body) throws Exception {
    return http.send(request(method, path, body), BodyHandlers.discarding()).statusCode();
  }

  private int status(String method, String path) throws Exception {
    return status(method, path, new byte[0]);
  }

  /** Two calls, of which one comes to each node. */
  private void triedOnce(String method) throws Exception {
    answered.clear();
    died.clear();
    assertThat(List.of(status(method, "/v1/contact/bob"), status(method, "/v1/contact/bob")))
        .as(method)
        .containsExactlyInAnyOrder(200, 502);
    assertThat(answered).as(method).hasSize(1);
    assertThat(died).as(method).hasSize(1);
  }

  @Test
  void whatMayHaveBeenDoneIsTriedOnce() throws Exception {
    triedOnce("PUT");
    triedOnce("DELETE");
  }

  @Test
  void whatChangesNothingIsTriedOnTheOtherNode() throws Exception {
    triedOnce("POST");
    died.clear();
    assertThat(List.of(status("GET", "/v1/contact"), status("GET", "/v1/contact")))
        .containsOnly(200);
    assertThat(died).isNotEmpty();
  }

  @Test
  void logsHaveNoSecretsAndNodesSeeWhoCalls() throws Exception {
    for (int i = 0; i < 4; i++) {
      status("GET", "/v1/contact?ticket=QUERYSECRET");
      status("GET", "/v1/hooks/HOOKSECRET");
      status("GET", "/v1//hooks/HOOKSECRET");
    }
    assertThat(clients).isNotEmpty().containsOnly("127.0.0.1");
    await()
        .untilAsserted(
            () ->
                assertThat(Files.readString(folder.resolve("access.log")))
                    .contains("\"GET /v1/contact\" 200")
                    .contains("\"GET /v1/hooks/...\" 200"));
    try (Stream<Path> logs = Files.list(folder)) {
      for (Path log : logs.filter(file -> file.toString().endsWith(".log")).toList()) {
        assertThat(Files.readString(log)).doesNotContain("SECRET");
      }
    }
  }

  @Test
  void onlyFilesAreLargeMetricsAreHiddenAndGuessingIsSlow() throws Exception {
    byte[] large = new byte[2 * MIB];
    assertThat(List.of(status("POST", "/v1/files", large), status("POST", "/v1/files", large)))
        .contains(200);
    assertThat(status("POST", "/v1/conversation", large)).isEqualTo(413);
    assertThat(status("POST", "/v1/files", new byte[27 * MIB])).isEqualTo(413);
    assertThat(status("GET", "/metrics")).isEqualTo(404);
    assertThat(status("GET", "/metrics/")).isEqualTo(404);
    List<CompletableFuture<HttpResponse<Void>>> logins =
        IntStream.range(0, 400)
            .mapToObj(
                i ->
                    http.sendAsync(
                        request("POST", "/v1/auth/login", new byte[0]), BodyHandlers.discarding()))
            .toList();
    List<Integer> statuses = logins.stream().map(login -> login.join().statusCode()).toList();
    assertThat(statuses).contains(200, 429);
    assertThat(statuses.stream().filter(status -> status != 429).count()).isLessThan(350);
  }
}
