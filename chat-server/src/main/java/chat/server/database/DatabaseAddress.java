package chat.server.database;

/** How to reach a PostgreSQL: a JDBC URL, and who connects. */
public record DatabaseAddress(String jdbcUrl, String user, String password) {}
