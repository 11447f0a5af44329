package chat.server.files;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One part of a file that a client asks for (RFC 9110, 14.2).
 *
 * @param length 0 if it lies beyond the end
 */
record ByteRange(long from, long length) {
  private static final Pattern SINGLE =
      Pattern.compile("(?i:bytes) *= *(\\d{0,18}) *- *(\\d{0,18})");

  /**
   * @return empty if the header is none that is understood, or asks for several parts; then the
   *     whole file is sent, as RFC 9110 allows
   */
  static Optional<ByteRange> of(String header, long size) {
    Matcher match = SINGLE.matcher(header.strip());
    if (!match.matches()) {
      return Optional.empty();
    }
    boolean suffix = match.group(1).isEmpty();
    boolean open = match.group(2).isEmpty();
    if (suffix && open) {
      return Optional.empty();
    }
    if (suffix) {
      long length = Math.min(Long.parseLong(match.group(2)), size);
      return Optional.of(new ByteRange(size - length, length));
    }
    long from = Long.parseLong(match.group(1));
    long last = open ? size - 1 : Long.parseLong(match.group(2));
    if (last < from && !open) {
      return Optional.empty();
    }
    return Optional.of(
        from >= size
            ? new ByteRange(from, 0)
            : new ByteRange(from, Math.min(last, size - 1) - from + 1));
  }

  String contentRange(long size) {
    return "bytes " + from + "-" + (from + length - 1) + "/" + size;
  }
}
