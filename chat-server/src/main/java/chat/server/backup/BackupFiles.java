package chat.server.backup;

import chat.engine.protocol.JsonObjects;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The files of a backup: one for each table, compressed, and a list of them that is written last. A
 * directory without that list is no backup. Only its owner can read it.
 */
record BackupFiles(Path directory) {
  private static final String LIST = "backup.json";

  /**
   * @throws ApiException {@code conflict} if there is something in the directory, or it is none
   * @throws IOException if it cannot be made or written
   */
  void create() throws IOException {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw ApiException.of(ApiError.CONFLICT, directory + " is there, and is no directory");
    }
    try {
      Files.createDirectories(directory);
      requireEmpty();
    } catch (FileSystemException fault) { // whose message is a path and nothing else
      throw new IOException("a backup cannot be written to " + directory + ": " + fault, fault);
    }
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private void requireEmpty() throws IOException {
    try (Stream<Path> there = Files.list(directory)) {
      if (there.findAny().isPresent()) {
        throw ApiException.of(ApiError.CONFLICT, directory + " must be empty, or not exist");
      }
    }
  }

  private Path table(String name) {
    return directory.resolve(name + ".copy.gz");
  }

  /** Writes or reads a file. */
  interface Copying<S> {
    long copy(S stream) throws Exception;
  }

  /**
   * A file as it was written.
   *
   * @param sha256 of its bytes
   */
  record Written(long rows, String sha256) {}

  Written write(String name, Copying<OutputStream> copying) throws Exception {
    MessageDigest digest = sha256();
    try (OutputStream file =
        new GZIPOutputStream(
            new BufferedOutputStream(
                new DigestOutputStream(Files.newOutputStream(table(name)), digest)))) {
      long rows = copying.copy(file);
      file.close();
      return new Written(rows, HexFormat.of().formatHex(digest.digest()));
    }
  }

  /**
   * @throws IOException if a file is not as it was written
   */
  void check(String name, String sha256) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream file = new DigestInputStream(Files.newInputStream(table(name)), digest)) {
      file.transferTo(OutputStream.nullOutputStream());
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
      throw new IOException(table(name) + " is not as it was written: the backup is damaged");
    }
  }

  long read(String name, Copying<InputStream> copying) throws Exception {
    try (InputStream file =
        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(table(name))))) {
      return copying.copy(file);
    }
  }

  void finish(ObjectNode list) throws IOException {
    Path unfinished = directory.resolve(LIST + ".unfinished");
    Files.write(unfinished, JsonObjects.bytes(list));
    Files.move(unfinished, directory.resolve(LIST));
  }

  /**
   * @throws IOException if this is no complete backup
   */
  ObjectNode list() throws IOException {
    Path list = directory.resolve(LIST);
    if (!Files.exists(list)) {
      throw new IOException(directory + " is no complete backup: it has no " + LIST);
    }
    return JsonObjects.parse(Files.readString(list));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }
}
