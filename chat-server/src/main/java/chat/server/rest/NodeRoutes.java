package chat.server.rest;

import chat.engine.protocol.JsonObjects;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Supplier;

/** What this node says of itself: health, readiness, metrics. Thread-safe. */
public final class NodeRoutes implements HttpEndpoint.Routes {
  private final Supplier<Readiness> readiness;
  private final PrometheusMeterRegistry metrics;

  /**
   * Of what this node needs, what it has now.
   *
   * @param listening whether new WebSocket connections can come in
   */
  public record Readiness(boolean database, boolean router, boolean listening) {}

  /**
   * @param readiness may block for some seconds
   */
  public NodeRoutes(Supplier<Readiness> readiness, PrometheusMeterRegistry metrics) {
    this.readiness = readiness;
    this.metrics = metrics;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route(
        "GET", "/healthz", request -> Response.json(200, JsonObjects.object().put("status", "ok")));
    http.route("GET", "/readyz", this::ready);
    http.route(
        "GET",
        "/metrics",
        request ->
            Response.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
  }

  /** Without a router every node still serves: a balancer must not take all of them out. */
  private Response ready(Request request) {
    Readiness now = readiness.get();
    boolean ready = now.database() && now.listening();
    String status = !ready ? "unavailable" : now.router() ? "ready" : "degraded";
    return Response.json(
        ready ? 200 : 503,
        JsonObjects.object()
            .put("status", status)
            .put("database", now.database())
            .put("router", now.router())
            .put("listening", now.listening()));
  }
}
