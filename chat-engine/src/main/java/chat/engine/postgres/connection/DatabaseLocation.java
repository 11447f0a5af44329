package chat.engine.postgres.connection;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is and who asks for it, for messages to people; never a password. Immutable.
 *
 * @param text the address; or what data source it is, where that does not tell its address
 */
public record DatabaseLocation(String text) {
  /** Hosts with their ports, the database, and parameters among which a password can be. */
  private static final Pattern URL =
      Pattern.compile("jdbc:postgresql:(?://(?<hosts>[^/?]*)/?)?(?<database>[^?]*)(?:\\?.*)?");

  public static DatabaseLocation of(String jdbcUrl, @Nullable String user) {
    Matcher parts = URL.matcher(jdbcUrl);
    if (!parts.matches()) {
      return new DatabaseLocation("PostgreSQL at an address that is no jdbc:postgresql URL");
    }
    String hosts = parts.group("hosts");
    String database = parts.group("database");
    return new DatabaseLocation(
        "PostgreSQL at "
            + (hosts == null || hosts.isEmpty() ? "localhost" : hosts)
            + (database.isEmpty() ? "" : ", database " + database)
            + (user == null || user.isEmpty() ? "" : ", user " + user));
  }

  /** Asks the data source in the ways that pools and the driver have for that. */
  public static DatabaseLocation of(DataSource dataSource) {
    String url = property(dataSource, "getJdbcUrl", "getURL", "getUrl");
    return url == null
        ? new DatabaseLocation(
            "PostgreSQL behind the data source of class " + dataSource.getClass().getName())
        : of(url, property(dataSource, "getUsername", "getUser"));
  }

  private static @Nullable String property(DataSource dataSource, String... getters) {
    for (String getter : getters) {
      try {
        if (dataSource.getClass().getMethod(getter).invoke(dataSource) instanceof String value) {
          return value;
        }
      } catch (ReflectiveOperationException | RuntimeException notThisWay) {
        // Only a message has less to tell.
      }
    }
    return null;
  }
}
