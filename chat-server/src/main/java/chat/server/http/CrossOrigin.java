package chat.server.http;

import chat.server.uri.AllowedOrigins;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.util.Optional;

/**
 * Lets pages of the allowed origins call from their browsers (the CORS protocol of the Fetch
 * standard). There are no cookies, so nobody is asked for credentials. Thread-safe.
 */
final class CrossOrigin {
  private static final String PREFLIGHT_LIFE_SECONDS = "600";

  private final AllowedOrigins origins;

  CrossOrigin(AllowedOrigins origins) {
    this.origins = origins;
  }

  private Optional<String> allowedOrigin(Headers request) {
    return Optional.ofNullable(request.getFirst("Origin")).filter(origins::allows);
  }

  /** A browser asks first, by itself, whether a page may make a call. */
  boolean isPreflight(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("OPTIONS")
        && exchange.getRequestHeaders().containsKey("Access-Control-Request-Method")
        && allowedOrigin(exchange.getRequestHeaders()).isPresent();
  }

  Response answerPreflight(HttpExchange exchange) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE");
    headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type");
    headers.set("Access-Control-Max-Age", PREFLIGHT_LIFE_SECONDS);
    return Response.text(200, "text/plain; charset=utf-8", "");
  }

  void mark(HttpExchange exchange) {
    Headers headers = exchange.getResponseHeaders();
    headers.add("Vary", "Origin");
    allowedOrigin(exchange.getRequestHeaders())
        .ifPresent(
            origin -> {
              headers.set("Access-Control-Allow-Origin", origin);
              headers.set("Access-Control-Expose-Headers", "Retry-After");
            });
  }
}
