package chat.engine.examples.console.command.syntax;

import java.util.List;
import java.util.stream.Collectors;

/** Commands that belong together in the help. */
public record Topic(String title, List<Command> commands) {
  private static final int TITLE_WIDTH = 15;
  private static final int WIDTH = 80;

  public Topic {
    commands = List.copyOf(commands);
  }

  /** The title and the names of the commands, in lines that fit a terminal of 80 columns. */
  String overview() {
    StringBuilder overview = new StringBuilder();
    StringBuilder line = new StringBuilder(title + " ".repeat(TITLE_WIDTH - title.length()));
    for (String name : commands.stream().map(Command::name).collect(Collectors.toList())) {
      if (line.length() + name.length() > WIDTH) {
        overview.append(line.toString().stripTrailing()).append('\n');
        line = new StringBuilder(" ".repeat(TITLE_WIDTH));
      }
      line.append(name).append(' ');
    }
    return overview.append(line.toString().stripTrailing()).toString();
  }
}
