package chat.server.admin.cli;

import chat.engine.ChatApplication;
import chat.engine.ChatEngine;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.postgres.PostgresStoreBuilder;
import chat.engine.postgres.SchemaMigrations;
import chat.server.accounts.Accounts;
import chat.server.accounts.ErasedAccounts;
import chat.server.accounts.Passwords;
import chat.server.admin.Administration;
import chat.server.announcements.Announcements;
import chat.server.config.Settings;
import chat.server.database.DatabaseAddress;
import chat.server.database.EmbeddedDatabase;
import chat.server.database.ServerDatabase;
import chat.server.database.ServerSchema;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database of a deployment, opened for one command beside the nodes that run on it. What needs
 * the engine gets one without a link to the others, who find what it did in the store. It never
 * changes tables: that is for the nodes. For one thread.
 */
final class AdminSession implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminSession.class);
  private static final int CONNECTIONS = 6;

  private final Settings settings;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final ServerDatabase database;
  private final DatabaseAddress address;
  private final boolean makesEmbedded;
  private @Nullable ChatEngine engine;

  private AdminSession(Settings settings, boolean makesEmbedded) throws IOException {
    this.settings = settings;
    this.makesEmbedded = makesEmbedded;
    DatabaseAddress address = address();
    this.address = address;
    try {
      this.database = part(ServerDatabase.connect(address, CONNECTIONS, new SimpleMeterRegistry()));
    } catch (IOException | RuntimeException fault) {
      close();
      throw fault;
    }
  }

  /**
   * @throws IOException if the database cannot be reached; the message says why
   */
  static AdminSession open(Settings settings) throws IOException {
    return new AdminSession(settings, false);
  }

  /** The same, and makes an embedded database where there is none. */
  static AdminSession openOrMake(Settings settings) throws IOException {
    return new AdminSession(settings, true);
  }

  private DatabaseAddress address() throws IOException {
    String url = settings.databaseUrl();
    if (url != null) {
      return new DatabaseAddress(url, settings.databaseUser(), settings.databasePassword());
    }
    if (!makesEmbedded && !EmbeddedDatabase.isMade(settings.dataDir())) {
      throw new IOException(
          "there is no chat-server in %s: name its --data-dir, or its --database-url"
              .formatted(settings.dataDir().toAbsolutePath().normalize()));
    }
    Optional<DatabaseAddress> running = EmbeddedDatabase.running(settings.dataDir());
    return running.isPresent()
        ? running.get()
        : part(CommandDatabase.start(settings.dataDir())).address();
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  DatabaseAddress databaseAddress() {
    return address;
  }

  ServerDatabase database() {
    return database;
  }

  /**
   * @throws IOException if the tables are not those of this program
   */
  Administration administration() throws IOException {
    requireKnown("server", ServerSchema.server(database.dataSource()));
    requireKnown("engine", ServerSchema.engine(database.dataSource()));
    Jdbi jdbi = database.jdbi();
    Passwords passwords = new Passwords(1, Passwords.Cost.OWASP);
    Accounts accounts = new Accounts(jdbi, passwords, false);
    return new Administration(
        jdbi,
        accounts,
        account -> ErasedAccounts.begin(jdbi, account),
        new Announcements(jdbi),
        this::chat,
        settings.retentionDays());
  }

  private void requireKnown(String whose, SchemaMigrations.State schema) throws IOException {
    if (schema.applied() < schema.known() || schema.failed()) {
      throw new IOException(
          "the tables of the %s are of version %d, and this program is for %d: use the jar that the nodes run, or start a node of this one first"
              .formatted(whose, schema.applied(), schema.known()));
    }
    if (schema.applied() > schema.known() && !settings.acceptNewerSchema()) {
      throw new IOException(
          "the tables of the %s are of version %d, newer than the %d of this program: use the jar that the nodes run, or --accept-newer-schema=true"
              .formatted(whose, schema.applied(), schema.known()));
    }
  }

  private ChatApplication chat() {
    ChatEngine running = engine;
    if (running == null) {
      PostgresStoreBuilder store = PostgresMessageStore.builder(database.dataSource());
      running =
          part(
              ChatEngine.builder()
                  .store((settings.acceptNewerSchema() ? store.acceptNewerSchema() : store).open())
                  .search(false) // the nodes index
                  .build());
      engine = running;
    }
    return running.asApplication();
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception fault) {
        log.warn("{} did not close", part, fault);
      }
    }
  }
}
