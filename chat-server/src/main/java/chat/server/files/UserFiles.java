package chat.server.files;

import chat.server.accounts.Account;
import chat.server.accounts.ErasedAccounts;
import chat.server.files.storage.DiskStorage;
import chat.server.files.storage.FileStorage;
import chat.server.files.storage.PrivateDirectories;
import chat.server.files.storage.S3Bucket;
import chat.server.files.storage.S3Storage;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Uploads and what becomes of them. A file belongs to its uploader until it is in a message; then
 * those who may read the message may read it, too. Thread-safe; blocks.
 */
public final class UserFiles implements AutoCloseable, ErasedAccounts.Belongings {
  private static final Logger log = LoggerFactory.getLogger(UserFiles.class);
  private static final int ID_BYTES = 16;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{22}");
  private static final int UPLOADS_AT_ONCE = 4;
  private static final int REMOVED_AT_ONCE = 500;
  private static final int FAULTS_IN_A_SWEEP = 3;
  private static final String ARRIVING = "arriving";

  /** What is in no message by then is removed. */
  static final Duration ORPHAN_AGE = Duration.ofHours(24);

  /** A storage across a network may complete a call that its caller has given up long before. */
  static final Duration LATE_ARRIVAL = Duration.ofHours(1);

  private final FileRecords records;
  private final FileStorage storage;
  private final FileAccess access;
  private final FileLimits limits;
  private final Thumbnails thumbnails;
  private final Path arriving;
  private final SecureRandom random = new SecureRandom();
  private final Map<Long, Integer> uploads = new ConcurrentHashMap<>();

  UserFiles(Jdbi jdbi, FileStorage storage, Path arriving, FileAccess access, FileLimits limits) {
    this.records = new FileRecords(jdbi, limits);
    this.storage = storage;
    this.access = access;
    this.limits = limits;
    this.arriving = arriving;
    this.thumbnails = new Thumbnails(storage, records, arriving);
  }

  /**
   * Files in a directory, which all nodes on a database share. It is made with the first upload.
   */
  public static UserFiles onDisk(Jdbi jdbi, Path directory, SentFiles sent, FileLimits limits) {
    return new UserFiles(
        jdbi, new DiskStorage(directory), directory.resolve(ARRIVING), sent, limits);
  }

  /**
   * Files in a bucket, which all nodes on a database share.
   *
   * @param directory of this node alone, for what is still arriving
   */
  public static UserFiles inBucket(
      Jdbi jdbi, S3Bucket bucket, Path directory, SentFiles sent, FileLimits limits) {
    return new UserFiles(jdbi, new S3Storage(bucket), directory.resolve(ARRIVING), sent, limits);
  }

  /** The calls of this feature. */
  public HttpEndpoint.Routes routes(Function<Request, Account> callers) {
    return new FileRoutes(this, callers);
  }

  /**
   * @param name that is safe already
   * @throws ApiException {@code forbidden}, {@code too_large}, {@code rate_limited}, {@code
   *     unavailable}
   */
  HttpEndpoint.Upload upload(Account caller, String name, OptionalLong announced) {
    if (limits.fileBytes() == 0) {
      throw ApiException.of(ApiError.FORBIDDEN, "this server takes no files");
    }
    if (announced.orElse(0) > limits.fileBytes()) {
      throw FileUpload.tooLarge(limits.fileBytes());
    }
    records.requireRoom(caller.id(), announced.orElse(1));
    if (uploads.merge(caller.id(), 1, Integer::sum) > UPLOADS_AT_ONCE) {
      ended(caller);
      throw ApiException.rateLimited(Duration.ofSeconds(1));
    }
    try {
      PrivateDirectories.make(arriving);
      String fileId = newId();
      return new FileUpload(
          new FileUpload.Parts(storage, records, access, thumbnails, limits),
          fileId,
          caller.id(),
          name,
          arriving.resolve(fileId),
          () -> ended(caller));
    } catch (IOException fault) {
      ended(caller);
      throw FileUpload.noRoom(fault);
    } catch (RuntimeException fault) {
      ended(caller);
      throw fault;
    }
  }

  private void ended(Account caller) {
    uploads.computeIfPresent(caller.id(), (id, count) -> count > 1 ? count - 1 : null);
  }

  private String newId() {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
  }

  /**
   * A file that this user may read.
   *
   * @throws ApiException {@code not_found} if there is none, and if the user may not read it:
   *     callers cannot tell the two cases apart, by design
   */
  StoredFile readable(Account reader, String fileId) {
    if (ID.matcher(fileId).matches()) {
      StoredFile file = records.find(fileId).orElse(null);
      if (file != null
          && (file.accountId() == reader.id() || access.mayRead(reader, file.fileId()))) {
        return file;
      }
    }
    throw ApiException.of(ApiError.NOT_FOUND, "there is no such file");
  }

  /**
   * Refuses a message with files that its sender may not read. Without this, whoever knows the id
   * of a file could read it by sending it to somebody.
   *
   * @throws ApiException {@code not_found}
   */
  public void requireReadable(Account sender, Collection<String> fileIds) {
    fileIds.forEach(fileId -> readable(sender, fileId));
  }

  /** The files that an account has uploaded, for an export. */
  public static List<ObjectNode> export(Jdbi jdbi, Account owner) {
    return new FileRecords(jdbi, FileLimits.NONE)
        .of(owner.id()).stream().map(StoredFile::json).toList();
  }

  InputStream open(String key, long from, long length) throws IOException {
    return storage.open(key, from, length);
  }

  @Override
  public void forget(Handle handle, long accountId) {
    FileRecords.forget(handle, accountId);
  }

  /**
   * Removes what nobody needs any more; any node does it for all.
   *
   * @param knowsWhatIsSent whether this node has noted every message with files: otherwise no file
   *     is taken for one that was never sent
   */
  public void sweep(boolean knowsWhatIsSent) {
    if (knowsWhatIsSent) {
      records.removeOrphans(ORPHAN_AGE);
    }
    deleteRemoved();
    deleteAbandoned(Instant.now().minus(ORPHAN_AGE));
  }

  /** Leaves the rest for later when the storage fails again and again. */
  private void deleteRemoved() {
    int faults = 0;
    for (String fileId : records.removed(REMOVED_AT_ONCE, LATE_ARRIVAL)) {
      try {
        storage.delete(Thumbnails.key(fileId));
        storage.delete(fileId);
        records.delete(fileId);
      } catch (IOException fault) {
        log.warn("the file {} could not be deleted: {}", fileId, fault.toString());
        faults++;
        if (faults == FAULTS_IN_A_SWEEP) {
          return;
        }
      }
    }
  }

  /** What a node that crashed was taking in. */
  private void deleteAbandoned(Instant before) {
    if (!Files.isDirectory(arriving)) {
      return; // nothing was ever uploaded
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(arriving)) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException fault) {
      log.warn("{} could not be cleaned up: {}", arriving, fault.toString());
    }
  }

  @Override
  public void close() {
    thumbnails.close();
    storage.close();
  }
}
