package chat.server.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.TestServer;
import chat.server.accounts.Account;
import chat.server.database.ServerDatabase;
import chat.server.files.storage.FileStorage;
import chat.server.http.HttpEndpoint;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full, and a storage that does not answer. */
final class StorageFailureTest {
  /** Stores nothing. */
  private static final class FullStorage implements FileStorage {
    @Override
    public void put(String key, Path content) throws IOException {
      throw new IOException("No space left on device");
    }

    @Override
    public InputStream open(String key, long from, long length) throws IOException {
      throw new IOException("never stored");
    }

    @Override
    public void delete(String key) {}
  }

  @TempDir Path directory;

  private ServerDatabase database;
  private UserFiles files;
  private Account ada;

  @BeforeEach
  void open() throws IOException {
    database = TestServer.openDatabase();
    long id =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            """
                            insert into server_account (username, email, password_hash)
                            values ('ada', 'ada@example.org', '') returning account_id""")
                        .mapTo(long.class)
                        .one());
    ada = new Account(id, "ada", "ada@example.org");
    files =
        new UserFiles(
            database.jdbi(),
            new FullStorage(),
            directory.resolve("arriving"),
            (reader, file) -> false,
            new FileLimits(1000, 1000));
  }

  @AfterEach
  void close() {
    files.close();
    database.close();
  }

  private static void assertUnavailable(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> {
              assertThat(refusal.error()).isEqualTo(ApiError.UNAVAILABLE);
              assertThat(refusal.getMessage()).doesNotContain("device", "arriving");
            });
  }

  private long rows() {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle.createQuery("select count(*) from server_file").mapTo(long.class).one());
  }

  @Test
  void aStorageThatFailsLeavesNothingAndTakesNoQuota() throws Exception {
    for (int i = 0; i < 3; i++) { // of which no two would fit
      HttpEndpoint.Upload upload = files.upload(ada, "a", OptionalLong.empty());
      upload.take(ByteBuffer.allocate(900));
      assertUnavailable(() -> end(upload));
      upload.abort();
    }
    try (Stream<Path> left = Files.walk(directory)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    files.sweep(true);
    assertThat(rows()).as("what was given up may still arrive").isEqualTo(3);
    database
        .jdbi()
        .useHandle(
            handle ->
                handle.execute("update server_file set removed_at = now() - interval '2 hours'"));
    files.sweep(true);
    assertThat(rows()).isZero();
  }

  private static void end(HttpEndpoint.Upload upload) {
    try {
      var unused = upload.end();
    } catch (IOException fault) {
      throw new AssertionError(fault);
    }
  }

  @Tag("thorough")
  @Test
  void aDirectoryThatCannotBeUsedIsAClearError() throws Exception {
    Files.writeString(directory.resolve("arriving"), "in the way");
    for (int i = 0; i < 10; i++) { // nor does any of these count as under way
      assertUnavailable(() -> files.upload(ada, "a", OptionalLong.empty()));
    }
  }
}
