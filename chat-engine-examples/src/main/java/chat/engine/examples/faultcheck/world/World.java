package chat.engine.examples.faultcheck.world;

import chat.engine.examples.faultcheck.node.RouterKind;
import chat.engine.examples.local.Folders;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.local.PostgresProcess;
import chat.engine.examples.local.RedisProcess;
import chat.engine.examples.local.TcpProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import redis.clients.jedis.Jedis;

/**
 * A cluster under test: some nodes, their PostgreSQL and their Redis, with a link that can fail
 * between each two of them, and a second Redis to fail over to. Used by one run after the other;
 * {@link #heal} makes it whole again. Thread-safe as far as its parts are.
 */
public final class World implements AutoCloseable {
  private final Path data;
  private final PostgresProcess postgres;
  private final List<RedisProcess> redis;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<TcpProxy> postgresLinks = new ArrayList<>();
  private final List<TcpProxy> redisLinks = new ArrayList<>();
  private final List<TcpProxy> clientLinks = new ArrayList<>();
  private final AtomicInteger activeRedis = new AtomicInteger();

  private World(Path folder, int count, String sabotage, RouterKind router) throws IOException {
    data = folder.resolve("data");
    postgres = PostgresProcess.start(data, LocalServers.freePort());
    redis =
        List.of(
            RedisProcess.start(LocalServers.freePort()),
            RedisProcess.start(LocalServers.freePort()));
    for (int i = 0; i < count; i++) {
      addNode(folder, "n" + i, sabotage, router);
    }
  }

  /**
   * Starts everything.
   *
   * @param folder for data and logs; must exist
   */
  public static World start(Path folder, int nodes, String sabotage, RouterKind router)
      throws IOException {
    Files.createDirectories(folder);
    World world = new World(folder, nodes, sabotage, router);
    Runtime.getRuntime().addShutdownHook(new Thread(world::leaveNothingStopped, "shutdown"));
    return world;
  }

  /** A process that stands still would outlive a driver that is ended in the middle of a fault. */
  private void leaveNothingStopped() {
    nodes.forEach(NodeProcess::close);
    postgres.pause(false);
    redis.forEach(process -> process.pause(false));
  }

  private void addNode(Path folder, String name, String sabotage, RouterKind router)
      throws IOException {
    TcpProxy toPostgres = TcpProxy.start(name + "-postgres", postgres::port);
    TcpProxy toRedis = TcpProxy.start(name + "-redis", () -> activeRedis().port());
    int port = LocalServers.freePort();
    postgresLinks.add(toPostgres);
    redisLinks.add(toRedis);
    clientLinks.add(TcpProxy.start("client-" + name, () -> port));
    NodeProcess node =
        new NodeProcess(
            name,
            List.of(
                "jdbc:postgresql://127.0.0.1:" + toPostgres.port() + "/postgres",
                "redis://127.0.0.1:" + toRedis.port(),
                Integer.toString(port),
                sabotage,
                router.label()),
            folder.resolve(name + ".log"));
    nodes.add(node);
    node.start();
  }

  public List<NodeProcess> nodes() {
    return nodes;
  }

  public PostgresProcess postgres() {
    return postgres;
  }

  /** The Redis that new connections of the nodes come to. */
  public RedisProcess activeRedis() {
    return redis.get(activeRedis.get());
  }

  public RedisProcess passiveRedis() {
    return redis.get(1 - activeRedis.get());
  }

  /** New connections come to the other Redis from now on. */
  public void switchRedis() {
    activeRedis.updateAndGet(index -> 1 - index);
  }

  public TcpProxy postgresLink(int node) {
    return postgresLinks.get(node);
  }

  public TcpProxy redisLink(int node) {
    return redisLinks.get(node);
  }

  /** Between all clients and the node. */
  public TcpProxy clientLink(int node) {
    return clientLinks.get(node);
  }

  /**
   * All is as at the start, and every node takes clients.
   *
   * @param anew whether the nodes begin anew, with an empty Redis
   * @return whether all nodes came up
   */
  public boolean heal(boolean anew) {
    for (List<TcpProxy> links : List.of(postgresLinks, redisLinks, clientLinks)) {
      links.forEach(
          link -> {
            link.mode(TcpProxy.Mode.PASS, Duration.ZERO);
            link.dropAbandoned();
          });
    }
    if (anew) {
      nodes.forEach(NodeProcess::close);
      redis.forEach(RedisProcess::restoreSettings);
      activeRedis().tell(Jedis::flushAll);
      nodes.forEach(NodeProcess::start);
    }
    nodes.forEach(node -> node.clock(0));
    return nodes.stream().allMatch(NodeProcess::awaitReady);
  }

  /** Ends everything, and deletes the database; logs stay. */
  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
    for (List<TcpProxy> links : List.of(postgresLinks, redisLinks, clientLinks)) {
      links.forEach(TcpProxy::close);
    }
    redis.forEach(RedisProcess::close);
    postgres.close();
    Folders.delete(data);
  }
}
