package chat.engine.examples.console.command.group;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Who may do what in the open group. For its owner. */
final class RoleCommands {
  private final Talk talk;

  RoleCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        role("/promote", "make a member an admin of this group", "admin"),
        role("/demote", "make an admin a plain member again", "member"),
        role("/handover", "make a member the owner; you become an admin", "owner"));
  }

  private Command role(String name, String purpose, String role) {
    return Command.of(name, purpose, arguments -> set(arguments, role), one(Kind.MEMBER));
  }

  private void set(Arguments arguments, String role) {
    ObjectNode request = talk.request("set_role", talk.openGroup()).put("role", role);
    Talk.putAll(request, "members", List.of(arguments.text(0)));
    talk.ask(request);
  }
}
