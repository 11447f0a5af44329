package chat.engine.examples.console.screen;

import java.util.Map;
import org.jline.utils.AttributedStyle;

/** The styles. Without colours, weight alone tells things apart. Immutable. */
public final class Palette {
  private static final int[] NAME_COLOURS = {
    AttributedStyle.GREEN,
    AttributedStyle.YELLOW,
    AttributedStyle.BLUE,
    AttributedStyle.MAGENTA,
    AttributedStyle.CYAN
  };

  private final boolean colours;

  public Palette(boolean colours) {
    this.colours = colours;
  }

  /** Without colours if {@code NO_COLOR} is set (no-color.org). */
  public static Palette of(Map<String, String> environment) {
    return new Palette(environment.getOrDefault("NO_COLOR", "").isEmpty());
  }

  public boolean hasColours() {
    return colours;
  }

  AttributedStyle plain() {
    return AttributedStyle.DEFAULT;
  }

  AttributedStyle faint() {
    return AttributedStyle.DEFAULT.faint();
  }

  AttributedStyle own() {
    return AttributedStyle.BOLD;
  }

  /** Words that were searched for, and the user's own name where it is mentioned. */
  AttributedStyle marked() {
    return AttributedStyle.BOLD.underline();
  }

  AttributedStyle wrong() {
    return foreground(AttributedStyle.RED);
  }

  /** The same for the same name. */
  AttributedStyle person(String name) {
    return foreground(NAME_COLOURS[Math.floorMod(name.hashCode(), NAME_COLOURS.length)]);
  }

  private AttributedStyle foreground(int colour) {
    return colours ? AttributedStyle.DEFAULT.foreground(colour) : AttributedStyle.DEFAULT;
  }
}
