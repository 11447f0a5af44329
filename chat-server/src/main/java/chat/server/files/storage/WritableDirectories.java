package chat.server.files.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Looks whether files can be written in a directory, by writing an empty one. Blocks. */
public final class WritableDirectories {
  private WritableDirectories() {}

  /**
   * Makes the directory where it is missing.
   *
   * @throws IOException if it cannot be made or written; the message says why
   */
  public static void make(Path directory) throws IOException {
    look(directory);
    Path absolute = directory.toAbsolutePath().normalize();
    try {
      PrivateDirectories.make(absolute);
    } catch (IOException fault) {
      throw new IOException("%s cannot be made: %s".formatted(absolute, why(fault)), fault);
    }
    write(absolute);
  }

  /**
   * Makes nothing: where the directory is missing, the one that it would be made in is written.
   *
   * @throws IOException if it could not be made or written; the message says why
   */
  public static void look(Path directory) throws IOException {
    Path there = directory.toAbsolutePath().normalize();
    while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
      there = there.getParent();
    }
    write(there);
  }

  private static void write(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + " is no directory");
    }
    try {
      Files.delete(Files.createTempFile(directory, ".chat-server-", ".probe"));
    } catch (IOException fault) {
      throw new IOException("%s cannot be written: %s".formatted(directory, why(fault)), fault);
    }
  }

  private static String why(IOException fault) {
    if (fault instanceof FileSystemException known && known.getReason() != null) {
      return known.getReason();
    }
    return fault instanceof AccessDeniedException
        ? "its rights forbid it"
        : fault.getClass().getSimpleName() + " " + fault.getMessage();
  }
}
