package chat.engine.examples.console.command.person;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Whom one does not want to hear of. Nobody is told. */
final class BlockCommands {
  private final Talk talk;

  BlockCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/block",
            "get nothing more from somebody, who is not told",
            arguments -> set("block", arguments, " is blocked."),
            one(Kind.PERSON)),
        Command.of(
            "/unblock",
            "let somebody write to you again",
            arguments -> set("unblock", arguments, " is not blocked any more."),
            one(Kind.PERSON)),
        Command.of("/blocked", "list whom you have blocked", arguments -> list()));
  }

  private void set(String type, Arguments arguments, String outcome) {
    String name = arguments.text(0);
    talk.ask(Link.request(type).put("username", name));
    talk.screen().answer(name + outcome);
  }

  private void list() {
    talk.pages().show(Link.request("blocked"), (reply, last) -> show(reply));
  }

  private String show(JsonNode reply) {
    String name = "";
    for (JsonNode blocked : reply.get("usernames")) {
      name = blocked.asString();
      talk.screen().answer(name);
    }
    if (name.isEmpty()) {
      talk.screen().answer("You have blocked nobody.");
    }
    return name;
  }
}
