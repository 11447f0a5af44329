package chat.server;

import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Node.js, where it is installed. Stateless. */
public final class NodeProgram {
  private NodeProgram() {}

  public static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "node")));
  }

  /**
   * Runs a module until it ends. Node 20 needs to be told that it has a WebSocket.
   *
   * @return what it said
   * @throws AssertionError if it fails
   */
  public static String run(Path folder, String... moduleAndArguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", "--experimental-websocket"));
    command.addAll(List.of(moduleAndArguments));
    Process node =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (InputStream out = node.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      if (node.waitFor() != 0) {
        throw new AssertionError(said);
      }
      return said;
    } finally {
      node.destroyForcibly();
    }
  }
}
