package chat.engine.postgres.router;

import chat.engine.postgres.router.link.Link;
import chat.engine.postgres.router.link.LinkFailure;
import chat.engine.postgres.router.link.Statements;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The table {@code chat_nodes}: which nodes there are, and which of them live. Knows how to read
 * and write it, not when. Every method is one statement and throws {@link LinkFailure}. All times
 * are by the clock of the database. Thread-safe.
 */
final class NodeTable {
  /** How long a node is believed to live after its last sign. */
  static final Duration LEASE = Duration.ofSeconds(5);

  /** How long a table that was begun anew may be incomplete: all nodes come back in that time. */
  static final Duration SETTLING = Duration.ofSeconds(4);

  /** A node that takes longer to write its topics does not make the others wait for it. */
  static final Duration JOINING_LIMIT = Duration.ofSeconds(10);

  /** How long other survivors leave it to the claimant to clean up. */
  static final Duration CLAIM = Duration.ofSeconds(30);

  private static final String NOW = "clock_timestamp()";

  /** A lease from the future is none either: the clock was set back. */
  private static final String ALIVE =
      "beat_at BETWEEN " + ago(LEASE) + " AND " + NOW + " + " + interval(LEASE);

  /** To be read with {@link #node}. */
  static final String COLUMNS =
      "node_id, name, ready, "
          + ALIVE
          + " AS alive, joined_at > "
          + ago(JOINING_LIMIT)
          + " AS is_new, joined_at < "
          + ago(SETTLING)
          + " AS is_old";

  private static String ago(Duration duration) {
    return NOW + " - " + interval(duration);
  }

  private static String interval(Duration duration) {
    return "interval '" + duration.toMillis() + " milliseconds'";
  }

  /**
   * A row of the table.
   *
   * @param isReady whether all its topics are written
   * @param isAlive whether it has a lease
   * @param isNew whether it joined so recently that it may still be writing
   * @param isOld whether it joined before any table that is incomplete was begun
   */
  record Node(
      long id, String name, boolean isReady, boolean isAlive, boolean isNew, boolean isOld) {
    boolean isJoining() {
      return isAlive && !isReady && isNew;
    }
  }

  /** All nodes of the cluster. */
  record View(List<Node> nodes) {
    /** Whether the table was not begun anew a moment ago. */
    boolean isSettled() {
      return nodes.stream().anyMatch(Node::isOld);
    }

    boolean isAlive(long id) {
      return nodes.stream().anyMatch(node -> node.id() == id && node.isAlive());
    }
  }

  private final Names names;
  private final Statements statements;

  NodeTable(Names names, Statements statements) {
    this.names = names;
    this.statements = statements;
  }

  /**
   * Puts a node into the list, not yet with all its topics.
   *
   * @param listening the connection that listens, which is remembered
   */
  void join(Link listening, long id, String name) {
    int rows =
        statements.update(
            listening,
            "INSERT INTO chat_nodes (node_id, cluster, name, ready, joined_at, beat_at, backend_pid,"
                + " backend_start) SELECT ?, ?, ?, false, "
                + NOW
                + ", "
                + NOW
                + ", pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()",
            id,
            names.cluster(),
            name);
    if (rows != 1) {
      throw new LinkFailure("join", "the connection is not in pg_stat_activity", true);
    }
  }

  /**
   * Renews the lease of this connection's node. A lease that has ended cannot be renewed.
   *
   * @return whether it was renewed
   */
  boolean renew(Link listening, long id) {
    return statements.update(
            listening,
            "UPDATE chat_nodes SET beat_at = "
                + NOW
                + " WHERE node_id = ? AND backend_pid = pg_backend_pid() AND beat_at > "
                + ago(LEASE),
            id)
        == 1;
  }

  /**
   * Says that all topics of the node are written.
   *
   * @return false if the node is not in the table any more
   */
  boolean ready(Link link, long id) {
    return statements.update(link, "UPDATE chat_nodes SET ready = true WHERE node_id = ?", id) == 1;
  }

  View view(Link link) {
    return statements.execute(
        link,
        "SELECT " + COLUMNS + " FROM chat_nodes WHERE cluster = ?",
        statement -> {
          statement.setString(1, names.cluster());
          List<Node> nodes = new ArrayList<>();
          try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              nodes.add(node(row));
            }
          }
          return new View(nodes);
        });
  }

  /** A row with {@link #COLUMNS}. */
  static Node node(ResultSet row) throws SQLException {
    return new Node(
        row.getLong("node_id"),
        row.getString("name"),
        row.getBoolean("ready"),
        row.getBoolean("alive"),
        row.getBoolean("is_new"),
        row.getBoolean("is_old"));
  }

  // ---- cleaning up after others

  /** Whether this survivor is the one to clean up after a node that has no lease. */
  boolean claim(Link link, long id) {
    return statements.update(
            link,
            "UPDATE chat_nodes SET claimed_at = "
                + NOW
                + " WHERE node_id = ? AND NOT ("
                + ALIVE
                + ") AND coalesce(claimed_at < "
                + ago(CLAIM)
                + ", true)",
            id)
        == 1;
  }

  /**
   * Ends the listening connection of a node, if it still is there: PostgreSQL keeps notifications
   * until it has given them to all who listen, and would run out of room in the end.
   */
  void endListening(Link link, long id) {
    statements.number(
        link,
        "SELECT count(pg_terminate_backend(a.pid)) FROM chat_nodes n JOIN pg_stat_activity a"
            + " ON a.pid = n.backend_pid AND a.backend_start = n.backend_start WHERE n.node_id = ?",
        id);
  }

  void remove(Link link, long id) {
    statements.update(link, "DELETE FROM chat_nodes WHERE node_id = ?", id);
  }

  /** Removes the nodes of clusters that are no more. */
  void removeForgotten(Link link) {
    statements.update(link, "DELETE FROM chat_nodes WHERE beat_at < " + ago(Duration.ofDays(1)));
  }
}
