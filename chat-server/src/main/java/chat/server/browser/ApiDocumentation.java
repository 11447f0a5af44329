package chat.server.browser;

import chat.server.http.HttpEndpoint;
import chat.server.http.Response;
import java.util.List;

/**
 * How to talk to this server: an OpenAPI description of REST, an AsyncAPI description of the
 * WebSocket, and a page for each that shows it and lets one try it: Swagger UI and our own. The
 * build takes Swagger UI and the reader of YAML from their webjars, so nothing comes from
 * elsewhere. Stateless.
 */
public final class ApiDocumentation implements HttpEndpoint.Routes {
  private static final String FOLDER = "/chat/server/docs/";
  private static final String YAML = "application/yaml"; // RFC 9512
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";
  private static final String PAGE = "text/html; charset=utf-8";
  private static final List<String> SCRIPTS =
      List.of("docs.js", "websocket.js", "description.js", "element.js", "prose.js", "trial.js");
  // Swagger UI's style has its icons in data: addresses.
  private static final String CONTENT_POLICY =
      HttpEndpoint.CONTENT_POLICY + "; img-src 'self' data:";

  @Override
  public void addTo(HttpEndpoint http) {
    file(http, "/openapi.yaml", "openapi.yaml", YAML);
    file(http, "/asyncapi.yaml", "asyncapi.yaml", YAML);
    file(http, "/docs", "index.html", PAGE);
    file(http, "/docs/websocket", "websocket.html", PAGE);
    SCRIPTS.forEach(name -> file(http, "/docs/" + name, name, SCRIPT));
    file(http, "/docs/js-yaml.mjs", "js-yaml/js-yaml.mjs", SCRIPT);
    file(http, "/docs/docs.css", "docs.css", STYLE);
    file(http, "/docs/swagger-ui-bundle.js", "swagger-ui/swagger-ui-bundle.js", SCRIPT);
    file(http, "/docs/swagger-ui.css", "swagger-ui/swagger-ui.css", STYLE);
  }

  private static void file(HttpEndpoint http, String path, String name, String contentType) {
    Response response = Response.file(contentType, Resources.read(FOLDER + name), CONTENT_POLICY);
    http.route("GET", path, request -> response);
  }
}
