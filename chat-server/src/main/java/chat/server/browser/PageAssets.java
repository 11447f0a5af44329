package chat.server.browser;

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

/**
 * The files of the page: the modules and styles as they are written, and {@code page.js} and {@code
 * page.css}, in which they are one file each. Immutable; made once a JVM, since the class path does
 * not change.
 */
final class PageAssets {
  static final String SCRIPT = "text/javascript; charset=utf-8";

  static final String CONTENT_POLICY =
      """
      default-src 'none'; script-src 'self'; style-src 'self'; \
      img-src 'self' blob:; media-src blob:; connect-src 'self' ws: wss:; manifest-src 'self'; \
      worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
      require-trusted-types-for 'script'; trusted-types chat""";

  /** In the engine's jar and at the server, as any container of web applications serves it. */
  static final String ENGINE_CLIENT = "/webjars/chat-engine/";

  private static final String WEB = "/chat/server/web";

  /** Preact and htm, as the build takes them from their jars. */
  private static final String LIBRARIES = "/chat/server/web-libraries";

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

  private static final Map<String, String> TYPES =
      Map.of(
          "js", SCRIPT,
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "webmanifest", "application/manifest+json");

  private final String version;
  private final byte[] index;
  private final Map<String, Response> assets = new HashMap<>();

  private PageAssets() {
    WebFiles files =
        new WebFiles()
            .with("", WEB)
            .with("lib/", LIBRARIES)
            .with(ENGINE_CLIENT.substring(1), "/META-INF/resources" + ENGINE_CLIENT);
    Map<String, byte[]> contents = files.contents();
    version = files.version();
    index = bytes(text(contents, "index.html").replace("{assets}", "/assets/" + version));
    contents.forEach(
        (path, content) -> {
          if (!type(path).isEmpty()) {
            assets.put(path, file(path, content));
          }
        });
    String script = ModuleBundle.of(contents, LIBRARY_NAMES, ENTRY);
    String styles =
        STYLES.stream()
            .map(name -> text(contents, "style/" + name + ".css"))
            .collect(Collectors.joining("\n"));
    assets.put("page.js", file("page.js", bytes(script)));
    assets.put("page.css", file("page.css", bytes(styles)));
  }

  /**
   * @throws IllegalStateException if the program was packaged without them
   */
  static PageAssets get() {
    return Made.ASSETS;
  }

  /** Another one as soon as a file is another. */
  String version() {
    return version;
  }

  byte[] index() {
    return index;
  }

  /** A file by its path, {@code not_found} if there is none. */
  Response file(String path) {
    Response file = assets.get(path);
    if (file == null) {
      throw ApiException.of(ApiError.NOT_FOUND, "there is nothing at this path");
    }
    return file;
  }

  private static String text(Map<String, byte[]> contents, String path) {
    return new String(Objects.requireNonNull(contents.get(path), path), StandardCharsets.UTF_8);
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

  /** By the JVM's rule for classes: the first call makes it. */
  private static final class Made {
    static final PageAssets ASSETS = new PageAssets();
  }
}
