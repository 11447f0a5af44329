package chat.server.browser;

import chat.engine.protocol.JsonObjects;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The page at {@code /}, and what it must know to connect. It needs two files, {@code page.js} with
 * all modules and {@code page.css} with all styles, at {@code /assets/VERSION/}: browsers keep them
 * for good, and a page of another version has another address for them. The modules are there, too.
 * The JavaScript clients are at addresses without a version, too, for pages of others. Stateless.
 */
public final class WebPage implements HttpEndpoint.Routes {
  private static final String KEEP = "public, max-age=31536000, immutable";

  /** At the root of the server, because browsers look for them there or because of their scope. */
  private static final List<String> AT_ROOT =
      List.of("favicon.svg", "service-worker.js", "manifest.webmanifest", "chat-client.js");

  private final ObjectNode config;
  private final PageAssets assets = PageAssets.get();

  /**
   * @param wsUrl where browsers connect to, if not to the port below on this page's host
   */
  public WebPage(@Nullable String wsUrl, int wsPort) {
    config = JsonObjects.object().put("ws_url", wsUrl).put("ws_port", wsPort);
  }

  @Override
  public void addTo(HttpEndpoint http) {
    Response page =
        Response.file("text/html; charset=utf-8", assets.index(), PageAssets.CONTENT_POLICY);
    http.route("GET", "/", request -> page);
    http.route("GET", "/config.json", request -> Response.json(200, config));
    for (String name : AT_ROOT) {
      Response file = assets.file(name);
      http.route("GET", "/" + name, request -> file);
    }
    new ClientModules().addTo(http);
    String client = PageAssets.ENGINE_CLIENT;
    http.route("GET", "/assets/{version}/{file}", request -> asset(request, ""));
    http.route(
        "GET",
        "/assets/{version}/{folder}/{file}",
        request -> asset(request, request.inPath("folder") + "/"));
    http.route(
        "GET",
        "/assets/{version}" + client + "{file}",
        request -> asset(request, client.substring(1)));
    http.route(
        "GET",
        "/assets/{version}" + client + "{folder}/{file}",
        request -> asset(request, client.substring(1) + request.inPath("folder") + "/"));
  }

  /** While nodes are replaced, a page of another version may ask here. It gets what there is. */
  private Response asset(Request request, String folder) {
    boolean ours = request.inPath("version").equals(assets.version());
    return assets
        .file(folder + request.inPath("file"))
        .with("Cache-Control", ours ? KEEP : "no-cache");
  }
}
