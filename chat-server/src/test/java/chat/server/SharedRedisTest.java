package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;
import redis.embedded.RedisServer;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two deployments that share one Redis. Their databases are copies of one, so all names in Redis
 * but the namespace are the same.
 */
@Timeout(120)
final class SharedRedisTest {
  private RedisServer redis;
  private int port;

  @BeforeEach
  void startRedis() throws Exception {
    port = FreePort.find();
    redis =
        RedisServer.newRedisServer()
            .port(port)
            .setting("bind 127.0.0.1")
            .setting("save \"\"")
            .build();
    redis.start();
  }

  @AfterEach
  void stopRedis() throws Exception {
    redis.stop();
  }

  private ChatServer deployment(String namespace) throws Exception {
    return TestServer.start(
        "--database-url=" + TestServer.freshDatabase(),
        "--redis-url=redis://127.0.0.1:" + port,
        "--redis-namespace=" + namespace);
  }

  @Test
  void deploymentsWithDifferentNamespacesShareNothing() throws Exception {
    try (ChatServer here = deployment("here");
        ChatServer there = deployment("there")) {
      ChatClient ada = ChatClient.registered(here, "ada");
      ChatClient.registered(there, "ada");
      ChatClient bob = ChatClient.registered(there, "bob");
      bob.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "ada"));
      ada.connect();
      bob.connect();
      ObjectNode ask = JsonObjects.object().put("type", "presence");
      ask.putArray("usernames").add("ada");
      assertThat(bob.ask(ask).at("/users/0/online").asBoolean())
          .as("of those who are called ada it is the other one")
          .isFalse();
      assertThat(keys()).allMatch(key -> key.startsWith("here:") || key.startsWith("there:"));
      assertThat(keys()).anyMatch(key -> key.startsWith("there:"));
    }
  }

  private Set<String> keys() {
    try (Jedis client = new Jedis("127.0.0.1", port)) {
      return client.keys("*");
    }
  }
}
