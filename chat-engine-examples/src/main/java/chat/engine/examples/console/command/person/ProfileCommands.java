package chat.engine.examples.console.command.person;

import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.link.Refusal;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How people are shown. */
final class ProfileCommands {
  private final Talk talk;

  ProfileCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/profile",
            "show how somebody is shown; alone, how you are",
            arguments -> show(arguments.has(0) ? arguments.text(0) : talk.me()),
            optional(Kind.PERSON)),
        Command.of(
            "/name",
            "be shown by a name; alone, by your username again",
            arguments -> set("display_name", arguments),
            optional(Kind.NEW_NAME)),
        Command.of(
            "/picture",
            "be shown with a picture, by its address, or without",
            arguments -> set("avatar_url", arguments),
            optional(Kind.URL)));
  }

  private void show(String username) {
    ObjectNode request = Link.request("profiles");
    Talk.putAll(request, "usernames", List.of(username));
    JsonNode profiles = talk.ask(request).get("profiles");
    if (profiles.isEmpty()) {
      throw new Refusal("There is nobody called " + username + ".");
    }
    tell(profiles.get(0));
  }

  private void set(String field, Arguments arguments) {
    tell(
        talk.ask(
            Link.request("set_profile").put(field, arguments.has(0) ? arguments.text(0) : null)));
  }

  private void tell(JsonNode profile) {
    String username = profile.get("username").asString();
    String name = profile.path("display_name").asString("");
    String picture = profile.path("avatar_url").asString("");
    talk.screen()
        .answer(
            (username.equals(talk.me()) ? "You are" : username + " is")
                + (name.isEmpty() ? " shown by username" : " shown as " + name)
                + (picture.isEmpty() ? ", without a picture" : ", with the picture " + picture)
                + (profile.has("bot") ? "; it is a bot." : "."));
  }
}
