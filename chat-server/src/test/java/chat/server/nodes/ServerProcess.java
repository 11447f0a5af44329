package chat.server.nodes;

import static org.awaitility.Awaitility.await;

import chat.server.ChatServerMain;
import chat.server.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, which can be killed. */
public final class ServerProcess implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final int httpPort;
  private final int wsPort;

  private ServerProcess(Process process, int httpPort, int wsPort) {
    this.process = process;
    this.httpPort = httpPort;
    this.wsPort = wsPort;
  }

  /** Starts it, and waits until it takes calls. */
  public static ServerProcess start(Path folder, String... flags) throws IOException {
    int httpPort = FreePort.find();
    int wsPort = FreePort.find();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ChatServerMain.class.getName(),
                "--http-port=" + httpPort,
                "--ws-port=" + wsPort));
    command.addAll(List.of(flags));
    Path log = folder.resolve("server-" + httpPort + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    ServerProcess server = new ServerProcess(process, httpPort, wsPort);
    try {
      await().atMost(Duration.ofSeconds(60)).until(server::isReady);
    } catch (RuntimeException late) {
      process.destroyForcibly();
      throw new IOException("the server did not start: " + Files.readString(log), late);
    }
    return server;
  }

  private boolean isReady() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/readyz")).build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  public int httpPort() {
    return httpPort;
  }

  public int wsPort() {
    return wsPort;
  }

  /** As {@code kill -9} does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the server outlives a kill");
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
