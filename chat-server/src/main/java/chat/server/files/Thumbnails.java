package chat.server.files;

import chat.server.files.picture.Pictures;
import chat.server.files.storage.FileStorage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small pictures of pictures, made after their upload, one at a time. What fails has no thumbnail.
 * Thread-safe.
 */
final class Thumbnails implements AutoCloseable {
  private static final long MOST_BYTES = 64 << 20;
  private static final int WAITING = 64;
  private static final String ENDING = ".thumbnail";
  private static final Set<String> TYPES = Set.of("image/png", "image/jpeg", "image/gif");
  private static final Logger log = LoggerFactory.getLogger(Thumbnails.class);

  private final FileStorage storage;
  private final FileRecords records;
  private final Path directory;
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          1,
          1,
          30,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          task -> {
            Thread thread = new Thread(task, "chat-thumbnails");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param directory for files that are not stored yet
   */
  Thumbnails(FileStorage storage, FileRecords records, Path directory) {
    this.storage = storage;
    this.records = records;
    this.directory = directory;
    worker.allowCoreThreadTimeOut(true);
  }

  /** Where the thumbnail of a file lies. */
  static String key(String fileId) {
    return fileId + ENDING;
  }

  /** The id of the file to which what lies under a key belongs. */
  static String fileOf(String key) {
    return key.endsWith(ENDING) ? key.substring(0, key.length() - ENDING.length()) : key;
  }

  /** Makes one soon, unless the file has no picture or too many wait. */
  void request(StoredFile file) {
    if (!TYPES.contains(file.type()) || file.size() > MOST_BYTES) {
      return;
    }
    try {
      worker.execute(() -> make(file));
    } catch (RejectedExecutionException full) {
      log.debug("no thumbnail of {}: too many wait", file.fileId());
    }
  }

  private void make(StoredFile file) {
    try (InputStream in = storage.open(file.fileId(), 0, file.size())) {
      BufferedImage small = Pictures.small(in, file.type());
      if (small != null) {
        store(file, small);
      }
    } catch (Exception | OutOfMemoryError fault) { // of a decoder that was given anything
      log.debug("no thumbnail of {}", file.fileId(), fault);
    }
  }

  private void store(StoredFile file, BufferedImage small) throws IOException {
    boolean alpha = small.getColorModel().hasAlpha();
    Path made = directory.resolve(key(file.fileId()));
    try {
      if (ImageIO.write(small, alpha ? "png" : "jpeg", made.toFile())) {
        storage.put(key(file.fileId()), made);
        if (!records.thumbnail(file.fileId(), alpha ? "image/png" : "image/jpeg")) {
          storage.delete(key(file.fileId())); // the file was removed meanwhile
        }
      }
    } finally {
      java.nio.file.Files.deleteIfExists(made);
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
