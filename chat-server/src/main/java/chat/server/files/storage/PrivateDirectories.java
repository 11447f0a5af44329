package chat.server.files.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Directories that nobody else on this machine can look into. */
public final class PrivateDirectories {
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateDirectories() {}

  /** Makes it, and those above it, where they are missing; what there is keeps its rights. */
  public static Path make(Path directory) throws IOException {
    boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? Files.createDirectories(directory, OWNER_ONLY)
        : Files.createDirectories(directory);
  }
}
