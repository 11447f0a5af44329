package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.contract.RouterContract;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import chat.engine.testing.TcpProxy;
import chat.engine.testing.TestRedis;
import chat.engine.testing.router.Recorder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The contract on a real Redis; each node has a network of its own to it. */
final class RedisRouterTest extends RouterContract {
  private final String namespace = "test-" + UUID.randomUUID();
  private final Map<Router, TcpProxy> links = new HashMap<>();

  @Override
  protected void closeMedium() {
    links.values().forEach(TcpProxy::close);
  }

  @Override
  protected Router newNode() {
    TcpProxy link = TcpProxy.to(TestRedis.sharedUri().getPort());
    Router node = RedisRouter.open("redis://127.0.0.1:" + link.port(), namespace);
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
    String uri = TestRedis.sharedUri().toString();
    try (RedisRouter from = RedisRouter.open(uri, namespace);
        RedisRouter to = RedisRouter.open(uri, namespace)) {
      Recorder recorder = new Recorder();
      from.start("a cluster", new Recorder());
      to.start("a cluster", recorder);
      Topic group = new Topic("group:1");
      to.subscribe(List.of(group));
      long before = from.commandsSent();
      int sends = 200;
      for (int i = 0; i < sends; i++) {
        from.publish(List.of(new Publication(List.of(group), new byte[] {'x'})));
      }
      // One look-up and one PUBLISH to the other node each; and the heartbeat of a second or two.
      assertThat(from.commandsSent() - before).isBetween(2L * sends, 2L * sends + 50);
      await().until(() -> recorder.envelopes.size() == sends);
    }
  }

  @Test
  void theKeysBeginWithTheNamespaceAndTheClusterAndTopicsStayReadable() {
    RedisKeys keys = new RedisKeys("chat", "an epoch:1");
    assertThat(keys.topic(new Topic("user:bob"))).isEqualTo("chat:an+epoch%3A1:topic:user:bob");
    assertThat(keys.channel("n")).isEqualTo("chat:an+epoch%3A1:to:n");
    assertThat(List.of(keys.nodes(), keys.lease("n"), keys.topicsOf("n"), keys.claim("n")))
        .containsExactly(
            "chat:an+epoch%3A1:nodes",
            "chat:an+epoch%3A1:node:n",
            "chat:an+epoch%3A1:node-topics:n",
            "chat:an+epoch%3A1:claim:n");
    assertThat(List.of(keys.table(), keys.settling()))
        .containsExactly("chat:an+epoch%3A1:table", "chat:an+epoch%3A1:settling");
  }
}
