package chat.engine.examples.console.command.conversation;

import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.model.Conversation;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** How the user sees the open conversation, on all devices. Nobody else learns of it. */
final class ViewCommands {
  private final Talk talk;

  ViewCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/mute",
            "print no news of this conversation, for TIME or good",
            this::mute,
            optional(Kind.TIME)),
        Command.of(
            "/unmute",
            "print news of this conversation again",
            a -> set("is not muted any more", this::unmuted)),
        Command.of(
            "/archive",
            "hide this conversation until a message comes",
            a -> set("is archived", request -> request.put("archived", true))),
        Command.of(
            "/unarchive",
            "list this conversation again",
            a -> set("is not archived any more", request -> request.put("archived", false))),
        Command.of(
            "/pintalk",
            "pin this conversation: /talks lists it last",
            a -> set("is pinned", request -> request.put("pinned", true))),
        Command.of(
            "/unpintalk",
            "unpin this conversation",
            a -> set("is not pinned any more", request -> request.put("pinned", false))),
        Command.of(
            "/unread",
            "mark this as unread, from message N on, and close it",
            this::unread,
            optional(Kind.MESSAGE)));
  }

  private void mute(Arguments arguments) {
    Duration time = arguments.time(0);
    String until = talk.times().after(time);
    set("is muted" + talk.times().until(until), request -> request.put("muted_until", until));
  }

  private void unmuted(ObjectNode request) {
    request.putNull("muted_until");
  }

  private void set(String outcome, Consumer<ObjectNode> change) {
    Conversation here = talk.open();
    ObjectNode request = talk.request("preferences", here);
    change.accept(request);
    here.setView(talk.ask(request));
    talk.screen().answer(here.label() + " " + outcome + ".");
  }

  private void unread(Arguments arguments) {
    Conversation here = talk.open();
    long from = arguments.has(0) ? arguments.number(0) : here.latest();
    if (from == 0) {
      throw new Refusal("Nothing was written to " + here.label() + " yet.");
    }
    here.setView(talk.ask(talk.request("preferences", here).put("unread_from", from)));
    here.setUnread(Math.max(1, here.latest() - from + 1));
    talk.conversations().close();
    talk.screen().answer(here.label() + " is unread from message " + from + " on.");
  }
}
