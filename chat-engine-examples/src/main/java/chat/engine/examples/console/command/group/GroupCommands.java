package chat.engine.examples.console.command.group;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;
import static chat.engine.examples.console.command.syntax.Parameter.some;

import chat.engine.examples.console.command.LookUp;
import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.model.Conversation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        Command.of(
            "/members",
            "list the members, who is online, and what they may do",
            arguments -> members()),
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
            "/about", "show what this group is about, or say it", this::about, optional(Kind.TEXT)),
        Command.of(
            "/slow",
            "let members write only once in TIME, or again freely",
            this::slow,
            optional(Kind.TIME)),
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
    talk.open(made);
  }

  private void change(String type, List<String> members) {
    ObjectNode request = talk.request(type, talk.openGroup());
    Talk.putAll(request, "members", members);
    talk.ask(request);
  }

  private void members() {
    talk.pages().show(talk.request("members", talk.openGroup()), (reply, last) -> show(reply));
  }

  private String show(JsonNode reply) {
    List<String> names = new ArrayList<>();
    reply.get("members").forEach(member -> names.add(member.get("username").asString()));
    Map<String, Boolean> online = talk.lookUp().online(names);
    Map<String, String> displayed = talk.lookUp().displayNames(names);
    for (JsonNode member : reply.get("members")) {
      String name = member.get("username").asString();
      String role = member.get("role").asString();
      talk.screen()
          .answer(
              (online.getOrDefault(name, name.equals(talk.me())) ? "● " : "○ ")
                  + LookUp.called(name, displayed)
                  + (role.equals("member") ? "" : "  " + role)
                  + silenced(member.path("silenced_until").asString("")));
    }
    return names.isEmpty() ? "" : names.get(names.size() - 1);
  }

  private String silenced(String until) {
    return until.isEmpty() || talk.times().isOver(until)
        ? ""
        : "  silenced" + talk.times().until(until);
  }

  private void about(Arguments arguments) {
    Conversation group = talk.openGroup();
    if (arguments.has(0)) {
      talk.ask(talk.request("update_group", group).put("description", arguments.text(0)));
    } else {
      String description = group.description();
      talk.screen()
          .answer(
              description.isEmpty()
                  ? "Nothing is said about " + group.label() + "."
                  : group.label() + ": " + description);
    }
  }

  private void slow(Arguments arguments) {
    Duration time = arguments.time(0);
    talk.ask(
        talk.request("update_group", talk.openGroup())
            .put("slow_mode_seconds", time == null ? 0 : time.toSeconds()));
  }
}
