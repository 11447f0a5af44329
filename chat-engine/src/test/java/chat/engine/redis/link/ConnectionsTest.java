package chat.engine.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.testing.TestRedis;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.apache.commons.pool2.PooledObjectFactory;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.HostAndPort;

/** When a pooled connection is given out, and when it is thrown away. */
final class ConnectionsTest {
  private final URI uri = TestRedis.sharedUri();
  private final ConnectionPool pool = Connections.pool(this::open, 2_000);
  private final PooledObjectFactory<Connection> connections = pool.getFactory();

  private Connection open() {
    return new Connection(new HostAndPort(uri.getHost(), uri.getPort()));
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private static DefaultPooledObject<Connection> aged(Connection connection, Duration age) {
    Instant made = Instant.now().minus(age);
    return new DefaultPooledObject<>(connection) {
      @Override
      public Instant getCreateInstant() {
        return made;
      }
    };
  }

  @Test
  void aConnectionThatBreaksWhileItLiesIdleIsFoundWithinASecondAndNotByACaller() {
    ConnectionPoolConfig config = Connections.config(1_500);
    assertThat(config.getTestWhileIdle()).isTrue();
    assertThat(config.getNumTestsPerEvictionRun()).as("all of them").isEqualTo(-1);
    assertThat(config.getDurationBetweenEvictionRuns()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.getTestOnBorrow()).as("a round trip for each call").isFalse();
    assertThat(config.getMaxWaitDuration()).isEqualTo(Duration.ofMillis(1_500));
    assertThat(config.getMaxIdle()).isEqualTo(config.getMaxTotal()).isPositive();
  }

  @Test
  void aConnectionIsKeptWhileItAnswersAndIsYoung() {
    try (Connection connection = open()) {
      connection.connect();
      assertThat(connections.validateObject(aged(connection, Duration.ofSeconds(50)))).isTrue();
      assertThat(connections.validateObject(aged(connection, Duration.ofSeconds(61)))).isFalse();
      Connections.cut(connection);
      assertThat(connection.isConnected()).isFalse();
      assertThat(connections.validateObject(aged(connection, Duration.ZERO))).isFalse();
      Connections.cut(connection); // again
    }
  }

  @Test
  void aConnectionThatIsThrownAwayIsClosed() throws Exception {
    Connection connection = open();
    connection.connect();
    connections.destroyObject(new DefaultPooledObject<>(connection));
    assertThat(connection.isConnected()).isFalse();
  }
}
