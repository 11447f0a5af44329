package chat.engine.examples.console.command.message;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Topic;
import chat.engine.examples.console.link.FileLink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What can be done with messages and files. */
public final class MessageTopics {
  private MessageTopics() {}

  /**
   * @param draft makes a text the next line; throws {@link
   *     chat.engine.examples.console.link.Refusal} if the terminal cannot
   */
  public static List<Topic> of(Talk talk, FileLink files, Consumer<String> draft) {
    List<Command> messages = new ArrayList<>(new MessageCommands(talk, draft).all());
    messages.addAll(new ReactionCommands(talk).all());
    messages.addAll(new PinCommands(talk).all());
    messages.addAll(new FileCommands(talk, files).all());
    return List.of(
        new Topic("Messages", messages), new Topic("Search", new SearchCommands(talk).all()));
  }
}
