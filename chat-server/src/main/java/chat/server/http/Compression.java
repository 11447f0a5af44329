package chat.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Answers by gzip. There are no cookies, so no other page can have a browser ask with the user's
 * rights, and the length of a compressed answer gives nothing away to it (BREACH).
 */
final class Compression {
  static final String NAME = "gzip";
  private static final int WORTHWHILE_BYTES = 1024;

  private Compression() {}

  static boolean isWorthwhile(String contentType, byte[] body) {
    return body.length > WORTHWHILE_BYTES
        && (contentType.startsWith("text/")
            || contentType.startsWith("application/json")
            || contentType.startsWith("application/yaml")
            || contentType.startsWith("image/svg+xml"));
  }

  /**
   * @param acceptEncoding as in RFC 9110, 12.5.3; empty if the client says nothing
   */
  static boolean isAccepted(String acceptEncoding) {
    boolean any = false;
    for (String offer : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = offer.split(";", -1);
      String name = parts[0].strip();
      boolean refused = parts.length > 1 && parts[1].strip().matches("q=0(\\.0*)?");
      if (name.equals(NAME) || name.equals("x-gzip")) {
        return !refused;
      }
      any |= name.equals("*") && !refused;
    }
    return any;
  }

  /** As small as it gets, for what is compressed once. */
  static byte[] best(byte[] body) {
    return compressed(body, Deflater.BEST_COMPRESSION);
  }

  /** Soon, for what is sent once. */
  static byte[] fast(byte[] body) {
    return compressed(body, Deflater.BEST_SPEED);
  }

  private static byte[] compressed(byte[] body, int level) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 3);
    try (GZIPOutputStream gzip = new Leveled(out, level)) {
      gzip.write(body);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  private static final class Leveled extends GZIPOutputStream {
    Leveled(ByteArrayOutputStream out, int level) throws IOException {
      super(out);
      def.setLevel(level);
    }
  }
}
