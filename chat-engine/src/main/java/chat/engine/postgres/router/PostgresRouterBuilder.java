package chat.engine.postgres.router;

import chat.engine.postgres.connection.SchemaName;
import chat.engine.postgres.router.link.Links;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link PostgresRouter}; get one from {@link PostgresRouter#builder}. Not
 * thread-safe.
 */
public final class PostgresRouterBuilder {
  private final DataSource dataSource;
  private String namespace = PostgresRouter.DEFAULT_NAMESPACE;
  private @Nullable SchemaName schema;

  PostgresRouterBuilder(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * What all names begin with, {@value PostgresRouter#DEFAULT_NAMESPACE} unless set: 1 to 24
   * letters, digits, dots, dashes and underscores.
   */
  public PostgresRouterBuilder namespace(String name) {
    this.namespace = Names.requireNamespace(name);
    return this;
  }

  /**
   * The schema of the tables: the one that was given to the store. Unless set, the search path of
   * the data source finds them.
   */
  public PostgresRouterBuilder schema(String name) {
    this.schema = new SchemaName(name);
    return this;
  }

  /** Gives a router that is not started yet; the engine starts it. */
  public PostgresRouter open() {
    return new PostgresRouter(new Links(dataSource, schema), namespace);
  }
}
