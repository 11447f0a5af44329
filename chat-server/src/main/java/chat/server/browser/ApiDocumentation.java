package chat.server.browser;

import chat.server.http.HttpEndpoint;
import chat.server.http.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How to talk to this server: an OpenAPI description of REST, an AsyncAPI description of the
 * WebSocket, and a page for each that shows it and lets one try it: Swagger UI and our own. The
 * build takes Swagger UI and the reader of YAML from their webjars, so nothing comes from
 * elsewhere. Read once a JVM. Stateless.
 */
public final class ApiDocumentation implements HttpEndpoint.Routes {
  private static final String FOLDER = "/chat/server/docs/";
  private static final String YAML = "application/yaml"; // RFC 9512
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";
  private static final String PAGE = "text/html; charset=utf-8";
  private static final List<String> SCRIPTS =
      List.of(
          "docs.js",
          "accessible.js",
          "websocket.js",
          "description.js",
          "element.js",
          "prose.js",
          "trial.js");
  // Swagger UI's style has its icons in data: addresses.
  private static final String CONTENT_POLICY =
      HttpEndpoint.CONTENT_POLICY + "; img-src 'self' data:";

  @Override
  public void addTo(HttpEndpoint http) {
    Made.FILES.forEach((path, file) -> http.route("GET", path, request -> file));
  }

  private static Map<String, Response> files() {
    Map<String, Response> files = new LinkedHashMap<>();
    files.put("/openapi.yaml", file("openapi.yaml", YAML));
    files.put("/asyncapi.yaml", file("asyncapi.yaml", YAML));
    files.put("/docs", file("index.html", PAGE));
    files.put("/docs/websocket", file("websocket.html", PAGE));
    SCRIPTS.forEach(name -> files.put("/docs/" + name, file(name, SCRIPT)));
    files.put("/docs/js-yaml.mjs", file("js-yaml/js-yaml.mjs", SCRIPT));
    files.put("/docs/docs.css", file("docs.css", STYLE));
    files.put("/docs/swagger-ui-bundle.js", file("swagger-ui/swagger-ui-bundle.js", SCRIPT));
    files.put("/docs/swagger-ui.css", file("swagger-ui/swagger-ui.css", STYLE));
    return files;
  }

  private static Response file(String name, String contentType) {
    return Response.file(contentType, Resources.read(FOLDER + name), CONTENT_POLICY);
  }

  /** By the JVM's rule for classes: the first server makes them. */
  private static final class Made {
    static final Map<String, Response> FILES = files();
  }
}
