package chat.engine.redis;

import chat.engine.spi.Topic;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The names in Redis of one cluster. All begin with the namespace and the name of the cluster, the
 * latter encoded as in a URL:
 *
 * <ul>
 *   <li>{@code chat:<cluster>:nodes}, a set: all nodes;
 *   <li>{@code chat:<cluster>:node:<id>}, a string that expires: the node lives, and whether all
 *       its topics are written;
 *   <li>{@code chat:<cluster>:node-topics:<id>}, a set: the topics of the node, for the node that
 *       cleans up after it;
 *   <li>{@code chat:<cluster>:topic:<topic>}, a set: the nodes that are subscribed;
 *   <li>{@code chat:<cluster>:claim:<id>}, a string that expires: some node cleans up after this
 *       one;
 *   <li>{@code chat:<cluster>:table}, a string: the table was not lost since it was begun;
 *   <li>{@code chat:<cluster>:settling}, a string that expires: the table was begun a moment ago;
 *   <li>{@code chat:<cluster>:to:<id>}, a channel: envelopes to the node.
 * </ul>
 */
record RedisKeys(String prefix) {

  RedisKeys(String namespace, String cluster) {
    this(
        requireNamespace(namespace)
            + ":"
            + URLEncoder.encode(cluster, StandardCharsets.UTF_8)
            + ":");
  }

  static String requireNamespace(String namespace) {
    if (!namespace.matches("[A-Za-z0-9_.-]{1,64}")) {
      throw new IllegalArgumentException(
          "a namespace has 1 to 64 letters, digits, dots, dashes and underscores, not: "
              + namespace);
    }
    return namespace;
  }

  String nodes() {
    return prefix + "nodes";
  }

  String lease(String node) {
    return prefix + "node:" + node;
  }

  String topicsOf(String node) {
    return prefix + "node-topics:" + node;
  }

  String topic(Topic topic) {
    return prefix + "topic:" + topic.name();
  }

  String claim(String node) {
    return prefix + "claim:" + node;
  }

  String table() {
    return prefix + "table";
  }

  String settling() {
    return prefix + "settling";
  }

  String channel(String node) {
    return prefix + "to:" + node;
  }
}
