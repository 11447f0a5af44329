package chat.engine.examples.console.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Emoji by their short names, which are those of chat-server's page. Immutable. */
public final class Emoji {
  /** The page's own list; the build puts it beside this class. */
  private static final String LIST = "emoji.js";

  private static final Pattern GROUP =
      Pattern.compile("^ +\"\\w+\": \"([^\"]*)\"", Pattern.MULTILINE);
  private static final Pattern ENTRY = Pattern.compile("([^ ,]+) (\\w+)");
  private static final Pattern SHORT_NAME = Pattern.compile("(?<![\\w:]):([a-z_]+):(?![\\w:])");

  private final Map<String, String> byName;

  private Emoji(Map<String, String> byName) {
    this.byName = byName;
  }

  public static Emoji load() {
    try (InputStream list = Emoji.class.getResourceAsStream(LIST)) {
      if (list == null) {
        throw new IllegalStateException(LIST + " is missing in this build");
      }
      return parse(new String(list.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  private static Emoji parse(String list) {
    Map<String, String> byName = new LinkedHashMap<>();
    Matcher group = GROUP.matcher(list);
    while (group.find()) {
      Matcher entry = ENTRY.matcher(group.group(1));
      while (entry.find()) {
        byName.put(entry.group(2), entry.group(1));
      }
    }
    return new Emoji(byName);
  }

  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /** The emoji of a name, with or without colons, or null. */
  public @Nullable String named(String name) {
    return byName.get(
        name.length() > 2 && name.startsWith(":") && name.endsWith(":")
            ? name.substring(1, name.length() - 1)
            : name);
  }

  /** Puts emoji in place of names between colons that stand for themselves, as {@code :smile:}. */
  public String inText(String text) {
    return SHORT_NAME
        .matcher(text)
        .replaceAll(
            found -> {
              String emoji = byName.get(found.group(1));
              return Matcher.quoteReplacement(emoji == null ? found.group() : emoji);
            });
  }
}
