package chat.server.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Entity tags (RFC 9110, 8.8.3) and the question whether a client has what one stands for. */
final class EntityTags {
  private static final int BYTES = 12;

  private EntityTags() {}

  /** A weak one: a compressed file and the same as it is share it. */
  static String of(byte[] file) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(file);
      return "W/\"" + HexFormat.of().formatHex(hash, 0, BYTES) + "\"";
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every JDK has it
    }
  }

  /**
   * By the weak comparison, as {@code If-None-Match} asks for.
   *
   * @param header {@code *}, or tags with commas between them
   */
  static boolean noneMatch(String header, String tag) {
    return Arrays.stream(header.split(",", -1))
        .map(String::strip)
        .noneMatch(any -> any.equals("*") || opaque(any).equals(opaque(tag)));
  }

  private static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }
}
