package chat.server.admin.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import chat.server.json.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/**
 * {@code chat-server.jar admin}: the settings of the server say which database; all other words are
 * a command. For one thread.
 */
@Command(
    name = "chat-server admin",
    subcommands = HelpCommand.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Commands for operators. They work on the database, also while nodes run on it.",
      "Which one is told as to the server: by --database-url, --data-dir, CHAT_DATABASE_URL, --config"
          + " and so on, before or behind the command."
    })
public final class AdminCommandLine implements Runnable {
  private static final int WRONG_USAGE = 2;

  private final Settings settings;
  private final Map<String, String> environment;
  private final String version;
  private final InputStream in;
  private final PrintStream out;

  private AdminCommandLine(
      Settings settings,
      Map<String, String> environment,
      String version,
      InputStream in,
      PrintStream out) {
    this.settings = settings;
    this.environment = environment;
    this.version = version;
    this.in = in;
    this.out = out;
  }

  /**
   * Runs a command.
   *
   * @param words without {@code admin}
   * @param version of this program, in words
   * @return 0; 1 if it failed or was refused, 2 for a word that it does not know
   */
  public static int run(
      String[] words,
      Map<String, String> environment,
      String version,
      InputStream in,
      PrintStream out,
      PrintStream err) {
    SettingsParser.Parsed parsed;
    try {
      parsed = SettingsParser.parseAmongOthers(words, environment);
    } catch (SettingsParser.InvalidSettingsException wrong) {
      err.println(wrong.getMessage());
      return WRONG_USAGE;
    }
    AdminCommandLine line = new AdminCommandLine(parsed.settings(), environment, version, in, out);
    List<String> command = new ArrayList<>(parsed.others());
    if (parsed.help() || command.isEmpty()) {
      command.add(0, "help");
    }
    return line.execute(command, err);
  }

  /** Each command is a method of the object of its group, so the group executes it. */
  private int execute(List<String> words, PrintStream err) {
    CommandLine known = new CommandLine(this);
    for (AdminCommands group : groups()) {
      CommandLine commands = new CommandLine(group);
      if (!words.get(0).equals("help")
          && words.stream().anyMatch(commands.getSubcommands()::containsKey)) {
        return prepared(commands, err).execute(words.toArray(String[]::new));
      }
      commands.getSubcommands().forEach(known::addSubcommand);
    }
    return prepared(known, err).execute(words.toArray(String[]::new)); // help, or a mistake
  }

  private List<AdminCommands> groups() {
    return List.of(
        new UserCommands(this),
        new ConversationCommands(this),
        new AnnouncementCommands(this),
        new DeploymentCommands(this));
  }

  private CommandLine prepared(CommandLine commands, PrintStream err) {
    return commands
        .setUsageHelpAutoWidth(true)
        .setOut(new PrintWriter(out, true, UTF_8))
        .setErr(new PrintWriter(err, true, UTF_8))
        .setParameterExceptionHandler(
            (mistake, words) -> {
              err.println(SettingsParser.shown(mistake));
              mistake.getCommandLine().usage(err);
              return WRONG_USAGE;
            })
        .setExecutionExceptionHandler(
            (fault, command, result) -> {
              err.println(words(fault));
              return AdminCommands.FAILED;
            });
  }

  private static String words(Exception fault) {
    if (fault instanceof IOException) {
      return String.valueOf(fault.getMessage());
    }
    ApiException refusal = ApiException.from(fault);
    return refusal.error() == chat.server.json.ApiError.INTERNAL
        ? fault.toString()
        : refusal.error().wireName() + ": " + refusal.getMessage();
  }

  @Override
  public void run() {
    CommandLine.usage(this, out);
  }

  Settings settings() {
    return settings;
  }

  Map<String, String> environment() {
    return environment;
  }

  String version() {
    return version;
  }

  InputStream in() {
    return in;
  }

  PrintStream out() {
    return out;
  }
}
