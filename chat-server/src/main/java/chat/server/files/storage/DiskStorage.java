package chat.server.files.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files in a directory, in 4,096 folders by the first two letters of their keys. A file appears
 * under its name when all of it is on the disk. Thread-safe.
 */
public final class DiskStorage implements FileStorage {
  private final Path directory;

  /**
   * @param directory is made when it is needed
   */
  public DiskStorage(Path directory) {
    this.directory = directory;
  }

  private Path folder(String key) {
    return directory.resolve(StorageKeys.require(key).substring(0, 2));
  }

  /** Where a file lies, if there is one under this key. */
  public Path path(String key) {
    return folder(key).resolve(key);
  }

  @Override
  public void put(String key, Path content) throws IOException {
    Path folder = PrivateDirectories.make(folder(key));
    try (FileChannel file = FileChannel.open(content, StandardOpenOption.WRITE)) {
      file.force(true);
    }
    Files.move(content, folder.resolve(key), StandardCopyOption.ATOMIC_MOVE);
    sync(folder); // so that the name lasts, too
    sync(directory);
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  @Override
  public InputStream open(String key, long from, long length) throws IOException {
    SeekableByteChannel file = Files.newByteChannel(path(key), StandardOpenOption.READ);
    try {
      long rest = file.size() - from;
      if (rest < Math.max(0, length)) {
        throw new IOException("the file " + key + " is shorter than it was");
      }
      file.position(from);
      return new FilePart(Channels.newInputStream(file), length < 0 ? rest : length);
    } catch (IOException | RuntimeException fault) {
      file.close();
      throw fault;
    }
  }

  @Override
  public void delete(String key) throws IOException {
    try {
      Files.delete(path(key));
    } catch (NoSuchFileException gone) {
      // as it should be
    }
  }
}
