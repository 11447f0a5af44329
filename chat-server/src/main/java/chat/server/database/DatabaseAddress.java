package chat.server.database;

/** How to reach a PostgreSQL: a JDBC URL, and who connects. */
public record DatabaseAddress(String jdbcUrl, String user, String password) {
  /** The URL for people to read: without parameters, among which a password can be. */
  public String shownUrl() {
    return jdbcUrl.replaceAll("\\?.*", "");
  }

  @Override
  public String toString() {
    return shownUrl() + " as " + user;
  }
}
