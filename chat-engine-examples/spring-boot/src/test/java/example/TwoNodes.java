package example;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The application twice, on ports 8080 and 8081, with a PostgreSQL that ends with the program. */
final class TwoNodes {
  public static void main(String[] args) throws Exception {
    EmbeddedPostgres postgres = postgres();
    node(postgres, 8080);
    node(postgres, 8081);
  }

  static EmbeddedPostgres postgres() throws Exception {
    return EmbeddedPostgres.builder()
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setPGStartupWait(Duration.ofSeconds(60))
        .start();
  }

  /**
   * @param port 0 for any that is free
   */
  static ConfigurableApplicationContext node(EmbeddedPostgres postgres, int port) {
    return new SpringApplicationBuilder(ShopApplication.class)
        .run(
            "--server.port=" + port,
            "--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"));
  }
}
