package chat.engine.examples.console.command.message;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Messages that are pinned in the open conversation. */
final class PinCommands {
  private final Talk talk;

  PinCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/pin",
            "pin message N, for all",
            arguments -> talk.ask(talk.request("pin", arguments.number(0))),
            one(Kind.MESSAGE)),
        Command.of(
            "/unpin",
            "unpin message N",
            arguments -> talk.ask(talk.request("unpin", arguments.number(0))),
            one(Kind.MESSAGE)),
        Command.of("/pins", "show what is pinned here", arguments -> pins()));
  }

  private void pins() {
    JsonNode pins = talk.ask(talk.request("pins", talk.open())).get("pins");
    if (pins.isEmpty()) {
      talk.screen().answer("Nothing is pinned here.");
    }
    for (JsonNode pin : pins) {
      talk.open().see(pin.get("message"));
      talk.screen().message(pin.get("message"), "");
    }
  }
}
