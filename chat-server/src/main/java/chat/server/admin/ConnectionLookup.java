package chat.server.admin;

import chat.engine.protocol.JsonObjects;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks all nodes who is connected to them, by way of the database, which works from a command line
 * too. Thread-safe; blocks until all have answered, for four seconds at most.
 */
final class ConnectionLookup {
  private static final Duration PATIENCE = Duration.ofSeconds(4);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Jdbi jdbi;

  /**
   * @param connections null if it did not answer
   */
  private record Node(ObjectNode json, @Nullable String connections) {}

  ConnectionLookup(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * The nodes that run, and who is connected to which of them: 1,000 connections of each at most.
   *
   * @param username null for all users
   */
  ObjectNode ask(@Nullable String username) {
    UUID question = UUID.randomUUID();
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "insert into server_connection_question (question_id, username)"
                        + " values (:question, :username)")
                .bind("question", question)
                .bind("username", username)
                .execute());
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<Node> nodes = nodes(question);
    while (nodes.stream().anyMatch(node -> node.connections() == null)
        && System.nanoTime() - end < 0
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(POLL.toNanos());
      nodes = nodes(question);
    }
    return json(nodes);
  }

  /** Those that were seen within a few seconds. */
  private List<Node> nodes(UUID question) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select n.*, a.connections as answer from server_node n
                    left join server_connection_answer a
                      on a.node = n.node and a.question_id = :question
                    where n.seen_at > now() - interval '5 seconds' order by n.started_at, n.node""")
                .bind("question", question)
                .map((row, context) -> read(row))
                .list());
  }

  private static Node read(ResultSet row) throws SQLException {
    String answer = row.getString("answer");
    return new Node(
        JsonObjects.object()
            .put("node", row.getString("node"))
            .put("version", row.getString("version"))
            .put("started_at", UserAdministration.time(row, "started_at"))
            .put("connections", row.getInt("connections"))
            .put("answered", answer != null),
        answer);
  }

  private static ObjectNode json(List<Node> nodes) {
    ObjectNode reply = JsonObjects.object();
    ArrayNode shown = reply.putArray("nodes");
    ArrayNode connections = reply.putArray("connections");
    for (Node node : nodes) {
      shown.add(node.json());
      if (node.connections() != null) {
        for (JsonNode one :
            JsonObjects.parse("{\"connections\":" + node.connections() + "}").get("connections")) {
          ObjectNode connection = (ObjectNode) one;
          connections.add(connection.put("node", node.json().get("node").asString()));
        }
      }
    }
    return reply;
  }
}
