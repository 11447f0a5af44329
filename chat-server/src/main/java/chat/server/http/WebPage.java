package chat.server.http;

import chat.engine.protocol.JsonObjects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The page at {@code /}, its script and style, and what it must know to connect. Stateless. */
public final class WebPage {
  private final ObjectNode config;

  /**
   * @param wsUrl where browsers connect to, if not to the port below on this page's host
   */
  public WebPage(@Nullable String wsUrl, int wsPort) {
    config = JsonObjects.object().put("ws_url", wsUrl).put("ws_port", wsPort);
  }

  void addTo(HttpEndpoint http) {
    file(http, "/", "index.html", "text/html; charset=utf-8");
    file(http, "/page.js", "page.js", "text/javascript; charset=utf-8");
    file(http, "/page.css", "page.css", "text/css; charset=utf-8");
    file(http, "/chat-client.js", "chat-client.js", "text/javascript; charset=utf-8");
    file(http, "/favicon.svg", "favicon.svg", "image/svg+xml");
    http.route("GET", "/config.json", request -> Response.json(200, config));
  }

  private static void file(HttpEndpoint http, String path, String name, String contentType) {
    Response response = new Response(200, contentType, Resources.read("/chat/server/web/" + name));
    http.route("GET", path, request -> response);
  }
}
