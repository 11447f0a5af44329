package chat.server;

import chat.engine.ChatEngine;
import chat.server.ws.WebSocketEndpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Set;

/** The engine's counters and gauges, and the server's own, for Prometheus. */
final class EngineMeters {
  private static final Set<String> GAUGES =
      Set.of("sends_pending", "feed_backlog", "publisher_backlog", "sessions", "delivery_threads");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer sends =
      Timer.builder("chat.send")
          .description("From a send's arrival to its acknowledgement, after the commit")
          .serviceLevelObjectives(
              Duration.ofMillis(1),
              Duration.ofMillis(2),
              Duration.ofMillis(5),
              Duration.ofMillis(10),
              Duration.ofMillis(25),
              Duration.ofMillis(50),
              Duration.ofMillis(100),
              Duration.ofMillis(250),
              Duration.ofSeconds(1),
              Duration.ofSeconds(5))
          .register(registry);

  PrometheusMeterRegistry registry() {
    return registry;
  }

  void sendTook(Duration time) {
    sends.record(time);
  }

  void engine(ChatEngine engine) {
    for (String name : engine.metrics().keySet()) {
      String meter = "chat." + name.replace('_', '.');
      if (GAUGES.contains(name)) {
        Gauge.builder(meter, engine, of -> of.metrics().getOrDefault(name, 0L)).register(registry);
      } else {
        FunctionCounter.builder(meter, engine, of -> of.metrics().getOrDefault(name, 0L))
            .register(registry);
      }
    }
    Gauge.builder("chat.router.up", engine, of -> of.health().router() ? 1 : 0).register(registry);
    Gauge.builder("chat.store.up", engine, of -> of.health().store() ? 1 : 0).register(registry);
  }

  void connections(WebSocketEndpoint endpoint) {
    Gauge.builder("chat.connections", endpoint, WebSocketEndpoint::connectionCount)
        .register(registry);
    Gauge.builder("chat.listening", endpoint, of -> of.listening() ? 1 : 0).register(registry);
  }
}
