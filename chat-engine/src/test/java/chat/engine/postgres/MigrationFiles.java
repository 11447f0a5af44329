package chat.engine.postgres;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sql.DataSource;

/** Migrations that a test writes. For one thread. */
final class MigrationFiles implements AutoCloseable {
  static final String HISTORY = "test_history";

  private final Path folder;
  private final URLClassLoader classes;

  MigrationFiles(Path root) throws IOException {
    folder = Files.createDirectories(root.resolve("migrations"));
    classes =
        new URLClassLoader(
            new URL[] {root.toUri().toURL()}, SchemaMigrations.class.getClassLoader());
  }

  void write(String name, String sql) throws IOException {
    Files.writeString(folder.resolve(name), sql);
  }

  void runOn(DataSource database) {
    SchemaMigrations.run(database, classes, "migrations", HISTORY);
  }

  @Override
  public void close() throws IOException {
    classes.close();
  }
}
