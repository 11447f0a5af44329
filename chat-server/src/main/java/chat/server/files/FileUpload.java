package chat.server.files;

import chat.server.files.storage.FileStorage;
import chat.server.http.HttpEndpoint;
import chat.server.http.Response;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file on its way in: to a file without a name first, then to the storage. Its hash and its
 * type are found out on the way. Used by one thread at a time.
 */
final class FileUpload implements HttpEndpoint.Upload {
  private static final Logger log = LoggerFactory.getLogger(FileUpload.class);

  /** What it needs to be stored, and what follows. */
  record Parts(
      FileStorage storage,
      FileRecords records,
      FileAccess access,
      Thumbnails thumbnails,
      FileLimits limits) {}

  private final Parts parts;
  private final String fileId;
  private final long accountId;
  private final String name;
  private final Path arriving;
  private final Runnable ended;
  private final FileChannel out;
  private final MessageDigest hash = sha256();
  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private long size;
  private boolean added;

  /**
   * @param arriving where the bytes lie until they are stored, in a directory that there is
   * @param ended called once, whatever comes of it
   */
  FileUpload(Parts parts, String fileId, long accountId, String name, Path arriving, Runnable ended)
      throws IOException {
    this.parts = parts;
    this.fileId = fileId;
    this.accountId = accountId;
    this.name = name;
    this.arriving = arriving;
    this.ended = ended;
    this.out = FileChannel.open(arriving, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }

  /** A full disk is the most likely of these, and the operator should know. */
  static ApiException noRoom(IOException fault) {
    log.warn("a file could not be stored: {}", fault.toString());
    return ApiException.of(ApiError.UNAVAILABLE, "the server cannot store files now");
  }

  static ApiException tooLarge(long most) {
    return ApiException.of(ApiError.TOO_LARGE, "a file may have at most " + most + " bytes");
  }

  @Override
  public void take(ByteBuffer part) {
    size += part.remaining();
    if (size > parts.limits().fileBytes()) {
      throw tooLarge(parts.limits().fileBytes());
    }
    hash.update(part.duplicate());
    int more = Math.min(part.remaining(), FileTypes.HEAD_BYTES - head.size());
    for (int i = 0; i < more; i++) {
      head.write(part.get(part.position() + i));
    }
    try {
      while (part.hasRemaining()) {
        out.write(part);
      }
    } catch (IOException fault) {
      throw noRoom(fault);
    }
  }

  @Override
  public Response end() {
    if (size == 0) {
      throw ApiException.badRequest("the file is empty");
    }
    String type = FileTypes.of(head.toByteArray(), name);
    if (!parts.limits().allows(type)) {
      throw ApiException.of(
          ApiError.UNSUPPORTED_MEDIA_TYPE,
          "files of the type %s are not taken, but %s"
              .formatted(type, String.join(", ", parts.limits().types())));
    }
    StoredFile file =
        new StoredFile(
            fileId, accountId, name, type, size, HexFormat.of().formatHex(hash.digest()), null);
    parts.access().expectFiles();
    parts.records().add(file);
    added = true;
    try {
      out.close();
      parts.storage().put(fileId, arriving);
    } catch (IOException fault) {
      throw noRoom(fault);
    }
    if (!parts.records().stored(fileId)) {
      throw ApiException.unauthorized("the account is gone");
    }
    cleanUp();
    parts.thumbnails().request(file);
    return Response.json(201, file.json());
  }

  @Override
  public void abort() {
    if (added) {
      try {
        parts.records().remove(fileId);
      } catch (RuntimeException fault) {
        log.debug("{} is removed as an orphan, a day later", fileId, fault);
      }
    }
    cleanUp();
  }

  private void cleanUp() {
    try {
      out.close();
      Files.deleteIfExists(arriving);
    } catch (IOException fault) {
      log.warn("{} is left of an upload: {}", arriving, fault.toString());
    } finally {
      ended.run();
    }
  }
}
