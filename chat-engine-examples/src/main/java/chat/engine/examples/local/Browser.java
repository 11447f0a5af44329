package chat.engine.examples.local;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The browser of the person at this machine, if there is a desktop. */
public final class Browser {
  private Browser() {}

  /**
   * Opens a page. Returns at once.
   *
   * @return false if there is no desktop, or no program that opens pages
   */
  public static boolean open(URI page) {
    return open(page, System.getProperty("os.name", ""), System.getenv());
  }

  static boolean open(URI page, String system, Map<String, String> environment) {
    List<String> command = new ArrayList<>(opener(system, environment));
    if (command.isEmpty()) {
      return false;
    }
    command.add(page.toString());
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD) // the screen is taken
          .start()
          .getOutputStream()
          .close();
      return true;
    } catch (IOException missing) {
      return false;
    }
  }

  /** What opens pages; empty without a desktop. */
  static List<String> opener(String system, Map<String, String> environment) {
    String name = system.toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return List.of("rundll32", "url.dll,FileProtocolHandler");
    }
    if (name.startsWith("mac")) {
      return environment.containsKey("SSH_CONNECTION") ? List.of() : List.of("open");
    }
    boolean desktop =
        !environment.getOrDefault("DISPLAY", "").isEmpty()
            || !environment.getOrDefault("WAYLAND_DISPLAY", "").isEmpty();
    return desktop ? List.of("xdg-open") : List.of();
  }
}
