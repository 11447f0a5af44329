package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.server.config.RouterKind;
import chat.server.config.SettingsParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the files of the deployment say of the server, against the server. */
@Timeout(120)
final class DeploymentTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
  private static final Pattern VARIABLE = Pattern.compile("\\b(CHAT_[A-Z_]+)(?:: *|=)(\\S*)");

  private static String read(String file) throws IOException {
    return Files.readString(MODULE.resolve(file));
  }

  /** The answer to a GET that asks for the end of the connection, until this end. */
  private static String get(int port, String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void composeImageAndReadmeSetOnlyWhatExists() throws Exception {
    for (String file : List.of("../docker-compose.yml", "Dockerfile", "README.md")) {
      Map<String, String> environment = new HashMap<>();
      Matcher variables = VARIABLE.matcher(read(file).replaceAll("(?m)^ *#.*$", ""));
      while (variables.find()) {
        environment.put(variables.group(1), variables.group(2));
      }
      assertThat(environment).as(file).isNotEmpty();
      for (String variable : environment.keySet()) {
        String option = variable.substring("CHAT_".length()).toLowerCase(Locale.ROOT);
        assertThat(SettingsParser.help())
            .as("%s in %s", variable, file)
            .containsPattern("--" + option.replace('_', '-') + "[= ]");
      }
      if (!file.equals("README.md")) { // which leaves out the secrets
        SettingsParser.parse(new String[0], environment);
      }
    }
  }

  @Test
  void theVariantOfTheComposeFileWithoutRedisLinksTheNodesOverPostgres() throws Exception {
    String compose =
        read("../docker-compose.yml")
            .replaceAll("(?m)^ *CHAT_REDIS_URL:.*$", "")
            .replaceAll("(?m)^ *# (CHAT_[A-Z_]+: .*)$", "$1");
    Map<String, String> environment = new HashMap<>();
    Matcher variables = VARIABLE.matcher(compose);
    while (variables.find()) {
      environment.put(variables.group(1), variables.group(2));
    }
    assertThat(SettingsParser.parse(new String[0], environment).settings().router())
        .isEqualTo(RouterKind.POSTGRES);
  }

  @Test
  void aProxyIsToldWhichConnectionsEnd() throws Exception {
    ChatServer server = TestServer.start();
    // a client that asks for the end of a connection is told of it, or it sends the next call there
    assertThat(get(server.httpPort(), "/healthz")).containsIgnoringCase("\r\nConnection: close");
    HttpClient proxy = HttpClient.newHttpClient();
    HttpRequest call =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + "/healthz"))
            .build();
    assertThat(connectionHeader(proxy, call)).isEmpty();
    ChatClient stubborn = ChatClient.registered(server, "stubborn");
    stubborn.connect();
    stubborn.sleep(); // it does not answer the goodbye, so the node waits for it as long as it may
    Thread stopping = new Thread(server::close, "stopping");
    stopping.start();
    try {
      await()
          .untilAsserted(
              () -> assertThat(connectionHeader(proxy, call)).isEqualToIgnoringCase("close"));
    } finally {
      stopping.join();
    }
  }

  private static String connectionHeader(HttpClient client, HttpRequest call)
      throws IOException, InterruptedException {
    HttpResponse<String> response = client.send(call, HttpResponse.BodyHandlers.ofString());
    return response.headers().firstValue("Connection").orElse("");
  }
}
