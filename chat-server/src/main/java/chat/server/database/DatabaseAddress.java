package chat.server.database;

import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** How to reach a PostgreSQL: a JDBC URL, and who connects. */
public record DatabaseAddress(String jdbcUrl, String user, String password) {
  /** Connections without a pool and without time limits, for what takes as long as it takes. */
  public DataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(jdbcUrl);
    source.setUser(user);
    source.setPassword(password);
    source.setApplicationName("chat-server admin");
    return source;
  }

  /** The URL for people to read: without parameters, among which a password can be. */
  public String shownUrl() {
    return jdbcUrl.replaceAll("\\?.*", "");
  }

  @Override
  public String toString() {
    return shownUrl() + " as " + user;
  }
}
