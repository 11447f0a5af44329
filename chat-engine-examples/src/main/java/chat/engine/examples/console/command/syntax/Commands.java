package chat.engine.examples.console.command.syntax;

import chat.engine.examples.console.link.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All commands, in the order of the help. Immutable. */
public final class Commands {
  private static final int MOST_TYPOS = 2;

  private final List<Topic> topics;
  private final List<Command> commands;
  private final int usageWidth;

  public Commands(List<Topic> topics) {
    this.topics = List.copyOf(topics);
    this.commands = topics.stream().flatMap(topic -> topic.commands().stream()).toList();
    this.usageWidth = commands.stream().mapToInt(c -> c.usage().length()).max().orElse(0);
  }

  public List<Command> all() {
    return commands;
  }

  public List<Topic> topics() {
    return topics;
  }

  /** Null if there is none of this title. */
  public @Nullable Topic topic(String title) {
    return topics.stream()
        .filter(topic -> topic.title().equalsIgnoreCase(title))
        .findFirst()
        .orElse(null);
  }

  public @Nullable Command named(String name) {
    return commands.stream()
        .filter(command -> command.name().equalsIgnoreCase(name))
        .findFirst()
        .orElse(null);
  }

  /**
   * Whether a line is a command. One that begins with two slashes is a text that begins with one.
   */
  public static boolean isCommand(String line) {
    return line.startsWith("/") && !line.startsWith("//");
  }

  /**
   * Runs a line that is a command.
   *
   * @throws Refusal if it cannot be done
   */
  public void run(String line) {
    String name = nameIn(line);
    Command command = named(name);
    if (command == null) {
      throw new Refusal("There is no command " + name + "." + suggestion(name));
    }
    command.action().run(Arguments.parse(command, line.substring(name.length())));
  }

  /** The first word of a line. */
  static String nameIn(String line) {
    int end = 0;
    while (end < line.length() && !Character.isWhitespace(line.charAt(end))) {
      end++;
    }
    return line.substring(0, end);
  }

  private String suggestion(String name) {
    return commands.stream()
        .map(Command::name)
        .filter(known -> typos(known, name) <= MOST_TYPOS || known.startsWith(name))
        .min(Comparator.comparingInt(known -> typos(known, name)))
        .map(known -> " Did you mean " + known + "?")
        .orElse(" /help lists all; two slashes begin a text that begins with one.");
  }

  /**
   * How many letters are wrong, missing, superfluous, or changed places with the next one (the
   * optimal string alignment distance, after Damerau 1964).
   */
  private static int typos(String one, String other) {
    int[][] cost = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        boolean same = one.charAt(i - 1) == other.charAt(j - 1);
        int least = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
        least = Math.min(least, cost[i - 1][j - 1] + (same ? 0 : 1));
        if (i > 1
            && j > 1
            && one.charAt(i - 1) == other.charAt(j - 2)
            && one.charAt(i - 2) == other.charAt(j - 1)) {
          least = Math.min(least, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = least;
      }
    }
    return cost[one.length()][other.length()];
  }

  /** The topics with the names of their commands; short enough for a small terminal. */
  public List<String> overview() {
    return topics.stream().flatMap(topic -> topic.overview().lines()).toList();
  }

  /** All topics: their titles, and one line for each command. */
  public List<String> help() {
    List<String> lines = new ArrayList<>();
    for (Topic topic : topics) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.addAll(help(topic));
    }
    return lines;
  }

  public List<String> help(Topic topic) {
    List<String> lines = new ArrayList<>(List.of(topic.title() + ":"));
    topic.commands().forEach(command -> lines.add(help(command)));
    return lines;
  }

  public String help(Command command) {
    return command.usage()
        + " ".repeat(usageWidth - command.usage().length() + 2)
        + command.purpose();
  }
}
