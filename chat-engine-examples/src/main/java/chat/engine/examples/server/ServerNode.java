package chat.engine.examples.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One running chat-server.
 *
 * @param pid of its process on this machine, or 0 if that is not known
 */
public record ServerNode(ServerApi api, URI socket, long pid) {
  /** Blocks until the server is ready. */
  public static ServerNode connect(
      HttpClient http, URI url, @Nullable String issuerSecret, long pid)
      throws IOException, InterruptedException {
    ServerApi api = new ServerApi(http, url, issuerSecret);
    api.awaitReady();
    return new ServerNode(api, api.socket(), pid);
  }

  /**
   * A server whose users log in.
   *
   * @param patience how long it may take until it is ready
   */
  public static ServerNode connect(HttpClient http, URI url, Duration patience)
      throws IOException, InterruptedException {
    ServerApi api = new ServerApi(http, url, null);
    api.awaitReady(patience);
    return new ServerNode(api, api.socket(), 0);
  }

  /** CPU time that its process has used, zero if the process is not known. */
  public Duration cpu() {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  /** Bytes of its heap that live after a full collection, by the JDK's jcmd. */
  public long liveHeapBytes() throws IOException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines = jcmd.inputReader()) {
      return lines
          .lines()
          .filter(line -> line.startsWith("Total "))
          .map(line -> line.trim().split("\\s+"))
          .mapToLong(total -> Long.parseLong(total[2]))
          .findFirst()
          .orElseThrow(() -> new IOException("jcmd tells no heap of process " + pid));
    }
  }
}
