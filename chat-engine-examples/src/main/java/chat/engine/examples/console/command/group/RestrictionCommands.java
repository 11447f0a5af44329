package chat.engine.examples.console.command.group;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Bans and silences of the open group. For its owner and admins. */
final class RestrictionCommands {
  private static final Duration SILENCE = Duration.ofHours(1);

  private final Talk talk;

  RestrictionCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/ban",
            "remove somebody and keep them out, for TIME or good",
            this::ban,
            one(Kind.MEMBER),
            optional(Kind.TIME)),
        Command.of(
            "/unban",
            "let somebody be added or join again",
            arguments -> talk.ask(request("unban", arguments)),
            one(Kind.PERSON)),
        Command.of("/bans", "list who is banned from this group", arguments -> list()),
        Command.of(
            "/silence",
            "let a member read but not write, for an hour or TIME",
            this::silence,
            one(Kind.MEMBER),
            optional(Kind.TIME)),
        Command.of(
            "/unsilence",
            "let a member write again",
            arguments -> talk.ask(request("silence", arguments).putNull("until")),
            one(Kind.MEMBER)));
  }

  private ObjectNode request(String type, Arguments arguments) {
    return talk.request(type, talk.openGroup()).put("username", arguments.text(0));
  }

  private void ban(Arguments arguments) {
    ObjectNode request = request("ban", arguments);
    Duration time = arguments.time(1);
    if (time != null) {
      request.put("until", talk.times().after(time));
    }
    talk.ask(request);
  }

  private void silence(Arguments arguments) {
    Duration time = arguments.has(1) ? arguments.time(1) : SILENCE;
    talk.ask(request("silence", arguments).put("until", talk.times().after(time)));
  }

  private void list() {
    talk.pages().show(talk.request("bans", talk.openGroup()), (reply, last) -> show(reply));
  }

  private String show(JsonNode reply) {
    String name = "";
    for (JsonNode ban : reply.get("bans")) {
      name = ban.get("username").asString();
      String until = ban.path("until").asString("");
      talk.screen()
          .answer(
              name
                  + "  banned by "
                  + talk.named(ban.get("by").asString())
                  + talk.times().until(until));
    }
    if (name.isEmpty()) {
      talk.screen().answer("Nobody is banned.");
    }
    return name;
  }
}
