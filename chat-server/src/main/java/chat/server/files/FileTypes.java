package chat.server.files;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.apache.tika.Tika;
import org.jspecify.annotations.Nullable;

/** What a file is, by its first bytes, and what browsers may do with it. Thread-safe. */
final class FileTypes {
  /** So many of the first bytes are looked at. */
  static final int HEAD_BYTES = 64 * 1024;

  static final String UNKNOWN = "application/octet-stream";
  private static final String TEXT = "text/plain";

  /** Browsers show these, and run nothing that is in them. */
  private static final Set<String> INLINE =
      Set.of(
          "image/png",
          "image/jpeg",
          "image/gif",
          "image/webp",
          "video/mp4",
          "video/webm",
          "audio/mpeg",
          "audio/ogg",
          "video/ogg");

  /** Names that Tika has for them. */
  private static final Map<String, String> COMMON_NAMES =
      Map.of(
          "audio/vorbis", "audio/ogg",
          "audio/opus", "audio/ogg",
          "application/ogg", "audio/ogg",
          "application/mp4", "video/mp4",
          "application/x-matroska", "video/x-matroska");

  private FileTypes() {}

  /** The table of types takes a moment to read, which only those pay who upload. */
  private static final class Table {
    static final Tika TYPES = new Tika();
  }

  /**
   * The type of a file. Only the content decides whether browsers may show it; the name may say
   * more of what has no type that they show, such as a document that is a ZIP archive inside.
   */
  static String of(byte[] head, String name) {
    String byContent = isMp4(head) ? "video/mp4" : isWebm(head) ? "video/webm" : detect(head, null);
    if (!byContent.equals(UNKNOWN)
        && !byContent.equals(TEXT)
        && !byContent.equals("application/zip")) {
      return byContent;
    }
    String byName = detect(head, name);
    return INLINE.contains(byName) ? byContent : byName;
  }

  /** By the brand of its first box (ISO 14496-12), of which Tika knows but a few. */
  private static boolean isMp4(byte[] head) {
    if (head.length < 12) {
      return false;
    }
    String box = new String(head, 4, 8, StandardCharsets.US_ASCII);
    return box.matches("ftyp(iso[m2-9]|mp4[12]|avc1|dash|M4V )");
  }

  /** By the document type in its EBML header (RFC 8794), which Tika takes for any Matroska. */
  private static boolean isWebm(byte[] head) {
    String begin = new String(head, 0, Math.min(64, head.length), StandardCharsets.ISO_8859_1);
    return begin.startsWith("\u001aE\u00df\u00a3") && begin.contains("B\u0082\u0084webm");
  }

  private static String detect(byte[] head, @Nullable String name) {
    String type = name == null ? Table.TYPES.detect(head) : Table.TYPES.detect(head, name);
    String bare = type.replaceFirst(" *;.*", "");
    return COMMON_NAMES.getOrDefault(bare, bare);
  }

  static boolean isInline(String type) {
    return INLINE.contains(type);
  }

  /** The type that is sent: never one that a browser runs something in. */
  static String shown(String type) {
    boolean runs =
        type.contains("html")
            || type.contains("xml")
            || type.contains("svg")
            || type.contains("javascript")
            || type.contains("ecmascript");
    return runs ? UNKNOWN : type;
  }
}
