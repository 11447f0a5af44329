package chat.server.files.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Where the bytes of files lie, each under a key of letters, digits, {@code -}, {@code _} and
 * {@code .}. Implementations are thread-safe and block.
 */
public interface FileStorage extends AutoCloseable {
  /**
   * Stores a file whole or not at all: once this returns, it outlives a crash. Repeating it with
   * the same content does no harm. If it fails, the file may still come to be there for some time,
   * so a later {@link #delete} must wait for that.
   *
   * @param content a file of this process, which the storage may move away
   */
  void put(String key, Path content) throws IOException;

  /**
   * Opens a part of a file. The caller closes it.
   *
   * @param from offset of the first byte
   * @param length in bytes, not beyond the end; -1 for all that follows
   * @throws java.nio.file.NoSuchFileException if there is none under this key
   */
  InputStream open(String key, long from, long length) throws IOException;

  /** Does nothing if there is none under this key. */
  void delete(String key) throws IOException;

  /** Ends what the storage needs to work; calls under way may fail. */
  @Override
  default void close() {}
}
