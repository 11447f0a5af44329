package chat.engine.examples.faultcheck.fault;

import chat.engine.examples.local.PostgresProcess;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Somebody else changes or locks the tables of the router on PostgreSQL. */
final class RouterTableFault implements Fault {
  private static final Logger log = LoggerFactory.getLogger(RouterTableFault.class);

  private final FaultKind kind;
  private final PostgresProcess postgres;
  private final Random random;
  private @Nullable Connection locking;

  RouterTableFault(FaultKind kind, PostgresProcess postgres, Random random) {
    this.kind = kind;
    this.postgres = postgres;
    this.random = random;
  }

  @Override
  public void begin() {
    switch (kind) {
      case ROUTER_EMPTY -> execute("TRUNCATE chat_nodes, chat_node_topics");
      case ROUTER_SPOIL -> spoil();
      case ROUTER_LOCK -> lock(random.nextBoolean() ? "chat_nodes" : "chat_node_topics");
      default -> throw new IllegalArgumentException("no fault of the router's tables: " + kind);
    }
  }

  @Override
  public void end() {
    switch (kind) {
      case ROUTER_EMPTY -> execute("DELETE FROM chat_nodes");
      case ROUTER_SPOIL -> spoil();
      default -> unlock();
    }
  }

  private void spoil() {
    switch (random.nextInt(3)) {
      case 0 -> execute("DELETE FROM chat_node_topics WHERE random() < 0.5");
      case 1 -> execute("DELETE FROM chat_nodes WHERE random() < 0.5");
      default ->
          execute(
              "INSERT INTO chat_node_topics SELECT t.topic, n.node_id"
                  + " FROM chat_node_topics t, chat_nodes n WHERE random() < 0.3"
                  + " ON CONFLICT DO NOTHING");
    }
  }

  private void execute(String sql) {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException fault) {
      log.warn("the tables were not changed: {}", fault.toString());
    }
  }

  private void lock(String table) {
    try {
      Connection connection = postgres.connect();
      locking = connection;
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
      }
    } catch (SQLException fault) {
      log.warn("no table was locked: {}", fault.toString());
    }
  }

  private void unlock() {
    try {
      if (locking != null) {
        locking.close();
      }
    } catch (SQLException fault) {
      log.warn("the lock was not given back in order: {}", fault.toString());
    }
  }
}
