package chat.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An emoji that a user can react with: one of those that Unicode recommends for general interchange
 * (RGI emoji, Unicode Technical Standard #51), in the version {@link #UNICODE_VERSION}. Emoji with
 * a skin tone are emoji of their own. Two are the same exactly when their code points are; the
 * variation selector that belongs to an emoji such as the red heart (U+2764 U+FE0F) must be there.
 * Immutable.
 */
public final class Emoji {
  /** The version of Unicode whose emoji {@link #of} takes. */
  public static final String UNICODE_VERSION = "17.0";

  private static final int SHOWN_CODE_POINTS = 20;

  private final String value;

  private Emoji(String value) {
    this.value = value;
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if this is no RGI emoji, or more than
   *     one
   */
  public static Emoji of(String value) {
    if (!Table.RGI.contains(value)) {
      throw ChatException.badRequest(
          "emoji must be one RGI emoji of Unicode " + UNICODE_VERSION + ", not " + shown(value));
    }
    return new Emoji(value);
  }

  /** For stores: the emoji of this value, which a newer version of Unicode may have added. */
  public static Emoji fromStored(String value) {
    return new Emoji(value);
  }

  private static String shown(String value) {
    boolean all = value.codePointCount(0, value.length()) <= SHOWN_CODE_POINTS;
    return all
        ? "\"" + value + "\""
        : "\"" + value.substring(0, value.offsetByCodePoints(0, SHOWN_CODE_POINTS)) + "...\"";
  }

  public String value() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Emoji that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }

  /** Loaded with the first reaction. */
  private static final class Table {
    static final Set<String> RGI = read("emoji-" + UNICODE_VERSION + ".txt");

    /** A line each; the first lines are comments. The keycap of # is longer than that character. */
    private static Set<String> read(String resource) {
      try (InputStream bytes = Emoji.class.getResourceAsStream(resource)) {
        if (bytes == null) {
          throw new IllegalStateException(resource + " is missing in this build of chat-engine");
        }
        return new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8))
            .lines()
            .filter(line -> !line.startsWith("# "))
            .collect(Collectors.toUnmodifiableSet());
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }
}
