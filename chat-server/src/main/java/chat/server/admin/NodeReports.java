package chat.server.admin;

import chat.engine.protocol.JsonObjects;
import chat.server.wire.ChatEndpoint.Connected;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Says every second that this node runs, and answers who is connected to it when somebody asks.
 * Where nobody asks, connections are written nowhere. A node that says nothing for five seconds
 * does not run: an end that waited for a database to say goodbye would take too long. Blocks; for
 * one thread at a time.
 */
public final class NodeReports {
  static final int MOST_CONNECTIONS = 1_000;

  private final Jdbi jdbi;
  private final String node;
  private final String version;
  private final Instant startedAt = Instant.now();
  private final Function<@Nullable String, Stream<Connected>> connections;

  private record Question(UUID id, @Nullable String username) {}

  /**
   * @param connections of this node, of one user if that is not null
   */
  public NodeReports(
      Jdbi jdbi,
      String node,
      String version,
      Function<@Nullable String, Stream<Connected>> connections) {
    this.jdbi = jdbi;
    this.node = node;
    this.version = version;
    this.connections = connections;
  }

  /** To be called every second. */
  public void report() {
    int connected = (int) connections.apply(null).count();
    List<Question> questions =
        jdbi.inTransaction(
            handle -> {
              handle
                  .createUpdate(
                      """
                      insert into server_node as n (node, started_at, seen_at, version, connections)
                      values (:node, :started, now(), :version, :connections)
                      on conflict (node) do update
                      set seen_at = now(), connections = excluded.connections""")
                  .bind("node", node)
                  .bind("started", OffsetDateTime.ofInstant(startedAt, ZoneOffset.UTC))
                  .bind("version", version)
                  .bind("connections", connected)
                  .execute();
              return handle
                  .createQuery(
                      """
                      select q.question_id, q.username from server_connection_question q
                      where q.asked_at > now() - interval '30 seconds' and not exists (
                        select from server_connection_answer a
                        where a.question_id = q.question_id and a.node = :node)""")
                  .bind("node", node)
                  .map(
                      (row, context) ->
                          new Question(row.getObject(1, UUID.class), row.getString(2)))
                  .list();
            });
    questions.forEach(this::answer);
  }

  private void answer(Question question) {
    ArrayNode answer = JsonObjects.object().putArray("connections");
    connections
        .apply(question.username())
        .limit(MOST_CONNECTIONS)
        .forEach(connected -> answer.add(json(connected)));
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into server_connection_answer (question_id, node, connections)
                    select question_id, :node, :answer from server_connection_question
                    where question_id = :question
                    on conflict do nothing""")
                .bind("node", node)
                .bind("answer", answer.toString())
                .bind("question", question.id())
                .execute());
  }

  private static ObjectNode json(Connected connected) {
    return JsonObjects.object()
        .put("username", connected.username())
        .put("device", connected.device().value())
        .put("since", JsonObjects.time(connected.since()));
  }

  /** Forgets questions, and nodes that were not seen for a day. */
  public void sweep() {
    jdbi.useHandle(
        handle -> {
          handle.execute(
              "delete from server_connection_question where asked_at < now() - interval '1 minute'");
          handle.execute("delete from server_node where seen_at < now() - interval '1 day'");
        });
  }
}
