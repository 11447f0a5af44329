package chat.engine.examples.server;

import chat.engine.examples.local.LocalServers;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Some nodes of chat-server, started together and stopped together. Not thread-safe. */
public final class ServerProcesses implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<ServerProcess> processes = new ArrayList<>();
  private final List<ServerNode> nodes = new ArrayList<>();

  private ServerProcesses() {}

  /** Blocks until all are ready. */
  public static ServerProcesses start(Path jar, LocalServers servers, int count)
      throws IOException, InterruptedException {
    return start(jar, servers, count, List.of());
  }

  /**
   * Blocks until all are ready.
   *
   * @param options further ones of each server
   */
  public static ServerProcesses start(
      Path jar, LocalServers servers, int count, List<String> options)
      throws IOException, InterruptedException {
    ServerProcesses started = new ServerProcesses();
    try {
      for (int i = 0; i < count; i++) {
        started.processes.add(ServerProcess.start(jar, servers, options));
      }
      for (ServerProcess process : started.processes) {
        started.nodes.add(started.connect(process));
      }
      return started;
    } catch (IOException | InterruptedException | RuntimeException fault) {
      started.close();
      throw fault;
    }
  }

  private ServerNode connect(ServerProcess process) throws IOException, InterruptedException {
    try {
      return ServerNode.connect(http, process.url(), ServerProcess.ISSUER_SECRET, process.pid());
    } catch (IOException fault) {
      throw new IOException("a server did not start; its log is " + process.log(), fault);
    }
  }

  public List<ServerProcess> processes() {
    return processes;
  }

  public List<ServerNode> nodes() {
    return nodes;
  }

  @Override
  public void close() {
    processes.forEach(ServerProcess::close);
  }
}
