package chat.engine.examples.faultcheck.fault;

import chat.engine.examples.faultcheck.world.NodeProcess;
import chat.engine.examples.local.PostgresProcess;
import chat.engine.examples.local.TcpProxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node is killed between two statements of a transaction, and nobody tells PostgreSQL: the
 * transaction stands idle, with its locks, long after the fault.
 */
final class VanishFault implements Fault {
  private static final Logger log = LoggerFactory.getLogger(VanishFault.class);
  private static final Duration SLOW = Duration.ofMillis(40);
  private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

  private final NodeProcess node;
  private final TcpProxy link;
  private final PostgresProcess postgres;

  VanishFault(NodeProcess node, TcpProxy link, PostgresProcess postgres) {
    this.node = node;
    this.link = link;
    this.postgres = postgres;
  }

  @Override
  public void begin() {
    TcpProxy.Mode before = TcpProxy.Mode.PASS;
    link.mode(TcpProxy.Mode.DELAY, SLOW);
    awaitIdleTransaction();
    link.abandon();
    node.kill();
    link.mode(before);
  }

  private void awaitIdleTransaction() {
    long giveUp = System.nanoTime() + PATIENCE_NANOS;
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      while (System.nanoTime() < giveUp) {
        List<Integer> ports = link.upstreamPorts();
        String from =
            ports.isEmpty()
                ? "0"
                : ports.stream().map(String::valueOf).collect(Collectors.joining(","));
        try (ResultSet found =
            statement.executeQuery(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND client_port IN ("
                    + from
                    + ")")) {
          if (found.next()) {
            return;
          }
        }
      }
    } catch (SQLException fault) {
      log.warn("no idle transaction was found: {}", fault.toString());
    }
  }

  @Override
  public void end() {
    node.awaitReady();
  }
}
