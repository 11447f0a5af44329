package chat.server.rest;

import chat.engine.protocol.JsonObjects;
import chat.server.http.HttpEndpoint;
import chat.server.http.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The page at {@code /}, its scripts and style, the engine's JavaScript client that it uses, and
 * what it must know to connect. Stateless.
 */
public final class WebPage implements HttpEndpoint.Routes {
  static final String SCRIPT = "text/javascript; charset=utf-8";

  private final ObjectNode config;

  /**
   * @param wsUrl where browsers connect to, if not to the port below on this page's host
   */
  public WebPage(@Nullable String wsUrl, int wsPort) {
    config = JsonObjects.object().put("ws_url", wsUrl).put("ws_port", wsPort);
  }

  @Override
  public void addTo(HttpEndpoint http) {
    file(http, "/", "index.html", "text/html; charset=utf-8");
    file(http, "/page.js", "page.js", SCRIPT);
    file(http, "/page.css", "page.css", "text/css; charset=utf-8");
    file(http, "/drafts.js", "drafts.js", SCRIPT);
    file(http, "/message-list.js", "message-list.js", SCRIPT);
    file(http, "/message-bubble.js", "message-bubble.js", SCRIPT);
    file(http, "/own-view.js", "own-view.js", SCRIPT);
    file(http, "/chat-client.js", "chat-client.js", SCRIPT);
    file(http, "/favicon.svg", "favicon.svg", "image/svg+xml");
    new ClientModules().addTo(http);
    http.route("GET", "/config.json", request -> Response.json(200, config));
  }

  private static void file(HttpEndpoint http, String path, String name, String contentType) {
    resource(http, path, "/chat/server/web/" + name, contentType);
  }

  private static void resource(
      HttpEndpoint http, String path, String resource, String contentType) {
    Response response =
        Response.file(contentType, Resources.read(resource), HttpEndpoint.CONTENT_POLICY);
    http.route("GET", path, request -> response);
  }
}
