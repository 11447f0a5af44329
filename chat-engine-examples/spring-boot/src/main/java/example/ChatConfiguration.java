package example;

import chat.engine.ChatEngine;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.postgres.router.PostgresRouter;
import chat.engine.protocol.ChatProtocol;
import chat.engine.protocol.verb.StandardVerbs;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import javax.sql.DataSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A node of the chat in the application's own database. Nodes find each other there. */
@Configuration
class ChatConfiguration {
  @Bean
  @DependsOnDatabaseInitialization // the application's Flyway wants to find its schema empty
  ChatEngine engine(DataSource dataSource) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(dataSource))
        .router(PostgresRouter.open(dataSource))
        .build();
  }

  @Bean
  ChatProtocol protocol(ChatEngine engine) {
    return ChatProtocol.builder(engine)
        .open(StandardVerbs.FOLLOWING, StandardVerbs.TALKING, StandardVerbs.OPENING_DIRECT)
        .build();
  }

  @Bean
  HealthIndicator chat(ChatEngine engine) {
    return () -> {
      ChatEngine.Health health = engine.health();
      return (health.store() && health.ids() ? Health.up() : Health.down())
          .withDetail("router", health.router()) // without it messages come seconds late
          .build();
    };
  }

  @Bean
  MeterBinder chatMetrics(ChatEngine engine) {
    return registry -> {
      for (String name : engine.gauges().keySet()) {
        Gauge.builder("chat." + name, engine, e -> e.gauges().get(name)).register(registry);
      }
      for (String name : engine.counters().keySet()) {
        FunctionCounter.builder("chat." + name, engine, e -> e.counters().get(name))
            .register(registry);
      }
    };
  }
}
