package chat.server;

import chat.engine.postgres.PostgresMessageStore;
import chat.engine.postgres.PostgresStoreBuilder;
import chat.engine.spi.StoreUnavailableException;
import chat.server.database.DatabaseAddress;
import chat.server.database.EmbeddedDatabase;
import chat.server.database.ServerDatabase;
import chat.server.files.storage.WritableDirectories;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import javax.sql.DataSource;

/**
 * Opens what a start can fail at. The exceptions are for the person who started the server: what is
 * wrong, and which option to set.
 */
final class Opening {
  private Opening() {}

  interface Listener<T> {
    T at(InetSocketAddress address) throws IOException;
  }

  static <T> T listener(String portFlag, String host, int port, Listener<T> opening)
      throws IOException {
    try {
      return opening.at(new InetSocketAddress(host, port));
    } catch (IOException | UnresolvedAddressException fault) {
      throw new IOException(
          "it cannot listen on %s:%d (%s); choose another --host or %s"
              .formatted(
                  host,
                  port,
                  fault.getMessage() == null ? "unknown host" : fault.getMessage(),
                  portFlag),
          fault);
    }
  }

  static EmbeddedDatabase embeddedDatabase(Path dataDirectory) throws IOException {
    try {
      return EmbeddedDatabase.start(dataDirectory);
    } catch (FileSystemException fault) { // whose message is a path alone
      String why =
          fault instanceof AccessDeniedException
              ? "no right to use " + fault.getFile()
              : fault instanceof FileAlreadyExistsException
                  ? fault.getFile() + " is no directory"
                  : fault.getFile() + " cannot be made or used";
      throw new IOException(why + "; choose another --data-dir", fault);
    }
  }

  static ServerDatabase database(
      DatabaseAddress address, int connections, MeterRegistry meters, boolean acceptNewerSchema)
      throws IOException {
    try {
      return ServerDatabase.open(address, connections, meters, acceptNewerSchema);
    } catch (IllegalStateException | StoreUnavailableException unusable) {
      throw unusableTables(unusable);
    }
  }

  static void filesDirectory(Path directory) throws IOException {
    try {
      WritableDirectories.make(directory);
    } catch (IOException fault) {
      throw new IOException(
          "it cannot keep what users upload (%s); choose another --files-dir, or take no files with --max-file-bytes=0"
              .formatted(fault.getMessage()),
          fault);
    }
  }

  static PostgresMessageStore store(DataSource dataSource, boolean acceptNewerSchema)
      throws IOException {
    PostgresStoreBuilder builder = PostgresMessageStore.builder(dataSource);
    try {
      return acceptNewerSchema ? builder.acceptNewerSchema().open() : builder.open();
    } catch (IllegalStateException | StoreUnavailableException unusable) {
      throw unusableTables(unusable);
    }
  }

  private static IOException unusableTables(RuntimeException unusable) {
    return new IOException(
        "it cannot use its tables: "
            + String.valueOf(unusable.getMessage())
                .replace(
                    "PostgresMessageStore.builder(dataSource).acceptNewerSchema()",
                    "--accept-newer-schema true"),
        unusable);
  }
}
