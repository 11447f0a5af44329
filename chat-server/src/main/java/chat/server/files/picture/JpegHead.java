package chat.server.files.picture;

import java.io.IOException;
import javax.imageio.stream.ImageInputStream;

/** What stands before the pixels of a JPEG (ITU-T T.81, B.2). */
final class JpegHead {
  private static final int PREFIX = 0xff;
  private static final int START_OF_IMAGE = 0xd8;
  private static final int START_OF_SCAN = 0xda;

  private JpegHead() {}

  /**
   * Whether the picture comes in several scans, so that a decoder has to keep all of it, with six
   * bytes and more per pixel. Leaves the input where it was.
   *
   * @throws IOException if it ends before that is known
   */
  static boolean hasSeveralScans(ImageInputStream in) throws IOException {
    in.mark();
    try {
      int components = 0;
      int marker = next(in);
      while (marker != START_OF_SCAN) {
        if (hasLength(marker)) {
          long end = in.getStreamPosition() + in.readUnsignedShort();
          if (isFrame(marker)) {
            if ((marker & 3) == 2) { // progressive
              return true;
            }
            in.skipBytes(1 + 2 + 2); // precision, height, width
            components = in.readUnsignedByte();
          }
          in.seek(end);
        }
        marker = next(in);
      }
      in.skipBytes(2); // the length
      return in.readUnsignedByte() < components;
    } finally {
      in.reset();
    }
  }

  private static int next(ImageInputStream in) throws IOException {
    int read = in.readUnsignedByte();
    while (read != PREFIX) {
      read = in.readUnsignedByte();
    }
    while (read == PREFIX) { // there may be several
      read = in.readUnsignedByte();
    }
    return read;
  }

  /** Of the markers 0xc0 to 0xcf three are something else. */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static boolean hasLength(int marker) {
    boolean restart = marker >= 0xd0 && marker <= 0xd7;
    return marker > 1 && !restart && marker != START_OF_IMAGE;
  }
}
