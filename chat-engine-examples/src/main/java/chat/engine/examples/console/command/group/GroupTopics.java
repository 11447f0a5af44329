package chat.engine.examples.console.command.group;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Topic;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** What can be done with groups. */
public final class GroupTopics {
  private GroupTopics() {}

  /**
   * @param page where the page of the server is, for the links to it
   */
  public static List<Topic> of(Talk talk, URI page) {
    List<Command> groups = new ArrayList<>(new GroupCommands(talk).all());
    groups.addAll(new InviteCommands(talk, page).all());
    List<Command> moderation = new ArrayList<>(new RoleCommands(talk).all());
    moderation.addAll(new RestrictionCommands(talk).all());
    return List.of(new Topic("Groups", groups), new Topic("Moderation", moderation));
  }
}
