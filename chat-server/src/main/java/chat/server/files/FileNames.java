package chat.server.files;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Names of files as people gave them, made safe for disks, headers and eyes. */
final class FileNames {
  private static final int MOST_CODE_POINTS = 120;
  private static final String UNNAMED = "file";

  private FileNames() {}

  /**
   * Without folders, without what systems give a meaning to, and without what cannot be seen, such
   * as the characters that turn the direction of writing and so disguise an ending.
   */
  static String safe(String given) {
    String last = given.substring(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1);
    StringBuilder name = new StringBuilder();
    last.codePoints()
        .filter(FileNames::isVisible)
        .map(FileNames::plain)
        .forEach(name::appendCodePoint);
    String trimmed = name.toString().replaceAll("^[\\s.]+|[\\s.]+$", "");
    return trimmed.isEmpty() ? UNNAMED : shortened(trimmed);
  }

  private static boolean isVisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static int plain(int point) {
    return point == ' ' || "<>:\"|?*;%".indexOf(point) < 0 ? point : '_';
  }

  /** Keeps the ending, unless that is no ending. */
  private static String shortened(String name) {
    int[] points = name.codePoints().toArray();
    if (points.length <= MOST_CODE_POINTS) {
      return name;
    }
    int dot = name.lastIndexOf('.');
    String ending = dot < 0 || name.length() - dot > 12 ? "" : name.substring(dot);
    int kept = MOST_CODE_POINTS - ending.codePointCount(0, ending.length());
    return new String(points, 0, kept) + ending;
  }

  /** As in RFC 6266, with the name as it is (RFC 8187) and a plain one for old clients. */
  static String disposition(boolean inline, String name) {
    String plain = name.replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "_");
    String escaped =
        URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
    return (inline ? "inline" : "attachment")
        + "; filename=\""
        + plain
        + "\"; filename*=UTF-8''"
        + escaped;
  }
}
