package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.local.LocalServers;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerProcess;
import chat.engine.examples.server.ServerProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

/** Nodes of the packaged server on one PostgreSQL and one Redis, and all that they call. */
final class OutsideWorld implements AutoCloseable {
  private final Mishaps mishaps = new Mishaps();
  private final OutsideServer outside;
  private final LocalServers servers;
  private final ServerProcesses nodes;

  private OutsideWorld(Path jar, int count) throws IOException, InterruptedException {
    outside = new OutsideServer(mishaps);
    servers = LocalServers.start();
    Path file = Files.createTempFile("integrations-", ".json");
    Files.writeString(file, outside.integrations());
    nodes = ServerProcesses.start(jar, servers, count, List.of("--integrations", file.toString()));
  }

  /** Blocks until all nodes are ready. */
  static OutsideWorld start(Path jar, int nodes) throws IOException, InterruptedException {
    return new OutsideWorld(jar, nodes);
  }

  OutsideServer outside() {
    return outside;
  }

  List<ServerNode> nodes() {
    return nodes.nodes();
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(servers.postgresUrl(), "postgres", "");
  }

  private ServerProcess node(String name) {
    return nodes.processes().get(Integer.parseInt(name.substring(1)));
  }

  void begin(OutsidePlan.Step step) {
    switch (step.kind()) {
      case NODE_KILL -> node(step.target()).kill();
      case NODE_STOP -> node(step.target()).pause(true);
      default -> mishaps.begin(step.target(), step.kind());
    }
  }

  void end(OutsidePlan.Step step) {
    switch (step.kind()) {
      case NODE_KILL -> node(step.target()).restart();
      case NODE_STOP -> node(step.target()).pause(false);
      default -> mishaps.end(step.target());
    }
  }

  /** Waits until all nodes serve. */
  void awaitReady() throws IOException, InterruptedException {
    for (ServerNode node : nodes.nodes()) {
      node.api().awaitReady();
    }
  }

  String logs() {
    return nodes.processes().stream().map(node -> node.log().toString()).toList().toString();
  }

  @Override
  public void close() {
    nodes.close();
    servers.close();
    outside.close();
  }
}
