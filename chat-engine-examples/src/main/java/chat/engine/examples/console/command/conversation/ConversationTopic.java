package chat.engine.examples.console.command.conversation;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Topic;
import java.util.ArrayList;
import java.util.List;

/** What can be done with conversations. */
public final class ConversationTopic {
  private ConversationTopic() {}

  public static Topic of(Talk talk) {
    List<Command> all = new ArrayList<>(new ConversationCommands(talk).all());
    all.addAll(new ViewCommands(talk).all());
    return new Topic("Conversations", all);
  }
}
