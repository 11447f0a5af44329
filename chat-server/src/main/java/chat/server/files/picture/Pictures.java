package chat.server.files.picture;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes pictures small. A picture says how large it is before it is decoded, and one that is too
 * large is not; only every n-th pixel is kept of a large one. Of an animation, only the first frame
 * is looked at. Thread-safe.
 */
public final class Pictures {
  public static final int MOST_PIXELS_A_SIDE = 320;
  private static final long MOST_PIXELS = 50_000_000;

  /** Where the decoder keeps all of them: some 100 MB, outside the heap. */
  private static final long MOST_PIXELS_KEPT = 16_000_000;

  /** A JPEG of a few hundred kilobytes can have scans enough for hours. */
  private static final Duration TIME = Duration.ofSeconds(10);

  static {
    // pictures are decoded, never shown
    System.setProperty("java.awt.headless", "true");
  }

  private Pictures() {}

  /**
   * The picture in a size for lists.
   *
   * @param type of the MIME types that the JDK decodes
   * @return null if there are too many pixels
   * @throws IOException if it cannot be read, or not within ten seconds; decoders throw others
   */
  public static @Nullable BufferedImage small(InputStream in, String type) throws IOException {
    BufferedImage picture = reduced(in, type, TIME);
    return picture == null ? null : scaled(picture);
  }

  /** The picture with fewer pixels. */
  static @Nullable BufferedImage reduced(InputStream in, String type, Duration time)
      throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByMIMEType(type);
    if (!readers.hasNext()) {
      return null;
    }
    ImageReader reader = readers.next();
    try (ImageInputStream image = new MemoryCacheImageInputStream(new TimedInput(in, time))) {
      boolean kept = type.equals("image/jpeg") && JpegHead.hasSeveralScans(image);
      reader.setInput(image, true, true);
      long width = reader.getWidth(0);
      long height = reader.getHeight(0);
      if (width * height > (kept ? MOST_PIXELS_KEPT : MOST_PIXELS)) {
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

  private static BufferedImage scaled(BufferedImage picture) {
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
}
