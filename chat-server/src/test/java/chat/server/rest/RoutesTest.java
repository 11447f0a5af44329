package chat.server.rest;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.ApiDescriptions;
import chat.server.admin.AdminRoutes;
import chat.server.browser.ApiDocumentation;
import chat.server.browser.WebPage;
import chat.server.files.FileLimits;
import chat.server.files.UserFiles;
import chat.server.http.HttpEndpoint;
import chat.server.push.PushRoutes;
import chat.server.uri.AllowedOrigins;
import chat.server.webhooks.WebhookRoutes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class RoutesTest {
  /** What browsers load; nothing that a client of the API would call. */
  private static final Set<String> PAGES =
      Set.of(
          "/",
          "/assets/{version}/{file}",
          "/assets/{version}/{folder}/{file}",
          "/assets/{version}/webjars/chat-engine/{file}",
          "/assets/{version}/webjars/chat-engine/{folder}/{file}",
          "/chat-client.js",
          "/service-worker.js",
          "/manifest.webmanifest",
          "/webjars/chat-engine/chat-client.js",
          "/webjars/chat-engine/storage/outbox-storage.js", // which another one imports
          "/favicon.svg",
          "/docs",
          "/docs/websocket");

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  @Test
  void whatThereIsIsDescribedAndWhatIsDescribedIsThere() throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    // no call is made, so the features need nothing to work with
    try (HttpEndpoint http = HttpEndpoint.bind(anyPort, (route, status, time) -> {})) {
      http.start(
          List.of(
              new AccountRoutes(null, null, null, null, null, null, null, null, null),
              new ContactRoutes(null, null, null, null, null),
              new GroupRoutes(null, null),
              new MessageRoutes(null, null, null, null, null),
              UserFiles.onDisk(null, Path.of("none"), null, new FileLimits(1, 1)).routes(null),
              new NodeRoutes(null, null),
              new LoginRoutes(null, null, null),
              new AdminRoutes(null, null, null),
              new WebhookRoutes(null, null),
              new PushRoutes(null, null, null, "", () -> {}),
              new WebPage(null, 1),
              new ApiDocumentation()),
          new AllowedOrigins(List.of()));
      Map<String, Set<String>> routes = new TreeMap<>(http.routes());
      assertThat(routes.keySet()).containsAll(PAGES);
      routes.keySet().removeAll(PAGES);
      routes.keySet().removeIf(path -> path.startsWith("/webjars/chat-engine/"));
      routes.keySet().removeIf(path -> path.matches("/docs/.*\\.m?(js|css)"));
      assertThat(described()).isEqualTo(routes);
    }
  }

  private static Map<String, Set<String>> described() {
    Map<String, Set<String>> described = new TreeMap<>();
    for (Map.Entry<String, JsonNode> path :
        new ApiDescriptions().openapi().get("paths").properties()) {
      Set<String> methods = new TreeSet<>();
      path.getValue().properties().stream()
          .map(Map.Entry::getKey)
          .filter(METHODS::contains)
          .forEach(method -> methods.add(method.toUpperCase(Locale.ROOT)));
      described.put(path.getKey(), methods);
    }
    return described;
  }
}
