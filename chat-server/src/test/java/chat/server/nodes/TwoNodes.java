package chat.server.nodes;

import chat.server.ChatServer;
import chat.server.FreePort;
import chat.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import redis.embedded.RedisServer;

/**
 * Two servers in this process, on one database and one Redis, behind a balancer for HTTP and one
 * for WebSockets. Both can be stopped and started again; the address stays. Not thread-safe.
 */
public final class TwoNodes implements AutoCloseable {
  private static final String DATABASE = "--database-url=";

  private final Balancer pages = new Balancer();
  private final Balancer sockets = new Balancer();
  private final List<ChatServer> nodes = new ArrayList<>();
  private final String[] flags;
  private final RedisServer redis;

  private TwoNodes(RedisServer redis, int redisPort, String... flags) throws IOException {
    this.redis = redis;
    Path files = Files.createTempDirectory("chat-files");
    List<String> all = new ArrayList<>(List.of(flags));
    if (all.stream().noneMatch(flag -> flag.startsWith(DATABASE))) {
      all.add(DATABASE + TestServer.freshDatabase());
    }
    all.add("--redis-url=redis://127.0.0.1:" + redisPort);
    all.add("--origins=http://127.0.0.1:" + pages.port());
    all.add("--public-ws-url=ws://127.0.0.1:" + sockets.port() + "/v1/ws");
    all.add("--files-dir=" + files);
    this.flags = all.toArray(String[]::new);
  }

  /**
   * @param flags of both; with an address of a database it is the one that they share
   */
  public static TwoNodes start(String... flags) throws IOException {
    int port = FreePort.find();
    RedisServer redis =
        RedisServer.newRedisServer()
            .port(port)
            .setting("bind 127.0.0.1")
            .setting("save \"\"")
            .build();
    redis.start();
    TwoNodes nodes = new TwoNodes(redis, port, flags);
    nodes.startNodes();
    return nodes;
  }

  /** Both, after {@link #stopNodes}. */
  public void startNodes() throws IOException {
    for (int i = 0; i < 2; i++) {
      ChatServer node = TestServer.start(flags);
      nodes.add(node);
      pages.add(node.httpPort());
      sockets.add(node.wsPort());
    }
  }

  /** Both: whoever comes meanwhile finds nobody at the address. */
  public void stopNodes() {
    for (ChatServer node : nodes) {
      pages.leaveOut(node.httpPort());
      sockets.leaveOut(node.wsPort());
    }
    nodes.forEach(ChatServer::close);
    nodes.clear();
  }

  /** Where the page is. */
  public String url() {
    return "http://127.0.0.1:" + httpPort() + "/";
  }

  public int httpPort() {
    return pages.port();
  }

  public int wsPort() {
    return sockets.port();
  }

  /** One of the two. */
  public ChatServer first() {
    return nodes.get(0);
  }

  /** How many WebSockets each of the two has through the balancer. */
  public List<Long> connections() {
    return nodes.stream().map(node -> sockets.connectionsTo(node.wsPort())).toList();
  }

  @Override
  public void close() throws Exception {
    stopNodes();
    for (AutoCloseable part : Stream.<AutoCloseable>of(pages, sockets, redis::stop).toList()) {
      part.close();
    }
  }
}
