package chat.engine.postgres;

import chat.engine.postgres.connection.DatabaseLocation;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Opens a {@link PostgresMessageStore} in a database of the application; get one from {@link
 * PostgresMessageStore#builder}. Not thread-safe.
 */
public final class PostgresStoreBuilder {
  private static final int MAX_BYTES = 63;

  private final DataSource dataSource;
  private @Nullable String schema;
  private boolean acceptNewerSchema;

  PostgresStoreBuilder(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * The schema of the tables, which is created if it does not exist. Unless set, the tables are
   * where the search path of the data source finds them, else they are made in the first schema of
   * that path, with {@code currentSchema=chat} in the JDBC URL for example.
   *
   * @param name 1 to 63 bytes; upper and lower case differ, as in quoted identifiers
   */
  public PostgresStoreBuilder schema(String name) {
    int bytes = name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > MAX_BYTES || name.indexOf(0) >= 0 || name.startsWith("pg_")) {
      throw new IllegalArgumentException(
          "schema must have 1 to 63 bytes and not begin with pg_, but is \"" + name + "\"");
    }
    this.schema = name;
    return this;
  }

  /**
   * Opens the store even if a newer version of chat-engine has changed the tables, which is refused
   * otherwise. Use it to go back to the version before, if the changelog of the newer one says that
   * both can run side by side.
   */
  public PostgresStoreBuilder acceptNewerSchema() {
    this.acceptNewerSchema = true;
    return this;
  }

  /**
   * As {@link PostgresMessageStore#open(DataSource)}.
   *
   * @throws chat.engine.spi.StoreUnavailableException if the database cannot be used; the message
   *     names it
   * @throws IllegalStateException if its tables cannot be used: they are of a newer version, or of
   *     another application, rights are missing, or a migration failed; the message says which, and
   *     what to do
   */
  public PostgresMessageStore open() {
    return new PostgresMessageStore(
        dataSource,
        DatabaseLocation.of(dataSource),
        schema,
        acceptNewerSchema,
        PostgresMessageStore.RETENTION,
        () -> {});
  }
}
