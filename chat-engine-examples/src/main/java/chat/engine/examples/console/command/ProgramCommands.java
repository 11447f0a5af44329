package chat.engine.examples.console.command;

import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Commands;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.FileLink;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.screen.Screen;
import chat.engine.examples.console.screen.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All commands together, with those about the program itself. */
public final class ProgramCommands {
  private static final List<String> KEYS =
      List.of(
          "Enter sends. Alt-Enter, or a backslash before Enter, begins a new line; pasted lines stay"
              + " together.",
          "Tab completes commands, names, @names, :emoji: and files. Up and down fetch your earlier"
              + " lines.",
          "Ctrl-C clears the line, Ctrl-D on an empty one leaves. N is the number before a message.");

  private final Screen screen;
  private @Nullable Commands commands;

  private ProgramCommands(Screen screen) {
    this.screen = screen;
  }

  /**
   * @param draft makes a text the next line; throws {@link Refusal} if the terminal cannot
   * @param quit ends the program after this command
   */
  public static Commands all(
      Talk talk, FileLink files, Times times, Consumer<String> draft, Runnable quit) {
    ProgramCommands program = new ProgramCommands(talk.screen());
    List<Command> all = new ArrayList<>();
    all.addAll(new ConversationCommands(talk).all());
    all.addAll(new MessageCommands(talk, draft).all());
    all.addAll(new FileCommands(talk, files).all());
    all.addAll(new SearchCommands(talk).all());
    all.addAll(new PeopleCommands(talk, times).all());
    all.addAll(new GroupCommands(talk).all());
    all.add(
        Command.of(
            "/help",
            "this, or one command of it",
            arguments -> program.help(arguments),
            optional(Kind.COMMAND)));
    all.add(Command.of("/quit", "leave, like Ctrl-D", arguments -> quit.run()));
    Commands commands = new Commands(all);
    program.commands = commands;
    return commands;
  }

  private void help(Arguments arguments) {
    Commands all = commands;
    if (all == null) {
      throw new IllegalStateException("not all commands are known yet");
    }
    if (!arguments.has(0)) {
      all.help().forEach(screen::answer);
      KEYS.forEach(screen::note);
      return;
    }
    String name = arguments.text(0);
    Command command = all.named(name.startsWith("/") ? name : "/" + name);
    if (command == null) {
      throw new Refusal("There is no command " + name + "; /help lists all.");
    }
    screen.answer(all.help(command));
  }
}
