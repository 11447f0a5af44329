package chat.engine.protocol;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The payload of one text frame. An event's frame is made once per node and shared by all its
 * recipients, and so is the form that a transport sends it in. Thread-safe; do not change the
 * arrays that it hands out.
 */
public final class Frame {
  /** Makes what a WebSocket library sends from a text in UTF-8; one object, used for all frames. */
  @FunctionalInterface
  public interface Format<T> {
    T of(byte[] utf8);
  }

  private static final Format<String> TEXT = utf8 -> new String(utf8, StandardCharsets.UTF_8);

  private record Formatted(Format<?> format, Object value) {}

  private final byte[] utf8;

  /** The form that was asked for last; nearly always the only one. */
  private volatile @Nullable Formatted formatted;

  Frame(byte[] utf8) {
    this.utf8 = utf8;
  }

  public byte[] utf8() {
    return utf8;
  }

  /** The payload as a text, for libraries that take texts. */
  public String text() {
    return in(TEXT);
  }

  /** The payload in a form of the transport's choice, made when it is first asked for. */
  @SuppressWarnings("unchecked") // what a format made is of its type
  public <T> T in(Format<T> format) {
    Formatted made = formatted;
    if (made == null || made.format() != format) {
      T value = format.of(utf8);
      formatted = new Formatted(format, value);
      return value;
    }
    return (T) made.value();
  }
}
