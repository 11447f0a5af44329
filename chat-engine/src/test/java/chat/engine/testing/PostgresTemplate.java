package chat.engine.testing;

import chat.engine.postgres.PostgresMessageStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The data directory that every embedded server of this JVM starts with: made once, with a database
 * that has the tables of the store and that new databases are copied from. A server that makes its
 * own takes ten times as long to start, and so does a store that makes its tables.
 */
final class PostgresTemplate {
  /** The database that has the tables. */
  static final String DATABASE = "chat_template";

  /** Any number that nobody else locks on such a server. */
  private static final long LOCK = 0x63686174_74657374L; // "chattest"

  private PostgresTemplate() {}

  /**
   * Makes the database on a server that this JVM did not start, unless another JVM has. It stays
   * there, for all that come: mutation tests start hundreds. So such a server does not outlive a
   * change of the migrations.
   */
  static void ensureOn(String serverUrl) {
    PGSimpleDataSource server = new PGSimpleDataSource();
    server.setURL(serverUrl);
    try (Connection connection = server.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(" + LOCK + ")"); // ends with the connection
      try (ResultSet row =
          statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
        if (row.next()) {
          return;
        }
      }
      TestDatabase made = TestDatabase.createOn(serverUrl);
      PostgresMessageStore.open(made.dataSource()).close();
      statement.execute("ALTER DATABASE " + made.name() + " RENAME TO " + DATABASE);
    } catch (SQLException e) {
      throw new IllegalStateException("no template on " + serverUrl, e);
    }
  }

  /**
   * Makes the data directory of a new server. The first call in a JVM takes seconds.
   *
   * @param data does not exist yet
   */
  static void copyTo(Path data) throws IOException {
    Path from = Made.DIRECTORY.resolve("data");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) { // parents first
        Files.copy(file, data.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static final class Made {
    static final ServerDirectory DIRECTORY = make();

    private static ServerDirectory make() {
      ServerDirectory directory = ServerDirectory.create("chat-test-template-");
      Runtime.getRuntime()
          .addShutdownHook(new Thread(directory::delete, "chat-test-postgres-template"));
      int port = LocalPorts.free();
      try (EmbeddedPostgres server =
          PrivatePostgres.builder(directory.resolve("data"), port).start()) {
        TestDatabase database = TestDatabase.create(PrivatePostgres.url(port), DATABASE);
        PostgresMessageStore.open(database.dataSource()).close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return directory;
    }
  }
}
