package chat.server.browser;

import chat.server.http.HttpEndpoint;
import chat.server.http.Response;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The JavaScript client in the engine's jar, at the addresses where any container of web
 * applications serves it: the modules that applications import, and those that these import.
 * Stateless.
 */
final class ClientModules implements HttpEndpoint.Routes {
  private static final String FOLDER = "/webjars/chat-engine/";
  private static final List<String> EXPORTED =
      List.of("chat-client.js", "server/chat-server.js", "storage/indexed-db.js");
  private static final Pattern IMPORT =
      Pattern.compile("(?m)^(?:import|export|\\}).* from \"(\\.[^\"]+)\";");

  @Override
  public void addTo(HttpEndpoint http) {
    Set<String> found = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>();
    EXPORTED.forEach(module -> open.add(FOLDER + module));
    while (!open.isEmpty()) {
      String module = open.remove();
      if (found.add(module)) {
        byte[] source = Resources.read("/META-INF/resources" + module);
        Response response = Response.file(PageAssets.SCRIPT, source, HttpEndpoint.CONTENT_POLICY);
        http.route("GET", module, request -> response);
        IMPORT
            .matcher(new String(source, StandardCharsets.UTF_8))
            .results()
            .map((MatchResult match) -> URI.create(module).resolve(match.group(1)).getPath())
            .forEach(open::add);
      }
    }
  }
}
