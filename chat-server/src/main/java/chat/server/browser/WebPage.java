package chat.server.browser;

import chat.engine.protocol.JsonObjects;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The page at {@code /}, and what it must know to connect. It needs two files, {@code page.js} with
 * all modules and {@code page.css} with all styles, at {@code /assets/VERSION/}: browsers keep them
 * for good, and a page of another version has another address for them. The modules are there, too.
 * The JavaScript clients are at addresses without a version, too, for pages of others. Stateless.
 */
public final class WebPage implements HttpEndpoint.Routes {
  private static final String WEB = "/chat/server/web";

  /** Preact and htm, as the build takes them from their jars. */
  private static final String LIBRARIES = "/chat/server/web-libraries";

  static final String SCRIPT = "text/javascript; charset=utf-8";

  /** In the engine's jar and at the server, as any container of web applications serves it. */
  private static final String ENGINE_CLIENT = "/webjars/chat-engine/";

  private static final String KEEP = "public, max-age=31536000, immutable";
  private static final String CONTENT_POLICY =
      """
      default-src 'none'; script-src 'self'; style-src 'self'; \
      img-src 'self' blob:; media-src blob:; connect-src 'self' ws: wss:; manifest-src 'self'; \
      worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
      require-trusted-types-for 'script'; trusted-types chat""";

  private static final String ENTRY = "main.js";

  /** The modules that the page's own import by a name. */
  private static final Map<String, String> LIBRARY_NAMES =
      Map.of(
          "preact", "lib/preact.module.js",
          "preact/hooks", "lib/hooks.module.js",
          "htm", "lib/htm.module.js");

  /** In the order in which they hold. */
  private static final List<String> STYLES =
      List.of("base", "controls", "layout", "sidebar", "messages", "composer");

  /** At the root of the server, because browsers look for them there or because of their scope. */
  private static final List<String> AT_ROOT =
      List.of("favicon.svg", "service-worker.js", "manifest.webmanifest", "chat-client.js");

  private static final Map<String, String> TYPES =
      Map.of(
          "js", SCRIPT,
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "webmanifest", "application/manifest+json");

  private final ObjectNode config;
  private final WebFiles files;
  private final String version;
  private final String index;
  private final Map<String, Response> assets = new HashMap<>();

  /**
   * @param wsUrl where browsers connect to, if not to the port below on this page's host
   */
  public WebPage(@Nullable String wsUrl, int wsPort) {
    config = JsonObjects.object().put("ws_url", wsUrl).put("ws_port", wsPort);
    files =
        new WebFiles()
            .with("", WEB)
            .with("lib/", LIBRARIES)
            .with(ENGINE_CLIENT.substring(1), "/META-INF/resources" + ENGINE_CLIENT);
    version = files.version();
    index =
        new String(content("index.html"), StandardCharsets.UTF_8)
            .replace("{assets}", "/assets/" + version);
    files
        .contents()
        .forEach(
            (path, content) -> {
              if (!type(path).isEmpty()) {
                assets.put(path, file(path, content));
              }
            });
    String script = ModuleBundle.of(files.contents(), LIBRARY_NAMES, ENTRY);
    assets.put("page.js", file("page.js", bytes(script)));
    assets.put("page.css", file("page.css", bytes(styles())));
  }

  @Override
  public void addTo(HttpEndpoint http) {
    Response page = Response.file("text/html; charset=utf-8", bytes(index), CONTENT_POLICY);
    http.route("GET", "/", request -> page);
    http.route("GET", "/config.json", request -> Response.json(200, config));
    for (String name : AT_ROOT) {
      Response file = asset(name);
      http.route("GET", "/" + name, request -> file);
    }
    new ClientModules().addTo(http);
    http.route("GET", "/assets/{version}/{file}", request -> asset(request, ""));
    http.route(
        "GET",
        "/assets/{version}/{folder}/{file}",
        request -> asset(request, request.inPath("folder") + "/"));
    http.route(
        "GET",
        "/assets/{version}" + ENGINE_CLIENT + "{file}",
        request -> asset(request, ENGINE_CLIENT.substring(1)));
    http.route(
        "GET",
        "/assets/{version}" + ENGINE_CLIENT + "{folder}/{file}",
        request -> asset(request, ENGINE_CLIENT.substring(1) + request.inPath("folder") + "/"));
  }

  /** While nodes are replaced, a page of another version may ask here. It gets what there is. */
  private Response asset(Request request, String folder) {
    boolean ours = request.inPath("version").equals(version);
    return asset(folder + request.inPath("file")).with("Cache-Control", ours ? KEEP : "no-cache");
  }

  private Response asset(String path) {
    Response file = assets.get(path);
    if (file == null) {
      throw ApiException.of(ApiError.NOT_FOUND, "there is nothing at this path");
    }
    return file;
  }

  private byte[] content(String path) {
    return Objects.requireNonNull(files.contents().get(path), path);
  }

  private String styles() {
    return STYLES.stream()
        .map(name -> new String(content("style/" + name + ".css"), StandardCharsets.UTF_8))
        .collect(Collectors.joining("\n"));
  }

  private static Response file(String path, byte[] content) {
    return Response.file(type(path), content, CONTENT_POLICY);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Empty for what browsers have no use for. */
  private static String type(String path) {
    boolean isTypes = path.endsWith(".d.ts");
    String ending = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return isTypes ? "" : TYPES.getOrDefault(ending, "");
  }
}
