package chat.engine.postgres.router;

import chat.engine.postgres.router.NodeTable.Node;
import chat.engine.postgres.router.NodeTable.View;
import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.postgres.router.link.Statements;
import chat.engine.spi.Topic;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The table {@code chat_node_topics}: what each node is subscribed to. Knows how to read and write
 * it, not when. Every method throws {@link LinkFailure}. Thread-safe.
 */
final class TopicTable {
  private static final int PAGE = 5_000;

  /**
   * In one snapshot, who is subscribed and who is there.
   *
   * @param subscribers nodes of this cluster, and nodes of which only topics are left
   */
  record Answer(View view, Map<Topic, Set<Long>> subscribers) {}

  private final Names names;
  private final Statements statements;

  TopicTable(Names names, Statements statements) {
    this.names = names;
    this.statements = statements;
  }

  private static List<String> texts(Collection<Topic> topics) {
    return topics.stream().map(Topic::name).toList();
  }

  private static void add(Map<Topic, Set<Long>> nodes, String topic, long id) {
    nodes.computeIfAbsent(new Topic(topic), unused -> new HashSet<>(4)).add(id);
  }

  // ---- of one node

  /** Writes that a node is subscribed to some topics, and not to others. */
  void write(Link link, long id, Collection<Topic> added, Collection<Topic> removed) {
    if (!added.isEmpty()) {
      statements.update(
          link,
          "INSERT INTO chat_node_topics (topic, node_id) SELECT t, ? FROM unnest(?::text[]) t"
              + " ON CONFLICT DO NOTHING",
          id,
          texts(added));
    }
    if (!removed.isEmpty()) {
      statements.update(
          link,
          "DELETE FROM chat_node_topics WHERE node_id = ? AND topic = ANY (?)",
          id,
          texts(removed));
    }
  }

  /** How many topics the table has of a node: an index scan, for a quick comparison. */
  long count(Link link, long id) {
    return statements.number(link, "SELECT count(*) FROM chat_node_topics WHERE node_id = ?", id);
  }

  Set<Topic> of(Link link, long id) {
    return statements.execute(
        link,
        "SELECT topic FROM chat_node_topics WHERE node_id = ?",
        statement -> {
          statement.setLong(1, id);
          Set<Topic> found = new HashSet<>();
          try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              found.add(new Topic(row.getString(1)));
            }
          }
          return found;
        });
  }

  /** Removes all topics of a node, page by page. */
  void removeAll(Link link, long id) {
    int removed;
    do {
      removed =
          statements.update(
              link,
              "DELETE FROM chat_node_topics WHERE node_id = ? AND topic = ANY (ARRAY (SELECT topic"
                  + " FROM chat_node_topics WHERE node_id = ? LIMIT "
                  + PAGE
                  + "))",
              id,
              id);
    } while (removed == PAGE);
  }

  // ---- of all nodes

  /** The nodes that are subscribed, dead or alive, of whatever cluster. */
  Map<Topic, Set<Long>> subscribers(Link link, Collection<Topic> topics) {
    return statements.execute(
        link,
        "SELECT topic, node_id FROM chat_node_topics WHERE topic = ANY (?)",
        statement -> {
          statement.setArray(1, Statements.texts(statement, texts(topics)));
          Map<Topic, Set<Long>> nodes = new HashMap<>();
          try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              add(nodes, row.getString(1), row.getLong(2));
            }
          }
          return nodes;
        });
  }

  /** Who is subscribed, together with the view in which that is to be read. */
  Answer ask(Link link, Collection<Topic> topics) {
    return statements.execute(
        link,
        "SELECT NULL AS topic, "
            + NodeTable.COLUMNS
            + " FROM chat_nodes WHERE cluster = ?"
            + " UNION ALL SELECT t.topic, t.node_id, NULL, NULL, NULL, NULL, NULL"
            + " FROM chat_node_topics t LEFT JOIN chat_nodes n USING (node_id)"
            + " WHERE t.topic = ANY (?) AND coalesce(n.cluster = ?, true)",
        statement -> {
          statement.setString(1, names.cluster());
          statement.setArray(2, Statements.texts(statement, texts(topics)));
          statement.setString(3, names.cluster());
          List<Node> nodes = new ArrayList<>();
          Map<Topic, Set<Long>> subscribers = new HashMap<>();
          try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              String topic = row.getString("topic");
              if (topic == null) {
                nodes.add(NodeTable.node(row));
              } else {
                add(subscribers, topic, row.getLong("node_id"));
              }
            }
          }
          return new Answer(new View(nodes), subscribers);
        });
  }

  /** Nodes of which only topics are left; costs one look-up in the index for each node. */
  List<Long> strays(Link link) {
    return statements.execute(
        link,
        "WITH RECURSIVE ids (id) AS (SELECT min(node_id) FROM chat_node_topics UNION ALL"
            + " SELECT (SELECT min(node_id) FROM chat_node_topics WHERE node_id > id) FROM ids"
            + " WHERE id IS NOT NULL) SELECT id FROM ids WHERE id IS NOT NULL"
            + " AND NOT EXISTS (SELECT FROM chat_nodes WHERE node_id = id)",
        statement -> {
          List<Long> ids = new ArrayList<>();
          try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              ids.add(row.getLong(1));
            }
          }
          return ids;
        });
  }
}
