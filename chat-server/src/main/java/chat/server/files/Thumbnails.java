package chat.server.files;

import chat.server.files.storage.FileStorage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small pictures of pictures, made after their upload, one at a time. An image says how large it is
 * before it is decoded, and one that is too large is not; only every n-th pixel is kept of a large
 * one. What fails has no thumbnail. Thread-safe.
 */
final class Thumbnails implements AutoCloseable {
  static final int MOST_PIXELS_A_SIDE = 320;
  private static final long MOST_PIXELS = 50_000_000;
  private static final long MOST_BYTES = 64 << 20;
  private static final int WAITING = 64;
  private static final Set<String> TYPES = Set.of("image/png", "image/jpeg", "image/gif");
  private static final Logger log = LoggerFactory.getLogger(Thumbnails.class);

  static {
    // pictures are decoded, never shown
    System.setProperty("java.awt.headless", "true");
  }

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
    return fileId + ".thumbnail";
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
      BufferedImage picture = reduced(in, file.type());
      if (picture != null) {
        store(file, small(picture));
      }
    } catch (Exception | OutOfMemoryError fault) { // of a decoder that was given anything
      log.debug("no thumbnail of {}", file.fileId(), fault);
    }
  }

  /** The picture with fewer pixels, or null if there are too many of them. */
  static @Nullable BufferedImage reduced(InputStream in, String type) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByMIMEType(type);
    if (!readers.hasNext()) {
      return null;
    }
    ImageReader reader = readers.next();
    try (ImageInputStream image = new MemoryCacheImageInputStream(in)) {
      reader.setInput(image, true, true);
      long width = reader.getWidth(0);
      long height = reader.getHeight(0);
      if (width * height > MOST_PIXELS) {
        return null;
      }
      int step = (int) Math.max(1, Math.max(width, height) / (2 * MOST_PIXELS_A_SIDE));
      ImageReadParam every = reader.getDefaultReadParam();
      every.setSourceSubsampling(step, step, 0, 0);
      return reader.read(0, every);
    } finally {
      reader.dispose();
    }
  }

  private static BufferedImage small(BufferedImage picture) {
    double scale =
        Math.min(
            1.0, (double) MOST_PIXELS_A_SIDE / Math.max(picture.getWidth(), picture.getHeight()));
    int width = Math.max(1, (int) Math.round(picture.getWidth() * scale));
    int height = Math.max(1, (int) Math.round(picture.getHeight() * scale));
    boolean alpha = picture.getColorModel().hasAlpha();
    BufferedImage small =
        new BufferedImage(
            width, height, alpha ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = small.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(picture, 0, 0, width, height, null);
    graphics.dispose();
    return small;
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
