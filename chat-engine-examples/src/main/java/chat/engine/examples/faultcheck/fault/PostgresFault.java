package chat.engine.examples.faultcheck.fault;

import chat.engine.examples.local.PostgresProcess;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A fault of the database itself. */
final class PostgresFault implements Fault {
  private static final Logger log = LoggerFactory.getLogger(PostgresFault.class);
  private static final String TERMINATE =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
          + " AND pid <> pg_backend_pid() AND random() < ";
  private static final String LOCK =
      "SELECT 1 FROM chat_conversation_counters WHERE conversation_id IN (SELECT conversation_id FROM"
          + " chat_conversations ORDER BY conversation_id DESC LIMIT 10) AND random() < 0.5"
          + " FOR UPDATE";

  private final FaultKind kind;
  private final PostgresProcess postgres;
  private final Random random;
  private @Nullable Connection locking;

  PostgresFault(FaultKind kind, PostgresProcess postgres, Random random) {
    this.kind = kind;
    this.postgres = postgres;
    this.random = random;
  }

  @Override
  public void begin() {
    switch (kind) {
      case POSTGRES_RESTART -> postgres.stop();
      case POSTGRES_CRASH -> postgres.kill();
      case POSTGRES_PAUSE -> postgres.pause(true);
      case POSTGRES_TERMINATE -> terminate();
      case POSTGRES_LOCK -> lock();
      default -> throw new IllegalArgumentException("no fault of PostgreSQL: " + kind);
    }
  }

  @Override
  public void end() {
    switch (kind) {
      case POSTGRES_RESTART, POSTGRES_CRASH -> postgres.start();
      case POSTGRES_PAUSE -> postgres.pause(false);
      case POSTGRES_TERMINATE -> terminate();
      default -> unlock();
    }
  }

  private void terminate() {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(TERMINATE + (random.nextBoolean() ? "2" : "0.5"));
    } catch (SQLException fault) {
      log.warn("no backends were terminated: {}", fault.toString());
    }
  }

  private void lock() {
    try {
      Connection connection = postgres.connect();
      locking = connection;
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute(LOCK);
      }
    } catch (SQLException fault) {
      log.warn("no rows were locked: {}", fault.toString());
    }
  }

  private void unlock() {
    try {
      if (locking != null) {
        locking.close();
      }
    } catch (SQLException fault) {
      log.warn("the locks were not given back in order: {}", fault.toString());
    }
  }
}
