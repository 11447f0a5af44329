package chat.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The modules of the JavaScript client and of its tests, from the class path: for a browser over
 * HTTP, as a servlet container serves them, and for Node in a folder, in the same places.
 */
final class ClientFiles implements AutoCloseable {
  private static final Map<String, String> FOLDERS =
      Map.of(
          "/webjars/chat-engine",
          "/META-INF/resources/webjars/chat-engine",
          "/tests",
          "/chat/server/client");

  private final HttpServer http;

  private ClientFiles(HttpServer http) {
    this.http = http;
  }

  static ClientFiles serve() throws IOException {
    HttpServer http = TestServer.ofTheJdk();
    FOLDERS.forEach(
        (path, folder) ->
            http.createContext(
                path + "/",
                exchange ->
                    send(
                        exchange,
                        folder + exchange.getRequestURI().getPath().substring(path.length()))));
    http.createContext("/", exchange -> answer(exchange, 200, "text/html", new byte[0]));
    http.start();
    return new ClientFiles(http);
  }

  String origin() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  @Override
  public void close() {
    http.stop(0);
  }

  private static void send(HttpExchange exchange, String resource) throws IOException {
    try (InputStream in = ClientFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        answer(exchange, 404, "text/plain", new byte[0]);
      } else {
        answer(exchange, 200, "text/javascript; charset=utf-8", in.readAllBytes());
      }
    }
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Copies all of them into a folder. */
  static void copyTo(Path target) throws IOException, URISyntaxException {
    Files.writeString(target.resolve("package.json"), "{\"type\":\"module\"}");
    for (Map.Entry<String, String> folder : FOLDERS.entrySet()) {
      URI found = ClientFiles.class.getResource(folder.getValue()).toURI();
      if (found.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(found, Map.of())) {
          copy(jar.getPath(folder.getValue()), target.resolve(folder.getKey().substring(1)));
        }
      } else {
        copy(Path.of(found), target.resolve(folder.getKey().substring(1)));
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(from)) {
      all = files.toList();
    }
    for (Path file : all) {
      Path copy = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(copy);
      } else {
        Files.copy(file, copy);
      }
    }
  }
}
