package chat.engine.examples.console;

import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.conversation.ConversationTopic;
import chat.engine.examples.console.command.group.GroupTopics;
import chat.engine.examples.console.command.message.MessageTopics;
import chat.engine.examples.console.command.person.PeopleTopics;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Commands;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.command.syntax.Topic;
import chat.engine.examples.console.link.Account;
import chat.engine.examples.console.link.FileLink;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.screen.Screen;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All commands together, with those about the program itself. */
public final class ProgramCommands {
  private static final List<String> KEYS =
      List.of(
          "/help COMMAND or /help TOPIC tells more, as /help /mute or /help groups.",
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
   * @param page where the page of the server is
   * @param draft makes a text the next line; throws {@link Refusal} if the terminal cannot
   * @param quit ends the program after this command
   */
  public static Commands all(
      Talk talk, FileLink files, Account account, URI page, Consumer<String> draft, Runnable quit) {
    ProgramCommands program = new ProgramCommands(talk.screen());
    List<Topic> topics = new ArrayList<>();
    topics.add(ConversationTopic.of(talk));
    topics.addAll(MessageTopics.of(talk, files, draft));
    topics.addAll(PeopleTopics.of(talk, account));
    topics.addAll(GroupTopics.of(talk, page));
    topics.add(program.topic(quit));
    Commands commands = new Commands(topics);
    program.commands = commands;
    return commands;
  }

  private Topic topic(Runnable quit) {
    return new Topic(
        "Program",
        List.of(
            Command.of(
                "/help",
                "tell about a command or a topic; all lists everything",
                this::help,
                optional(Kind.COMMAND)),
            Command.of("/quit", "leave, like Ctrl-D", arguments -> quit.run())));
  }

  private void help(Arguments arguments) {
    Commands all = commands;
    if (all == null) {
      throw new IllegalStateException("not all commands are known yet");
    }
    if (!arguments.has(0)) {
      all.overview().forEach(screen::answer);
      KEYS.forEach(screen::note);
      return;
    }
    String name = arguments.text(0);
    Topic topic = all.topic(name);
    Command command = all.named(name.startsWith("/") ? name : "/" + name);
    if (name.equalsIgnoreCase("all")) {
      all.help().forEach(screen::answer);
    } else if (topic != null) {
      all.help(topic).forEach(screen::answer);
    } else if (command != null) {
      screen.answer(all.help(command));
    } else {
      throw new Refusal("There is no command " + name + "; /help lists all.");
    }
  }
}
