package chat.server.http;

import chat.server.uri.AllowedOrigins;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;

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

  private Optional<String> allowedOrigin(HttpFields request) {
    return Optional.ofNullable(request.get("Origin")).filter(origins::allows);
  }

  /** A browser asks first, by itself, whether a page may make a call. */
  boolean isPreflight(String method, HttpFields request) {
    return method.equals("OPTIONS")
        && request.contains("Access-Control-Request-Method")
        && allowedOrigin(request).isPresent();
  }

  static Response preflightAnswer() {
    return Response.text(200, "text/plain; charset=utf-8", "")
        .with("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
        .with(
            "Access-Control-Allow-Headers",
            "Authorization, Content-Type, If-None-Match, If-Range, Range")
        .with("Access-Control-Max-Age", PREFLIGHT_LIFE_SECONDS);
  }

  void mark(HttpFields request, HttpFields.Mutable answer) {
    answer.add("Vary", "Origin");
    allowedOrigin(request)
        .ifPresent(
            origin -> {
              answer.put("Access-Control-Allow-Origin", origin);
              answer.put(
                  "Access-Control-Expose-Headers",
                  "Content-Disposition, Content-Range, ETag, Retry-After");
            });
  }
}
