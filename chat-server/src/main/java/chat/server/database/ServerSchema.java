package chat.server.database;

import chat.engine.postgres.SchemaMigrations;
import javax.sql.DataSource;

/** The tables of engine and server: which migrations they have seen. Stateless; blocks. */
public final class ServerSchema {
  private static final String MIGRATIONS = "chat/server/migrations";
  private static final String HISTORY = "chat_server_schema_history";
  private static final String ENGINE_MIGRATIONS = "chat/engine/migrations";
  private static final String ENGINE_HISTORY = "chat_schema_history";

  private ServerSchema() {}

  private static ClassLoader classes() {
    return ServerSchema.class.getClassLoader();
  }

  /**
   * Brings the server's tables up to date.
   *
   * @param acceptNewer whether those of a newer version may be used
   * @throws IllegalStateException if they are of a newer version, or a migration fails; the message
   *     says what to do
   * @throws chat.engine.spi.StoreUnavailableException if the database goes away meanwhile
   */
  static void migrate(DataSource database, boolean acceptNewer) {
    SchemaMigrations.State state = server(database);
    if (state.applied() > state.known()) {
      if (!acceptNewer) {
        throw new IllegalStateException(
            "the tables of the server are of version %d, and this version of chat-server knows %d: use a newer one, or --accept-newer-schema true if its changelog says that this one may go on beside it"
                .formatted(state.applied(), state.known()));
      }
    } else if (!state.isUpToDate()) {
      SchemaMigrations.run(database, classes(), MIGRATIONS, HISTORY);
    }
  }

  /** Which migrations the server's tables have seen, and which this program knows. */
  public static SchemaMigrations.State server(DataSource database) {
    return SchemaMigrations.state(database, classes(), MIGRATIONS, HISTORY);
  }

  /** The same of the engine's tables. */
  public static SchemaMigrations.State engine(DataSource database) {
    return SchemaMigrations.state(database, classes(), ENGINE_MIGRATIONS, ENGINE_HISTORY);
  }

  /**
   * Makes tables as they were at given versions; the next start of a node brings them up to date.
   *
   * @throws IllegalStateException if this program does not know these versions, or there are tables
   *     of others
   */
  public static void makeAs(DataSource database, int engine, int server) {
    require("engine", engine(database), engine);
    require("server", server(database), server);
    SchemaMigrations.runUpTo(database, classes(), ENGINE_MIGRATIONS, ENGINE_HISTORY, engine);
    SchemaMigrations.runUpTo(database, classes(), MIGRATIONS, HISTORY, server);
  }

  private static void require(String whose, SchemaMigrations.State state, int version) {
    if (version > state.known()) {
      throw new IllegalStateException(
          "the backup has tables of the %s of version %d, and this program knows %d: use a newer one"
              .formatted(whose, version, state.known()));
    }
    if (state.applied() != 0 && state.applied() != version) {
      throw new IllegalStateException(
          "the database has tables of the %s of version %d, and the backup has %d: restore into an empty database"
              .formatted(whose, state.applied(), version));
    }
  }
}
