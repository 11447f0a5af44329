package chat.engine.examples.console.command;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.some;

import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.model.Conversation;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Groups and their members. Events tell all members what came of it. */
final class GroupCommands {
  private final Talk talk;

  GroupCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/group",
            "create a group of contacts",
            arguments -> create(arguments.text(0), arguments.all(1)),
            one(Kind.GROUP_NAME),
            some(Kind.PERSON)),
        Command.of("/members", "list the members of this group", arguments -> members()),
        Command.of(
            "/invite",
            "add contacts to this group",
            arguments -> change("add_members", arguments.all(0)),
            some(Kind.PERSON)),
        Command.of(
            "/remove",
            "remove members from this group",
            arguments -> change("remove_members", arguments.all(0)),
            some(Kind.MEMBER)),
        Command.of(
            "/rename",
            "give this group another name",
            arguments ->
                talk.ask(
                    talk.request("rename_group", talk.openGroup()).put("name", arguments.text(0))),
            one(Kind.NEW_NAME)),
        Command.of(
            "/leave",
            "leave this group",
            arguments -> talk.ask(talk.request("leave", talk.openGroup()))));
  }

  private void create(String name, List<String> members) {
    ObjectNode request = Link.request("create_group").put("name", name);
    Talk.putAll(request, "members", members);
    ObjectNode reply = talk.ask(request);
    Conversation made =
        talk.conversations()
            .known(reply.get("conversation_id").asString(), reply.get("name").asString(), true);
    talk.conversations().open(made);
    talk.reading().learnMembers(made);
    talk.screen().note("You write to " + made.label() + " now.");
  }

  private void change(String type, List<String> members) {
    ObjectNode request = talk.request(type, talk.openGroup());
    Talk.putAll(request, "members", members);
    talk.ask(request);
  }

  private void members() {
    JsonNode members = talk.ask(talk.request("members", talk.openGroup())).get("members");
    for (JsonNode member : members) {
      String role = member.get("role").asString();
      talk.screen()
          .answer(member.get("username").asString() + (role.equals("member") ? "" : "  " + role));
    }
  }
}
