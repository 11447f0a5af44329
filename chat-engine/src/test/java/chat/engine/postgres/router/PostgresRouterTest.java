package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.contract.RouterContract;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import chat.engine.testing.TcpProxy;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.router.Recorder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The contract on a real PostgreSQL; each node has a network of its own to it. */
final class PostgresRouterTest extends RouterContract {
  private final TestDatabase database = TestPostgres.chatDatabase();
  private final Map<Router, TcpProxy> links = new HashMap<>();

  @Override
  protected void closeMedium() {
    links.values().forEach(TcpProxy::close);
    database.close();
  }

  @Override
  protected Router newNode() {
    TcpProxy link = TcpProxy.to(database.port());
    Router node =
        PostgresRouter.open(
            "jdbc:postgresql://127.0.0.1:" + link.port() + "/" + database.name(),
            database.user(),
            database.password());
    links.put(node, link);
    return node;
  }

  @Override
  protected void cut(Router node) {
    links.get(node).cut();
  }

  @Override
  protected void heal(Router node) {
    links.get(node).heal();
  }

  @Override
  protected void crash(Router node) {
    links.get(node).cut();
  }

  @Test
  void aPublicationCostsTheNodesConcernedAndNotTheTopicsBehindThem() {
    try (PostgresRouter from = PostgresRouter.open(database.dataSource());
        PostgresRouter to = PostgresRouter.open(database.dataSource())) {
      Recorder recorder = new Recorder();
      from.start("a cluster", new Recorder());
      to.start("a cluster", recorder);
      Topic group = new Topic("group:1");
      to.subscribe(List.of(group));
      long before = from.statementsSent();
      int sends = 200;
      for (int i = 0; i < sends; i++) {
        from.publish(List.of(new Publication(List.of(group), new byte[] {'x'})));
      }
      // One look-up and one notification each; and the heartbeat of a few seconds.
      assertThat(from.statementsSent() - before).isBetween(2L * sends, 2L * sends + 100);
      await().until(() -> recorder.envelopes.size() == sends);
    }
  }
}
