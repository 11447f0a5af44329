package chat.engine.redis;

import chat.engine.spi.Topic;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The names in Redis, below a namespace and the name of the cluster, together {@code <ns>}:
 *
 * <ul>
 *   <li>{@code <ns>:nodes}, a set: all nodes;
 *   <li>{@code <ns>:node:<id>}, a string that expires: the node lives;
 *   <li>{@code <ns>:node-topics:<id>}, a set: what the node is subscribed to, for whoever cleans up
 *       after it;
 *   <li>{@code <ns>:topic:<topic>}, a set: the nodes that are subscribed;
 *   <li>{@code <ns>:claim:<id>}, a string that expires: somebody cleans up after the node;
 *   <li>{@code <ns>:to:<id>}, a channel: envelopes to the node.
 * </ul>
 */
record RedisKeys(String namespace, String prefix) {
  RedisKeys {
    if (!namespace.matches("[A-Za-z0-9_.-]{1,64}")) {
      throw new IllegalArgumentException(
          "a namespace has 1 to 64 letters, digits, dots, dashes and underscores, not: "
              + namespace);
    }
  }

  RedisKeys(String namespace) {
    this(namespace, namespace);
  }

  /** The keys of one cluster, whose name may have any characters. */
  RedisKeys of(String cluster) {
    return new RedisKeys(
        namespace, namespace + ":" + URLEncoder.encode(cluster, StandardCharsets.UTF_8));
  }

  String nodes() {
    return prefix + ":nodes";
  }

  String lease(String node) {
    return prefix + ":node:" + node;
  }

  String topicsOf(String node) {
    return prefix + ":node-topics:" + node;
  }

  String topic(Topic topic) {
    return topic(topic.name());
  }

  String topic(String topic) {
    return prefix + ":topic:" + topic;
  }

  String claim(String node) {
    return prefix + ":claim:" + node;
  }

  String channel(String node) {
    return prefix + ":to:" + node;
  }
}
