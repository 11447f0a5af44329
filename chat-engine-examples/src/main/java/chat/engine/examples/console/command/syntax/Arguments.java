package chat.engine.examples.console.command.syntax;

import chat.engine.examples.console.link.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What was typed behind the name of a command, for each of its parameters. Immutable. */
public final class Arguments {
  private static final Pattern TIME = Pattern.compile("([1-9][0-9]{0,3})([smhdw])");

  private final List<List<String>> values;

  private Arguments(List<List<String>> values) {
    this.values = values;
  }

  /**
   * @param rest what stands behind the name
   * @throws Refusal with the usage, if it does not fit the command
   */
  static Arguments parse(Command command, String rest) {
    List<Word> words = Word.split(rest);
    List<List<String>> values = new ArrayList<>();
    int next = 0;
    for (Parameter parameter : command.parameters()) {
      List<String> value = new ArrayList<>();
      if (next < words.size() && parameter.kind().isWholeRest()) {
        value.add(rest.substring(words.get(next).start()).strip());
        next = words.size();
      } else if (parameter.count() == Parameter.Count.SOME) {
        words.subList(next, words.size()).forEach(word -> value.add(word.text()));
        next = words.size();
      } else if (next < words.size()) {
        value.add(words.get(next).text());
        next++;
      }
      if (value.isEmpty() && parameter.count() != Parameter.Count.OPTIONAL) {
        throw misused(command);
      }
      values.add(value);
    }
    if (next < words.size()) {
      throw misused(command);
    }
    return new Arguments(values);
  }

  private static Refusal misused(Command command) {
    return new Refusal("Usage: " + command.usage());
  }

  public boolean has(int parameter) {
    return !values.get(parameter).isEmpty();
  }

  public String text(int parameter) {
    return values.get(parameter).get(0);
  }

  public List<String> all(int parameter) {
    return List.copyOf(values.get(parameter));
  }

  /** A number of at least 1; what it counts or names is in the refusal. */
  public long number(int parameter, String what) {
    String typed = text(parameter);
    try {
      long number = Long.parseLong(typed.startsWith("#") ? typed.substring(1) : typed);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException none) {
      // the same as a number that nothing has
    }
    throw new Refusal(typed + " is not " + what + ".");
  }

  /** The number of a message, as it stands before it on the screen. */
  public long number(int parameter) {
    return number(parameter, "the number of a message: that is what stands first in its line");
  }

  /** A time from now on; null if none was given, or {@code ever}. */
  public @Nullable Duration time(int parameter) {
    if (!has(parameter) || text(parameter).equalsIgnoreCase("ever")) {
      return null;
    }
    Matcher typed = TIME.matcher(text(parameter));
    if (!typed.matches()) {
      throw new Refusal(text(parameter) + " is not a time, such as 10m, 8h, 3d, 1w or ever.");
    }
    long number = Long.parseLong(typed.group(1));
    return switch (typed.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofDays(7 * number);
    };
  }

  /** One of the words that there are for a kind. */
  public String choice(int parameter, Kind kind) {
    String typed = text(parameter).toLowerCase(Locale.ROOT);
    if (!kind.choices().contains(typed)) {
      throw new Refusal(text(parameter) + " is none of " + String.join(", ", kind.choices()) + ".");
    }
    return typed;
  }
}
