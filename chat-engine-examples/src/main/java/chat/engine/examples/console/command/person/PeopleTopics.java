package chat.engine.examples.console.command.person;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Topic;
import chat.engine.examples.console.link.Account;
import java.util.ArrayList;
import java.util.List;

/** What can be done about people, and about oneself. */
public final class PeopleTopics {
  private PeopleTopics() {}

  public static List<Topic> of(Talk talk, Account account) {
    List<Command> people = new ArrayList<>(new PeopleCommands(talk).all());
    people.addAll(new BlockCommands(talk).all());
    List<Command> you = new ArrayList<>(new ProfileCommands(talk).all());
    you.addAll(new PrivacyCommands(talk).all());
    you.addAll(new LoginCommands(talk, account).all());
    return List.of(new Topic("People", people), new Topic("You", you));
  }
}
