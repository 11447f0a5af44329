package chat.engine.examples.console.command.message;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reactions to messages of the open conversation. */
final class ReactionCommands {
  private static final Pattern NAME = Pattern.compile("[\\w:]+");

  private final Talk talk;

  ReactionCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/react",
            "react to message N, with an emoji or its name",
            arguments -> react(arguments, true),
            one(Kind.MESSAGE),
            one(Kind.EMOJI)),
        Command.of(
            "/unreact",
            "take a reaction back",
            arguments -> react(arguments, false),
            one(Kind.MESSAGE),
            one(Kind.EMOJI)),
        Command.of(
            "/reactions",
            "list who reacted to message N",
            arguments -> reactions(arguments.number(0)),
            one(Kind.MESSAGE)));
  }

  private void react(Arguments arguments, boolean on) {
    String typed = arguments.text(1);
    String named = talk.emoji().named(typed);
    if (named == null && NAME.matcher(typed).matches()) {
      throw new Refusal(
          "There is no emoji " + typed + "; Tab behind a letter lists those with it.");
    }
    String emoji = named == null ? typed : named;
    long seq = arguments.number(0);
    ObjectNode reply = talk.ask(talk.request("react", seq).put("emoji", emoji).put("on", on));
    talk.screen()
        .note(
            (on ? "You reacted with " : "You took back ")
                + emoji
                + " to message "
                + seq
                + " ("
                + reply.get("count").asLong()
                + " in all).");
  }

  private void reactions(long seq) {
    JsonNode reactions = talk.ask(talk.request("reactions", seq)).get("reactions");
    if (reactions.isEmpty()) {
      talk.screen().answer("Nobody reacted to message " + seq + ".");
    }
    for (JsonNode reaction : reactions) {
      List<String> emoji = new ArrayList<>();
      reaction.get("emoji").forEach(one -> emoji.add(one.asString()));
      talk.screen().answer(reaction.get("username").asString() + "  " + String.join(" ", emoji));
    }
  }
}
