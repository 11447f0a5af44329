package chat.engine.testing;

import chat.engine.postgres.PostgresMessageStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * The data directory that every embedded server of this JVM starts with: made once, with a database
 * that has the tables of the store and that new databases are copied from. A server that makes its
 * own takes ten times as long to start, and so does a store that makes its tables.
 */
final class PostgresTemplate {
  /** The database that has the tables. */
  static final String DATABASE = "chat_template";

  private PostgresTemplate() {}

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
