package chat.server.files;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The rows of {@code server_file}. Thread-safe; blocks. */
final class FileRecords {
  private static final String READABLE =
      """
      select file_id, account_id, name, type, size_bytes, sha256, thumbnail_type
      from server_file
      where stored_at is not null and removed_at is null""";

  private static final String USED =
      "select coalesce(sum(size_bytes), 0) from server_file where account_id = :account and removed_at is null";

  private final Jdbi jdbi;
  private final FileLimits limits;

  FileRecords(Jdbi jdbi, FileLimits limits) {
    this.jdbi = jdbi;
    this.limits = limits;
  }

  /**
   * @throws ApiException {@code too_large} if the user has no room for so much more
   */
  void requireRoom(long accountId, long bytes) {
    jdbi.useHandle(handle -> requireRoom(handle, accountId, bytes));
  }

  private void requireRoom(Handle handle, long accountId, long bytes) {
    if (limits.userBytes() == 0) {
      return;
    }
    long used = handle.createQuery(USED).bind("account", accountId).mapTo(long.class).one();
    if (used + bytes > limits.userBytes()) {
      throw ApiException.of(
          ApiError.TOO_LARGE,
          "the files of a user may take %d bytes together, and %d are taken"
              .formatted(limits.userBytes(), used));
    }
  }

  /**
   * Adds a file whose bytes are not in the storage yet. Uploads of one user are counted one after
   * the other.
   *
   * @throws ApiException {@code too_large}; {@code unauthorized} if the account was erased
   *     meanwhile
   */
  void add(StoredFile file) {
    jdbi.useTransaction(
        handle -> {
          boolean present =
              handle
                  .createQuery(
                      "select account_id from server_account where account_id = :account and erased_at is null for update")
                  .bind("account", file.accountId())
                  .mapTo(long.class)
                  .findOne()
                  .isPresent();
          if (!present) {
            throw ApiException.unauthorized("the account is gone");
          }
          requireRoom(handle, file.accountId(), file.size());
          handle
              .createUpdate(
                  """
                  insert into server_file (file_id, account_id, name, type, size_bytes, sha256)
                  values (:file, :account, :name, :type, :size, :sha256)""")
              .bind("file", file.fileId())
              .bind("account", file.accountId())
              .bind("name", file.name())
              .bind("type", file.type())
              .bind("size", file.size())
              .bind("sha256", HexFormat.of().parseHex(file.sha256()))
              .execute();
        });
  }

  /** Whether the file is still wanted, now that its bytes are in the storage. */
  boolean stored(String fileId) {
    return update(
            "update server_file set stored_at = now() where file_id = :file and removed_at is null",
            fileId)
        == 1;
  }

  /** Whether the file is still wanted, now that its thumbnail is in the storage. */
  boolean thumbnail(String fileId, String type) {
    return jdbi.withHandle(
            handle ->
                handle
                    .createUpdate(
                        "update server_file set thumbnail_type = :type where file_id = :file and removed_at is null")
                    .bind("type", type)
                    .bind("file", fileId)
                    .execute())
        == 1;
  }

  void remove(String fileId) {
    update(
        "update server_file set removed_at = coalesce(removed_at, now()) where file_id = :file",
        fileId);
  }

  private int update(String sql, String fileId) {
    return jdbi.withHandle(handle -> handle.createUpdate(sql).bind("file", fileId).execute());
  }

  /** Takes all files of an account out of use; they are deleted by the next sweep. */
  static void forget(Handle handle, long accountId) {
    handle
        .createUpdate(
            """
            update server_file set account_id = null, removed_at = coalesce(removed_at, now())
            where account_id = :account""")
        .bind("account", accountId)
        .execute();
  }

  /** A file that can be read. */
  Optional<StoredFile> find(String fileId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(READABLE + " and file_id = :file")
                .bind("file", fileId)
                .map((row, context) -> file(row))
                .findOne());
  }

  /** All files of an account, the oldest first. */
  List<StoredFile> of(long accountId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(READABLE + " and account_id = :account order by created_at, file_id")
                .bind("account", accountId)
                .map((row, context) -> file(row))
                .list());
  }

  /** Files that can be read, of everybody, in the order of their ids. */
  List<StoredFile> all(String afterId, int most) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(READABLE + " and file_id > :after order by file_id limit :most")
                .bind("after", afterId)
                .bind("most", most)
                .map((row, context) -> file(row))
                .list());
  }

  /** Those of these ids that there are rows of, in use or not. */
  Set<String> known(Set<String> fileIds) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select file_id from server_file where file_id = any(:ids)")
                .bindArray("ids", String.class, fileIds)
                .mapTo(String.class)
                .set());
  }

  private static StoredFile file(ResultSet row) throws SQLException {
    return new StoredFile(
        row.getString(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getLong(5),
        HexFormat.of().formatHex(row.getBytes(6)),
        row.getString(7));
  }

  /** Takes out of use what was uploaded long ago, or only half, and is in no message. */
  void removeOrphans(Duration age) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    update server_file f set removed_at = now()
                    where removed_at is null and created_at < now() - :seconds * interval '1 second'
                    and not exists (select 1 from server_file_use u where u.file_id = f.file_id)""")
                .bind("seconds", age.toSeconds())
                .execute());
  }

  /**
   * Some of those that are out of use.
   *
   * @param late how long what was not known to be stored may take to appear in the storage
   */
  List<String> removed(int most, Duration late) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select file_id from server_file
                    where removed_at is not null
                    and (stored_at is not null or removed_at < now() - :late * interval '1 second')
                    order by removed_at limit :most""")
                .bind("most", most)
                .bind("late", late.toSeconds())
                .mapTo(String.class)
                .list());
  }

  /** Deletes the row of a file whose bytes are deleted. */
  void delete(String fileId) {
    update("delete from server_file where file_id = :file and removed_at is not null", fileId);
  }
}
