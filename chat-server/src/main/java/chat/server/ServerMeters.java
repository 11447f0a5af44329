package chat.server;

import chat.engine.ChatEngine;
import chat.engine.feed.Feed;
import chat.engine.hook.EngineTimings;
import chat.server.ws.WebSocketEndpoint;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * What the server tells Prometheus of the engine, of its connections and of itself. Thread-safe.
 */
final class ServerMeters implements EngineTimings, AutoCloseable {
  private static final Duration[] TIME_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private final PrometheusMeterRegistry registry = newRegistry();
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Timer sends =
      timer("chat.send", "From a send's arrival to its acknowledgement, after the commit");
  private final Timer commits = timer("chat.commit", "One transaction that stored messages");
  private final Timer deliveries =
      timer(
          "chat.delivery.lag",
          "From a message's creation on its node to its members' sessions on this one");
  private final DistributionSummary batches =
      DistributionSummary.builder("chat.commit.batch")
          .description("Sends that shared a transaction")
          .serviceLevelObjectives(1, 2, 5, 10, 20, 50, 100, 200, 500)
          .register(registry);
  private final Map<String, Timer> requests = new ConcurrentHashMap<>();

  private static PrometheusMeterRegistry newRegistry() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.config().meterFilter(new MeterTexts());
    return registry;
  }

  ServerMeters() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
    registry.counter("chat.moderation.failures"); // there from the start, at 0
    for (String kind : List.of("webhook", "webpush")) {
      for (String outcome : List.of("delivered", "gone", "later", "failed", "dropped")) {
        registry.counter("chat.push.notifications", "kind", kind, "outcome", outcome);
      }
    }
  }

  private Timer timer(String name, String description, String... tags) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(TIME_BUCKETS)
        .tags(tags)
        .register(registry);
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  void sendTook(Duration time) {
    sends.record(time);
  }

  /**
   * @param route of the API, not the path that was asked for: a client must not make new meters
   */
  void requestTook(String route, int status, Duration time) {
    requests
        .computeIfAbsent(
            route + ' ' + status,
            unseen ->
                timer(
                    "chat.http.requests",
                    "REST calls",
                    "route",
                    route,
                    "status",
                    Integer.toString(status)))
        .record(time);
  }

  void moderationFailed() {
    registry.counter("chat.moderation.failures").increment();
  }

  /**
   * @param bot of those that are configured
   */
  void botFailed(String bot) {
    registry.counter("chat.bot.failures", "bot", bot).increment();
  }

  /**
   * @param kind of device, one of those that can register
   * @param outcome {@code delivered}, {@code gone}, {@code later}, {@code failed}, {@code dropped}
   */
  void pushed(String kind, String outcome) {
    registry.counter("chat.push.notifications", "kind", kind, "outcome", outcome).increment();
  }

  @Override
  public void committed(int sends, Duration took) {
    commits.record(took);
    batches.record(sends);
  }

  @Override
  public void delivered(Duration lag) {
    deliveries.record(lag.isNegative() ? Duration.ZERO : lag);
  }

  void engine(ChatEngine engine) {
    for (String name : engine.gauges().keySet()) {
      Gauge.builder(meter(name), engine, of -> of.gauges().getOrDefault(name, 0L))
          .register(registry);
    }
    for (String name : engine.counters().keySet()) {
      FunctionCounter.builder(meter(name), engine, of -> of.counters().getOrDefault(name, 0L))
          .register(registry);
    }
    Gauge.builder("chat.router.up", engine, of -> of.health().router() ? 1 : 0).register(registry);
    Gauge.builder("chat.store.up", engine, of -> of.health().store() ? 1 : 0).register(registry);
    Gauge.builder("chat.ids.up", engine, of -> of.health().ids() ? 1 : 0).register(registry);
  }

  /** How a durable feed stands on this node; of all nodes one delivers it. */
  void feed(Feed feed) {
    feedGauge(feed, "chat.durable.feed.active", of -> of.active() ? 1 : 0);
    feedGauge(feed, "chat.durable.feed.waiting", Feed.State::waiting);
    feedGauge(feed, "chat.durable.feed.failing", Feed.State::failing);
    feedGauge(feed, "chat.durable.feed.behind.seconds", of -> of.behind().toMillis() / 1000.0);
  }

  private void feedGauge(Feed feed, String name, ToDoubleFunction<Feed.State> value) {
    Gauge.builder(name, feed, of -> value.applyAsDouble(of.state()))
        .tags("feed", feed.name())
        .strongReference(true)
        .register(registry);
  }

  /**
   * What is free on the disk of a directory, also before that is made.
   *
   * @param use what the directory is for
   */
  void disk(String use, Path directory) {
    Gauge.builder("chat.disk.free.bytes", () -> freeBytes(directory))
        .tags("directory", use)
        .register(registry);
  }

  /** Looked at with each scrape; not a number where it cannot be. */
  private static double freeBytes(Path directory) {
    for (Path at = directory.toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at)) {
        try {
          return Files.getFileStore(at).getUsableSpace();
        } catch (IOException unknown) {
          return Double.NaN;
        }
      }
    }
    return Double.NaN;
  }

  /** A gauge that is always 1 and tells the build by its labels. */
  void build(BuildInfo build) {
    Gauge.builder("chat.build.info", () -> 1)
        .tags("version", build.version(), "commit", build.commit(), "time", build.time())
        .register(registry);
  }

  private static String meter(String name) {
    return "chat." + name.replace('_', '.');
  }

  void connections(WebSocketEndpoint endpoint) {
    Gauge.builder("chat.connections", endpoint, WebSocketEndpoint::connectionCount)
        .register(registry);
    Gauge.builder("chat.limit.max.connections", endpoint, WebSocketEndpoint::mostConnections)
        .register(registry);
    FunctionCounter.builder(
            "chat.connections.refused", endpoint, WebSocketEndpoint::refusedConnections)
        .register(registry);
    Gauge.builder("chat.outgoing.bytes", endpoint, WebSocketEndpoint::outgoingBytes)
        .register(registry);
    Gauge.builder("chat.listening", endpoint, of -> of.listening() ? 1 : 0).register(registry);
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
